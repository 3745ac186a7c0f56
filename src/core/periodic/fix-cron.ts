import { definitionDigest } from '../../model/build.ts';
import type { CronLine, CronPart } from './parse-cron.ts';

/** A line with every `H` chosen: the numbers that each field takes, ascending. */
export interface FixedCron {
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  readonly days: readonly number[];
  readonly months: readonly number[];
  /** 0: Sunday. */
  readonly weekdays: readonly number[];
  /** Whatever the hour: an hour that comes twice counts twice, one that is left out is not made up for. */
  readonly anyHour: boolean;
  /** Both days are narrowed: either is enough, as cron has always had it. */
  readonly eitherDay: boolean;
}

/** The same number in `0..size-1` for the same seed, whoever asks. */
function chosen(seed: readonly string[], size: number): number {
  return Number.parseInt(definitionDigest(seed).slice(0, 12), 16) % size;
}

function numbersOf({ from, to, step, hashed }: CronPart, seed: readonly string[]): readonly number[] {
  const size = to - from + 1;
  if (hashed && step === 1) return [from + chosen(seed, size)];
  const first = from + (hashed ? chosen(seed, Math.min(step, size)) : 0);
  return Array.from({ length: Math.floor((to - first) / step) + 1 }, (_, index) => first + index * step);
}

function fix(parts: readonly CronPart[], seed: readonly string[]): readonly number[] {
  const all = parts.flatMap((part, index) => numbersOf(part, [...seed, String(index)]));
  return [...new Set(all)].sort((one, other) => one - other);
}

function isNarrowed(parts: readonly CronPart[]): boolean {
  return !parts.some(({ isAny }) => isAny);
}

/** Chooses what `H` stands for: the same for the same seed, spread between seeds. */
export function fixCron(line: CronLine, seed: string): FixedCron {
  const of = (name: keyof CronLine) => fix(line[name], [seed, name]);
  return {
    minutes: of('minute'),
    hours: of('hour'),
    days: of('day'),
    months: of('month'),
    weekdays: [...new Set(of('weekday').map((day) => day % 7))].sort((one, other) => one - other),
    anyHour: !isNarrowed(line.hour),
    eitherDay: isNarrowed(line.day) && isNarrowed(line.weekday),
  };
}

function list(numbers: readonly number[], least: number, most: number): string {
  return numbers.length === most - least + 1 ? '*' : numbers.join(',');
}

/** The same as a plain line of numbers, as any cron understands it. */
export function plainCron({ minutes, hours, days, months, weekdays, eitherDay }: FixedCron): string {
  const [day, weekday] = [list(days, 1, 31), list(weekdays, 0, 6)];
  const either = eitherDay ? [days.join(','), weekdays.join(',')] : [day, weekday];
  return [list(minutes, 0, 59), list(hours, 0, 23), either[0], list(months, 1, 12), either[1]].join(' ');
}
