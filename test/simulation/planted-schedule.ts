import type { Mutant, Shows } from './mutant.ts';

const several: Shows = ({ pulls, queues }) => pulls >= 3 && (queues?.bestFirst?.slots ?? 1) > 1;
const flaky: Shows = ({ queues }) => (queues?.bestFirst?.flakes ?? 0) >= 0.1;
const both: Shows = (knobs, story) => several(knobs, story) && flaky(knobs, story);
const outside: Shows = ({ rates }) => rates.directPush + rates.branchReset > 0;
const needing: Shows = (_knobs, story) => story.some(({ word }) => word.includes('needs '));

type Change = readonly [file: string, from: string, to: string];

function within(name: string, what: string, shows: Shows, ...changes: readonly Change[]): Mutant {
  const patches = changes.map(([file, from, to]) => ({ file: `core/gate/${file}`, from, to }));
  return { name, what, kind: 'schedules', shows, planted: {}, patches };
}

/** Faults of scheduling best first, and of landing what it built (scheduling.md §4 "What must be tested as invariants"). */
export const scheduleMutants: readonly Mutant[] = [
  within('any-ground', 'what passed lands, whatever it stands on', several, [
    'best-first/landing-by.ts',
    'if (!standsOn(record, made.parents, ground)) return null;',
    '',
  ]),
  within('no-probation', 'the first failure counts, though it may be a flake', flaky, [
    'schedule/settle-failures.ts',
    'if (probation && certainty < 1 - doubt && count <= mostFailures) return [];',
    '',
  ]),
  within('failure-reused', 'what is tried again keeps the failure that it had', flaky, [
    'best-first/put-builds.ts',
    "status.kind === 'ended' && status.result === 'success'",
    "status.kind === 'ended'",
  ]),
  within(
    'evidence-twice',
    'a failure counts in every pass anew',
    both,
    [
      'schedule/take-in.ts',
      "build.verdict !== 'pending' && !memory.taken.has(build.key)",
      "build.verdict !== 'pending'",
    ],
    // What failed alone is kept where it is seen again.
    ['schedule/tried.ts', 'return left.length <= 1 || !stands ||', 'return !stands ||'],
  ),
  within(
    'superset-reused',
    'who failed together with others is blamed alone',
    several,
    ['schedule/take-in.ts', 'noteFailure(taken.evidence, left)', 'noteFailure(taken.evidence, left.slice(-1), 9)'],
    ['best-first/follow.ts', 'return spent.length > 0 || shown.some', 'return true || shown.some'],
  ),
  within('behind-its-needers', 'what was a flake queues behind those that need it', needing, [
    'schedule/schedule.ts',
    'if (placeOf(unit) <= last && !needed.has(unit.id))',
    'if (placeOf(unit) <= last)',
  ]),
  within('no-moves', 'what somebody else did to the branch is not noticed', outside, [
    'best-first/note-moves.ts',
    'const landed = [...given.landed, outside];',
    'const landed = [...given.landed, outside].slice(0, given.landed.length);',
  ]),
  within('clash-stays', 'what clashed once is never tried again', several, [
    'best-first/follow.ts',
    '.filter(({ on }) => on.length > 0);',
    '.filter(() => true);',
  ]),
  within(
    'needs-forgotten',
    'what needs another is tested and lands without it',
    needing,
    [
      'best-first/follow.ts',
      'build.included.slice(0, at).includes(need) || look.view.hasLanded(need)',
      'need !== null',
    ],
    ['best-first/look.ts', 'needs: needs ?? []', 'needs: []'],
  ),
];
