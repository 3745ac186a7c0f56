import type { Mutant, Shows } from './mutant.ts';

const several: Shows = ({ pulls, queues }) => pulls >= 3 && (queues?.bestFirst?.slots ?? 1) > 1;
const flaky: Shows = ({ queues }) => (queues?.bestFirst?.flakes ?? 0) >= 0.1;
const both: Shows = (knobs, story) => several(knobs, story) && flaky(knobs, story);
const prefixes: Shows = (knobs, story) => several(knobs, story) && knobs.queues?.bestFirst?.prefixes === true;
const dying: Shows = (knobs, story) => prefixes(knobs, story) && knobs.rates.severalCrash + knobs.rates.crash > 0;
const unalike: Shows = (knobs, story) =>
  prefixes(knobs, story) &&
  ['chain', 'docs', 'both'].includes(knobs.queues?.config ?? '') &&
  (knobs.queues?.bestFirst?.slots ?? 0) > 2;
const outside: Shows = ({ rates }) => rates.directPush + rates.branchReset > 0;
const needing: Shows = (_knobs, story) => story.some(({ word }) => word.includes('needs '));
const neededFlakes: Shows = (knobs, story) => needing(knobs, story) && flaky(knobs, story);

type Change = readonly [file: string, from: string, to: string];

function within(name: string, what: string, shows: Shows, ...changes: readonly Change[]): Mutant {
  const patches = changes.map(([file, from, to]) => ({ file: `core/gate/${file}`, from, to }));
  return { name, what, kind: 'schedules', shows, planted: {}, patches };
}

/** Conditions are what is read of a change right before it lands, and of all that lands with it. */
const inConditions: Mutant = within(
  'old-conditions',
  'conditions are not read again before a landing',
  ({ queues, rates }) => queues?.bestFirst?.regrets === true && rates.webhookNever > 0,
  [
    'plan-queue.ts',
    'if (facts.now - item.seenAt > freshMs || !facts.views.has(changeIdOf(item))) {',
    'if (facts.now < freshMs) {',
  ],
);

/** Faults of scheduling best first, and of landing what it built (scheduling.md §4 "What must be tested as invariants"). */
export const scheduleMutants: readonly Mutant[] = [
  inConditions,
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
  within('behind-its-needers', 'what was a flake queues behind those that need it', neededFlakes, [
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
    'needs-untested',
    'what needs another is tested and lands without it',
    needing,
    ['best-first/begin.ts', 'included.slice(0, at).includes(need) || look.view.hasLanded(need)', 'need !== null'],
    ['best-first/look.ts', 'needs: needs ?? []', 'needs: []'],
  ),
  within(
    'too-many',
    'twice as many are tested at once as there are slots',
    several,
    ['schedule/desk.ts', 'return view.slots -', 'return 2 * view.slots -'],
    ['best-first/follow.ts', 'Math.max(0, look.view.slots - running.length)', '2 * look.view.slots - running.length'],
  ),
  // The three conditions of gate.md §6 Prefix landing.
  within(
    'prefix-needs',
    'what is inside of a landing may lack what it depends on',
    (knobs, story) => both(knobs, story) && needing(knobs, story),
    ['schedule/land-units.ts', 'hopeless[at] ?? whyWaits(grounds, unit, left)', 'hopeless[at] ?? null'],
    ['schedule/can-be-made.ts', 'holds(need) || hasLanded(need)', 'need !== null'],
    ['schedule/order.ts', '|| unit.needs.some((need) => suspects.has(need))', ''],
    ['best-first/begin.ts', 'included.slice(0, at).includes(need) || look.view.hasLanded(need)', 'need !== null'],
  ),
  within(
    'prefix-stale',
    'what landed since a build began is no reason against it',
    prefixes,
    ['schedule/land-units.ts', 'return met ? `', 'return met && false ? `'],
    ['best-first/landing-by.ts', 'if (!standsOn(record, made.parents, ground)) return null;', ''],
  ),
  within('prefix-uncovered', 'what is inside of a landing may have jobs that did not run', unalike, [
    'best-first/covers.ts',
    'inside.method === candidate.method && isCovered(inside, candidate)',
    'inside.method === candidate.method',
  ]),
  within('prefix-forgets', 'what landed inside of another is not remembered', prefixes, [
    'land.ts',
    'landing: contained.length > 0 ? { ...intent, inside: contained } : intent',
    'landing: intent',
  ]),
  within(
    'prefix-last-noted',
    'where the worker that landed several died, only the last of them is noted as landed',
    dying,
    ['landing-ends.ts', 'for (const part of inside) {', 'for (const part of facts.landing === null ? [] : inside) {'],
    [
      'plan-queue.ts',
      'return found ? landedDeparture(found) : null;',
      'return found && !found.within ? landedDeparture(found) : null;',
    ],
  ),
  within('prefix-again', 'where the worker that landed several died, the last of them is landed once more', dying, [
    'land.ts',
    '  if (isInLedger(entries, intent)) {\n',
    `  if (isInLedger(entries, intent)) {
    const { branch, project, tip } = branchOf(draft.record, intent.branch);
    const last = entries.at(-1);
    const { head: ledger } = facts.branches.get(intent.branch).reading.ledger;
    if (intent.inside && facts.landing === null && last.detail.commit === tip) {
      const entry = { ...last, sequence: last.sequence + 1, detail: { ...last.detail, from: tip } };
      const push = { branch, from: tip, to: tip, ledger, entry };
      draft.effects.push({ kind: 'land', project, number: intent.number, push });
    }
`,
  ]),
  {
    name: 'prefix-untold',
    what: 'after a loss only the last of what one push landed is told so',
    kind: 'schedules',
    shows: (knobs, story) => dying(knobs, story) && knobs.rates.severalLoss + knobs.rates.redisFlush > 0,
    planted: {},
    patches: [
      {
        file: 'app/gate/look-for-untold.ts',
        from: "if (entry?.detail.kind !== 'landed') continue;",
        to: "if (entry?.detail.kind !== 'landed' || entry.detail.within) continue;",
      },
    ],
  },
  within('prefix-images', 'images of a whole are said to be of what is inside', prefixes, [
    'landed-entries.ts',
    'return verdict ?? { commit, tree, checks: [], configuration, git, at };',
    'return verdict ?? whole;',
  ]),
];
