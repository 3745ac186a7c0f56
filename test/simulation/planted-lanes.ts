import type { Mutant, Patch, Shows } from './mutant.ts';

type Change = readonly [file: string, from: string, to: string];

const several: Shows = ({ pulls }) => pulls >= 4;
const locking: Shows = (knobs, story) => several(knobs, story) && story.some(({ word }) => word.startsWith('lock '));
const crowded: (knobs: Parameters<Shows>[0]) => boolean = ({ queues }) => queues?.bestFirst?.together === true;
const hidden: Shows = ({ queues }) => queues?.hidden === true;
const renamed: Shows = ({ queues }, story) =>
  queues?.renames === true &&
  queues.bestFirst?.batches === true &&
  story.filter(({ word }) => word.startsWith('odd ')).length >= 2;
const moving: Shows = (knobs, story) => several(knobs, story) && knobs.rates.directPush > 0;

function within(name: string, what: string, shows: Shows, ...changes: readonly Change[]): Mutant {
  const patches: readonly Patch[] = changes.map(([file, from, to]) => ({ file: `core/gate/${file}`, from, to }));
  return { name, what, kind: 'lanes', shows, planted: {}, patches };
}

/** Faults of landing what was tested on another tree (scheduling.md §5 "Base moved by a disjoint landing"), and of the runs of all jobs on it. */
export const laneMutants: readonly Mutant[] = [
  within('lanes-uncompared', 'what passed lands on any tree, whatever its jobs read there', moving, [
    'lanes/why-other.ts',
    'if (because !== null) return because;',
    '',
  ]),
  within('lanes-barrier', 'lock files and the configuration count as read by nobody', locking, [
    'lanes/barriers.ts',
    'return names.has(',
    'return false && names.has(',
  ]),
  within('lanes-blame', 'who failed where the branch was before is rejected though that was red', moving, [
    'best-first/follow.ts',
    'if (failed === null && isToFailThere(following, item)) {',
    'if (failed === null && !isToFailThere) {',
  ]),
  within('lanes-inside', 'what is inside lands in lanes whatever of its jobs ran', (knobs) => crowded(knobs), [
    'best-first/covers.ts',
    'isCovered(inside, candidate) ?',
    '(isCovered(inside, candidate) || true) ?',
  ]),
  within('lanes-renamed', 'a batch made anew is tested for the files that it changed where it was built', renamed, [
    'best-first/batches.ts',
    'changedTogether([changed, anew.changed])',
    'changed',
  ]),
  within(
    'join-newest',
    'whoever landed last broke the branch, without a search',
    (knobs, story) => hidden(knobs, story) && several(knobs, story),
    ['join/search-culprit.ts', 'const good = points[green];', 'const good = points[red - 1];'],
    ['join/search-culprit.ts', 'if (good !== undefined && red - green === 1) {', 'if (good !== undefined) {'],
  ),
  within('join-open', 'lanes stay open while the branch is red', hidden, [
    'join/closed-lanes.ts',
    'return redJobsOf(record).length > 0;',
    'return redJobsOf(record).length < 0;',
  ]),
  within('join-untold', 'who broke the branch is not told', hidden, [
    'join/report-join.ts',
    'if (culprit !== null) on(',
    'if (culprit === undefined) on(',
  ]),
  within('join-once', 'what fails once on the branch is red', (knobs) => (knobs.queues?.bestFirst?.flakes ?? 0) > 0, [
    'join/commit-run.ts',
    'if (fresh.length > 0) return again(fresh, [...run.failed, ...fresh]);',
    '',
  ]),
  within('join-green', 'what failed on the branch is told as green', hidden, [
    'join/commit-run.ts',
    "if (failing.length > 0) return { run, came: { kind: 'red', jobs: failing } };",
    "if (failing.length > 0) return { run, came: { kind: 'green' } };",
  ]),
];
