import type { StoredSchedule } from '../../../model/best-first.ts';
import type { QueueBranch } from '../../../model/queue.ts';
import { emptyMemory, type LearnedRates, type ScheduleMemory } from '../schedule/memory.ts';

type Kept = Pick<
  StoredSchedule,
  'taken' | 'landings' | 'evidence' | 'passed' | 'met' | 'overtaken' | 'places' | 'released' | 'short' | 'rates'
>;

/** What is not a number yet, as `lastAsked` before anything was asked for, has no JSON. */
function storedRates(rates: LearnedRates): StoredSchedule['rates'] {
  return Object.fromEntries(
    Object.entries(rates).map(([name, value]: [string, number | null]) => [
      name,
      value === null || !Number.isFinite(value) ? null : value,
    ]),
  );
}

function ratesFrom(stored: StoredSchedule['rates']): LearnedRates {
  const first: Readonly<Record<string, number | null>> = { ...emptyMemory.rates };
  const known = Object.keys(first).map((name) => [name, stored[name] ?? first[name]]);
  return Object.fromEntries(known) as unknown as LearnedRates;
}

/** The scheduler's memory as plain data. */
export function storedMemory(memory: ScheduleMemory): Kept {
  return {
    taken: [...memory.taken],
    landings: memory.landings,
    evidence: memory.evidence,
    passed: [...memory.passed],
    met: Object.fromEntries(memory.met),
    overtaken: Object.fromEntries(memory.overtaken),
    places: Object.fromEntries(memory.places),
    released: [...memory.released],
    ...(memory.short === null ? {} : { short: memory.short }),
    rates: storedRates(memory.rates),
  };
}

/** What was kept before gives way to what is to be kept now. */
export function withMemory({ short: _, ...stored }: StoredSchedule, memory: ScheduleMemory): StoredSchedule {
  return { ...stored, ...storedMemory(memory) };
}

/** And back; a rate that it lacks, as an earlier version did not have it, begins anew. */
export function memoryFrom(stored: StoredSchedule): ScheduleMemory {
  return {
    taken: new Set(stored.taken),
    landings: stored.landings,
    evidence: stored.evidence,
    passed: new Set(stored.passed),
    met: new Map(Object.entries(stored.met)),
    overtaken: new Map(Object.entries(stored.overtaken)),
    places: new Map(Object.entries(stored.places)),
    released: new Set(stored.released),
    short: stored.short ?? null,
    rates: ratesFrom(stored.rates),
  };
}

/** Before anything was seen: so many of those asked for turn out well, as most do. */
const usual = { good: 19, bad: 1 };

/** What a queue begins with, or goes on with after its record was lost. */
export function firstSchedule(slots: number, { tip }: Pick<QueueBranch, 'tip'>): StoredSchedule {
  return { slots, tip, landed: [], forgotten: 0, clashes: [], ...usual, ...storedMemory(emptyMemory) };
}

/** What was seen so many changes ago counts little. */
const remembered = 0.98;

/** The rates of what becomes of changes once one more landed or was rejected. */
export function withOutcome(stored: StoredSchedule, outcome: 'good' | 'bad'): StoredSchedule {
  const { good, bad } = { good: stored.good * remembered, bad: stored.bad * remembered };
  return { ...stored, good: good + (outcome === 'good' ? 1 : 0), bad: bad + (outcome === 'bad' ? 1 : 0) };
}

/** That a change of which nothing is known passes by itself, 0 to 1. */
export function priorOf({ good, bad }: Pick<StoredSchedule, 'good' | 'bad'>): number {
  return Math.min(0.99, Math.max(0.5, (good + 0.95) / (good + bad + 1)));
}
