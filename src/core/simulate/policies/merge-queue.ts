import {
  type Field,
  leftOf,
  type Move,
  type Policy,
  policyOf,
  type SimBuild,
  sameNumbers,
  startBehind,
} from '../field.ts';

interface Rules {
  /** Up to the furthest that passed, whatever those ahead of it said. */
  readonly headGreen: boolean;
  /** A failure takes a change out at once, though one ahead of it may be at fault. */
  readonly eager: boolean;
}

const mostAtOnce = 20;

function buildsOf(field: Field, entries: readonly number[]): readonly (SimBuild | undefined)[] {
  const byLast = new Map([...field.builds.values()].map((build) => [build.members.at(-1), build]));
  return entries.map((number, at) => {
    const build = byLast.get(number);
    return build && sameNumbers(leftOf(build, field) ?? [], entries.slice(0, at + 1)) ? build : undefined;
  });
}

function landable({ headGreen }: Rules, builds: readonly (SimBuild | undefined)[]): number {
  if (headGreen) return builds.findLastIndex((build) => build?.state === 'passed') + 1;
  const first = builds.findIndex((build) => build?.state !== 'passed');
  return first === -1 ? builds.length : first;
}

function failing({ eager }: Rules, builds: readonly (SimBuild | undefined)[]): number {
  const at = builds.findIndex((build) => build?.state === 'failed');
  return eager || builds.slice(0, at).every((build) => build?.state === 'passed') ? at : -1;
}

/** What is tested on another ground than it would land on is ended, and tested anew. */
function rebuild(field: Field, entries: readonly number[], builds: readonly (SimBuild | undefined)[], count: number) {
  const kept = new Set(builds.flatMap((build) => build?.key ?? []));
  const drops = [...field.builds.keys()].filter((key) => !kept.has(key));
  const starts = entries.flatMap((number, at) =>
    builds[at] ? [] : [startBehind(`${count}/${number}`, entries.slice(0, at), number)],
  );
  return [...drops.map((key): Move => ({ kind: 'drop', key })), ...starts];
}

/** GitHub's merge queue as its documentation tells it: every entry is tested on all entries ahead, the failing ones included. */
export function mergeQueue(name: string, about: string, rules: Rules): Policy {
  return policyOf<number>({
    name,
    about,
    begin: () => 0,
    decide: (count, field) => {
      const entries = field.waiting.slice(0, Math.min(mostAtOnce, field.slots)).map(({ number }) => number);
      const builds = buildsOf(field, entries);
      const green = landable(rules, builds);
      if (green > 0) return { state: count, moves: [{ kind: 'land', changes: entries.slice(0, green) }] };
      const red = entries[failing(rules, builds)];
      if (red !== undefined) return { state: count, moves: [{ kind: 'reject', change: red }] };
      return { state: count + 1, moves: rebuild(field, entries, builds, count) };
    },
  });
}

const plain = { headGreen: false, eager: false };

export const mergeQueues: readonly Policy[] = [
  mergeQueue('github', 'merge queue, ALLGREEN: each on all ahead, out once those ahead passed', plain),
  mergeQueue('github-headgreen', 'merge queue, HEADGREEN: lands up to the furthest that passed', {
    ...plain,
    headGreen: true,
  }),
  mergeQueue('github-eager', 'merge queue, ALLGREEN, a failure is out at once', { ...plain, eager: true }),
];
