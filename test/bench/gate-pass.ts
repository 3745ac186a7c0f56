import { createHash } from 'node:crypto';
import { unitIdOf } from '../../src/core/gate/best-first/unit-id.ts';
import type { QueueFacts } from '../../src/core/gate/facts.ts';
import { planQueue, type QueuePlan } from '../../src/core/gate/plan-queue.ts';
import { treeKey } from '../../src/core/presubmit/facts.ts';
import type { GateSettings } from '../../src/model/gate-settings.ts';
import type { QueueRecord } from '../../src/model/queue.ts';
import { toSha } from '../../src/model/sha.ts';
import { settings, view } from '../core/gate/entry/entry-fixture.ts';
import { aBranch, anAsked, aRecord, headOf, main, theFacts } from '../core/gate/gate-fixture.ts';
import { aConfig, aJob } from '../fakes/model-data.ts';
import type { BenchOptions, Measurement } from './measurement.ts';
import { type Spread, spreadOf } from './percentiles.ts';
import { inMs, type Result, type Row } from './result.ts';

/** What a pass may take, ms, by how many changes are queued. */
export const passTargets = new Map([
  [200, 50],
  [1_000, 300],
]);

interface PassFigures {
  readonly changes: number;
  readonly ms: Spread;
  readonly perSecond: number;
  /** Letting all of them in, in one pass. */
  readonly enteringMs: number;
}

function derive(words: string) {
  return toSha(createHash('sha1').update(words).digest('hex'));
}

const jobs = ['unit', 'lint', 'image'].map((name) => aJob(name, { pipelines: ['gate'] }));
const tree = { config: { kind: 'usable', config: aConfig(jobs), notes: [] }, kinds: new Map() } as const;
const body = 'What this does and why.\n\nSee https://example.test/issues/1\n\n'.repeat(10);

/** Every twentieth depends on the one before it. */
function askedFor(number: number) {
  const words = number % 20 === 0 ? `${body}Depends-On: #${number - 1}\n` : body;
  return anAsked(number, { view: view({ body: words }, { number, head: headOf(number) }) });
}

/** Plans, with what a plan lacks, until nothing is lacking. */
function planWhole(record: QueueRecord, given: QueueFacts): { readonly plan: QueuePlan; readonly facts: QueueFacts } {
  const made = new Map(given.made);
  const trees = new Map(given.trees);
  const facts = { ...given, made, trees };
  for (;;) {
    const plan = planQueue(record, facts);
    const { wants } = plan;
    if (wants.candidates.length + wants.trees.length === 0) return { plan, facts };
    for (const { key } of wants.candidates) {
      const changed = { known: true, paths: ['api/a.go'] } as const;
      made.set(key, { kind: 'made', commit: derive(key), tree: derive(`tree ${key}`), changed });
    }
    for (const pinned of wants.trees) trees.set(treeKey(pinned), tree);
  }
}

type Scheduler = GateSettings['scheduler'];

function factsWith(scheduler: Scheduler): QueueFacts {
  return theFacts({ branches: new Map([[main, aBranch({ settings: settings({ scheduler }) })]]) });
}

/** Two of five changes fail, and nobody knows which yet: every pair of the first forty failed together (scheduling.md §4). */
function inDoubt({ record }: QueuePlan): QueueRecord {
  if (!record.schedule) return record;
  const first = record.items.slice(0, 40).map(unitIdOf);
  const pairs = first.slice(1).map((unit, at) => ({ members: [first[at] ?? unit, unit], count: 1 }));
  return { ...record, schedule: { ...record.schedule, good: 12, bad: 8, evidence: pairs } };
}

function measurePass(changes: number, turns: number, scheduler: Scheduler): PassFigures {
  const asked = Array.from({ length: changes }, (_, index) => askedFor(index + 1));
  const given = factsWith(scheduler);
  const began = performance.now();
  const entered = planQueue(aRecord({ asked }), given);
  const enteringMs = performance.now() - began;
  const { plan: calm, facts: known } = planWhole(entered.record, given);
  const { plan, facts } = planWhole(inDoubt(calm), known);
  const times: number[] = [];
  for (let turn = 0; turn < turns; turn += 1) {
    const start = performance.now();
    const again = planQueue(plan.record, facts);
    times.push(performance.now() - start);
    if (again.record.items.length !== changes) throw new Error(`${again.record.items.length} of ${changes} are queued`);
  }
  const spent = times.reduce((sum, each) => sum + each, 0);
  return { changes, ms: spreadOf(times), perSecond: (turns * 1_000) / spent, enteringMs };
}

function rowOf({ changes, ms, perSecond, enteringMs }: PassFigures, how: string): Row {
  const target = passTargets.get(changes);
  const kept = target === undefined ? '' : ms.p50 < target ? `, within ${target} ms` : `, MORE THAN ${target} ms`;
  return {
    name: `${changes} changes are queued, ${how}`,
    figure: `a pass ${inMs(ms.p50)} (worst ${inMs(ms.max)})${kept}; ${perSecond.toFixed(1)} passes a second; all entering at once ${inMs(enteringMs)}`,
  };
}

/** How much worse than n·log n it grows: 1 is exactly that, 5 is five times worse. */
function growthOf(small: PassFigures, large: PassFigures): number {
  const expected = (large.changes * Math.log(large.changes)) / (small.changes * Math.log(small.changes));
  return large.ms.p50 / small.ms.p50 / expected;
}

const window: Scheduler = { kind: 'window' };
const ways: readonly { readonly how: string; readonly scheduler: Scheduler }[] = [
  { how: 'by the window', scheduler: window },
  { how: 'best first in 20 slots', scheduler: { kind: 'best-first', slots: 20, prefixes: true } },
  { how: 'best first in 120 slots', scheduler: { kind: 'best-first', slots: 120, prefixes: true } },
];

async function run({ quick, progress }: BenchOptions): Promise<Result> {
  const turns = quick ? 3 : 10;
  measurePass(20, 20, window);
  const measured = ways.map(({ how, scheduler }) => ({
    how,
    passes: [...passTargets.keys()].map((changes) => {
      progress.say(`gate pass: ${changes} changes, ${how}`);
      return measurePass(changes, turns, scheduler);
    }),
  }));
  const all = measured[0]?.passes ?? [];
  const [small, large] = all;
  const growth = small && large ? growthOf(small, large) : Number.NaN;
  return {
    name: 'gate-pass',
    title:
      'One pass over a change queue (20 candidates of 3 jobs each are tested, every twentieth change depends on another)',
    rows: measured.flatMap(({ how, passes }) => passes.map((pass) => rowOf(pass, how))),
    notes: [
      'best first: two of five changes fail, which is the worst case there is, and 39 pairs failed together',
      `by the window: from ${small?.changes} to ${large?.changes} changes a pass grows ${growth.toFixed(2)} times as much as n·log n`,
    ],
    figures: { passes: all, growth, ways: measured },
  };
}

export const gatePass: Measurement = { name: 'gate-pass', run };
