import type { Mutant, Shows } from './mutant.ts';

const batched: Shows = ({ pulls, queues }) => pulls >= 3 && queues?.bestFirst?.batches === true;
const unalike: Shows = (knobs, story) =>
  batched(knobs, story) && ['chain', 'docs', 'both'].includes(knobs.queues?.config ?? '');

type Change = readonly [file: string, from: string, to: string];

function within(name: string, what: string, shows: Shows, ...changes: readonly Change[]): Mutant {
  const patches = changes.map(([file, from, to]) => ({ file: `core/gate/${file}`, from, to }));
  return { name, what, kind: 'batches', shows, planted: {}, patches };
}

/** Faults of testing several by one build (gate.md §6 Batching). */
export const batchMutants: readonly Mutant[] = [
  within(
    'batch-blames',
    'the first of a batch that failed is rejected for that',
    batched,
    [
      'schedule/take-in.ts',
      'evidence: noteFailure(taken.evidence, left)',
      'evidence: build.heads.length > 1 ? noteFailure(taken.evidence, build.heads.slice(0, 1), 9) : noteFailure(taken.evidence, left)',
    ],
    ['best-first/follow.ts', 'return spent.length > 0 || shown.some', 'return true || shown.some'],
  ),
  within(
    'batch-with-gone',
    'what is left of a batch counts as tested though one of it was taken out',
    batched,
    [
      'schedule/land-units.ts',
      'const left = build.included.filter((id) => !ground.hasLanded(id));\n  const gone',
      'const left = build.included.filter((id) => !ground.hasLanded(id) && ground.places.has(id));\n  const gone',
    ],
    ['schedule/land-units.ts', 'if (left.some((id) => !ground.places.has(id))) return true;', ''],
    [
      'best-first/landing-by.ts',
      'const left = build.included.filter((id) => !view.hasLanded(id));',
      'const left = build.included.filter((id) => !view.hasLanded(id) && view.units.some((unit) => unit.id === id));',
    ],
    ['best-first/landing-by.ts', 'if (!standsOn(record, made.parents, ground)) return null;', ''],
  ),
  within(
    'batch-last-files',
    'what a batch runs is chosen by the files of its last change alone',
    unalike,
    [
      'best-first/begin.ts',
      'changedTogether([...tested.map(({ made }) => made.changed), candidate.changed])',
      'changedTogether([candidate.changed])',
    ],
    [
      'best-first/covers.ts',
      'inside.method === candidate.method && isCovered(inside, candidate)',
      'inside.method === candidate.method',
    ],
  ),
  within('batch-cut-off', 'a batch that passed and what came between its changes wait for each other', batched, [
    'schedule/tried.ts',
    ' && !isCutOff(head, build, ground)',
    '',
  ]),
];
