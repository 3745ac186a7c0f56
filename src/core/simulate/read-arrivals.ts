import { nearestNames } from '../nearest-names.ts';
import type { Arrival } from './arrival.ts';

/** What is wrong with one line (from 1) of an arrivals file, and what to write instead. */
export interface ArrivalProblem {
  readonly line: number;
  readonly message: string;
}

export type ReadArrivals =
  | { readonly kind: 'read'; readonly arrivals: readonly Arrival[] }
  | { readonly kind: 'unusable'; readonly problems: readonly ArrivalProblem[] };

const example = '{"id": "a1", "atMinute": 0, "buildMinutes": 30, "modules": ["api"]}';

interface Field {
  readonly isRight: (value: unknown) => boolean;
  /** What to write, after "write". */
  readonly want: string;
  /** What counts where it is left out; undefined: it may not be. */
  readonly byDefault?: unknown;
}

function isNumber(value: unknown, low: number, high: number): value is number {
  return typeof value === 'number' && value >= low && value <= high;
}

function isWords(value: unknown): boolean {
  return Array.isArray(value) && value.every((word) => typeof word === 'string' && word !== '');
}

const mostMinutes = 1_000_000;

const fields: Readonly<Record<keyof Arrival, Field>> = {
  id: { isRight: (value) => typeof value === 'string' && value !== '', want: 'a name in quotes, as "a1"' },
  atMinute: { isRight: (value) => isNumber(value, 0, mostMinutes), want: 'minutes from the beginning, as 12.5' },
  buildMinutes: {
    isRight: (value) => isNumber(value, Number.MIN_VALUE, mostMinutes),
    want: 'minutes of more than 0, as 30',
  },
  modules: { isRight: isWords, want: 'a list of names, as ["api", "web"]', byDefault: [] },
  failsAlone: { isRight: (value) => typeof value === 'boolean', want: 'true or false', byDefault: false },
  prior: { isRight: (value) => isNumber(value, 0, 1), want: 'a probability from 0 to 1, as 0.95', byDefault: 0.95 },
  conflictsWith: { isRight: isWords, want: 'a list of ids, as ["a2"]', byDefault: [] },
};

const names = Object.keys(fields) as (keyof Arrival)[];

function shown(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}

function parseLine(text: string): Record<string, unknown> | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return `this is no JSON; write one change in one line, as ${example}`;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return `this is ${Array.isArray(value) ? 'a list' : shown(value)}; write one change in one line, as ${example}`;
  return value as Record<string, unknown>;
}

function flawsOf(given: Record<string, unknown>): readonly string[] {
  const unknown = Object.keys(given)
    .filter((key) => !Object.hasOwn(fields, key))
    .map((key) => {
      const [near] = nearestNames(key, names);
      return `unknown key ${shown(key)}; ${near ? `write "${near}"` : `known are ${names.join(', ')}`}`;
    });
  const wrong = names.flatMap((name) => {
    const { isRight, want, byDefault } = fields[name];
    if (!Object.hasOwn(given, name)) return byDefault === undefined ? [`"${name}" is missing; write ${want}`] : [];
    return isRight(given[name]) ? [] : [`"${name}" is ${shown(given[name])}; write ${want}`];
  });
  return [...unknown, ...wrong];
}

function arrivalFrom(given: Record<string, unknown>): Arrival {
  const whole = Object.fromEntries(names.map((name) => [name, given[name] ?? fields[name].byDefault]));
  return whole as unknown as Arrival;
}

/** Ids must be unique, and those that are named must be there. */
function flawsTogether(rows: readonly { readonly line: number; readonly arrival: Arrival }[]): ArrivalProblem[] {
  const lines = new Map<string, number>();
  const problems: ArrivalProblem[] = [];
  for (const { line, arrival } of rows) {
    const first = lines.get(arrival.id);
    if (first === undefined) lines.set(arrival.id, line);
    else problems.push({ line, message: `${shown(arrival.id)} is the id of line ${first} too; give each its own` });
  }
  for (const { line, arrival } of rows) {
    for (const other of arrival.conflictsWith) {
      if (other === arrival.id) problems.push({ line, message: 'it conflicts with itself; write "failsAlone": true' });
      else if (!lines.has(other)) {
        const [near] = nearestNames(other, [...lines.keys()]);
        const hint = near ? `did you mean ${shown(near)}?` : 'name the id of another line, or leave it out';
        problems.push({ line, message: `"conflictsWith" names ${shown(other)}, which no line has; ${hint}` });
      }
    }
  }
  return problems;
}

/** Reads an arrivals file: one change in each line that is not blank, as JSON. All problems at once, by line. */
export function readArrivals(text: string): ReadArrivals {
  const problems: ArrivalProblem[] = [];
  const rows: { line: number; arrival: Arrival }[] = [];
  text.split(/\r?\n/).forEach((content, index) => {
    if (content.trim() === '') return;
    const line = index + 1;
    const given = parseLine(content);
    const flaws = typeof given === 'string' ? [given] : flawsOf(given);
    problems.push(...flaws.map((message) => ({ line, message })));
    if (typeof given !== 'string' && flaws.length === 0) rows.push({ line, arrival: arrivalFrom(given) });
  });
  if (rows.length === 0 && problems.length === 0)
    return { kind: 'unusable', problems: [{ line: 1, message: `there is no change in it; write one, as ${example}` }] };
  // What is missing because its own line is wrong is not told twice.
  if (problems.length === 0) problems.push(...flawsTogether(rows));
  problems.sort((one, other) => one.line - other.line);
  return problems.length > 0
    ? { kind: 'unusable', problems }
    : { kind: 'read', arrivals: rows.map(({ arrival }) => arrival) };
}
