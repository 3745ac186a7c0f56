import type { Family, Knobs } from './knobs.ts';
import type { Mutant, Shows } from './mutant.ts';
import type { Action } from './story.ts';

const always: Shows = () => true;

function on(...names: readonly Family[]): Shows {
  return ({ rates }: Knobs) => names.some((name) => rates[name] > 0);
}

function says(what: Action['what'], ...words: readonly string[]): Shows {
  return (_knobs, story) => story.some((act) => act.what === what && words.some((word) => act.word.startsWith(word)));
}

function within(
  name: string,
  what: string,
  shows: Shows,
  file: string,
  ...changes: readonly [string, string][]
): Mutant {
  const patches = changes.map(([from, to]) => ({ file: `core/${file}`, from, to }));
  return { name, what, kind: 'queues', shows, planted: {}, patches };
}

const several: Shows = ({ pulls, queues }) => pulls >= 3 && (queues?.start ?? 1) > 1;

const inLanding: readonly Mutant[] = [
  within('off-the-tip', 'what passed lands though its parent is not the tip', several, 'gate/walk-queue.ts', [
    "candidate.verdict === 'passed' && onTip ? 'land' : 'test'",
    "candidate.verdict === 'passed' ? 'land' : 'test'",
  ]),
  within('pending-passes', 'jobs that are not done yet do not count', always, 'gate/fold-verdict.ts', [
    "if (pending.length > 0) return { verdict: 'pending'",
    "if (pending.length > 99) return { verdict: 'pending'",
  ]),
  within(
    'error-passes',
    'a job that could not be run counts as passed',
    on('foreignPod', 'podEvicted', 'podDeleted', 'nodeLost', 'podPending'),
    'gate/fold-verdict.ts',
    [
      "return status.result === 'error' ? 'error' : 'failed';",
      "return status.result === 'error' ? 'passed' : 'failed';",
    ],
  ),
  within('frozen-lands', 'a frozen queue lands', says('operate', 'freeze'), 'gate/land.ts', [
    'if (record.frozen !== null) return',
    'if (facts.now < 0) return',
  ]),
  within(
    'trusted-silence',
    'a push without an answer counts as done',
    on('lostRequest', 'pushLate', 'crash'),
    'gate/land.ts',
    [
      "else if (outcome?.kind === 'landed') return;",
      "else if (outcome?.kind === 'unknown') finishLanding(draft, facts, intent, intent.to);",
    ],
  ),
  {
    name: 'no-lease',
    what: 'a push does not say where the branch was',
    kind: 'queues',
    shows: (knobs, story) =>
      on('pushLate', 'slowAnswer')(knobs, story) && on('directPush', 'branchReset', 'handMerge')(knobs, story),
    planted: { leaseless: true },
    patches: [],
  },
  {
    name: 'land-before-save',
    what: 'the push is made before what was decided is saved',
    kind: 'queues',
    shows: always,
    planted: {},
    patches: [
      {
        file: 'app/gate/reconcile-queue.ts',
        from: "if ((await save(context, id, stored.version, plan, taken)) === 'conflict')",
        to: `const pushes = plan.effects.filter(({ kind }) => kind === 'land');
  await performQueue(context, pushes, { subject: id, deliveries: taken });
  if ((await save(context, id, stored.version, plan, taken)) === 'conflict')`,
      },
    ],
  },
];

const inEntry: readonly Mutant[] = [
  within(
    'older-approval',
    'an approval of an older head counts',
    says('push', 'code', 'fix', 'hot', 'force'),
    'gate/entry/count-approvals.ts',
    ['!reading.exactHead || commit === view.pull.head', 'commit.length > 0 && reading !== null'],
  ),
  within('any-approver', 'anybody may approve', says('review', 'approved'), 'gate/entry/count-approvals.ts', [
    'return permission !== null && mayWrite.has(permission);',
    'return permission !== null || mayWrite.size === 0;',
  ]),
  within(
    'own-approval',
    'an author approves his own change',
    says('review', 'approved'),
    'gate/entry/count-approvals.ts',
    ["if (by.id === view.pull.author.id) return uncounted('own');", ''],
  ),
  within('deaf-dequeue', 'what is to be taken out stays', says('comment', '/dequeue'), 'gate/take-commands.ts', [
    "    case 'dequeue':\n",
    "    case 'dequeue':\n      if (id !== '') return;\n",
  ]),
  within('held-lands', 'a hold is not heard', says('comment', '/hold'), 'gate/entry/judge-request.ts', [
    'return labels.some((label)',
    'return labels.length > 99 && labels.some((label)',
  ]),
  within(
    'needs-forgotten',
    'what a change depends on is not read',
    (_knobs, story) => story.some(({ word }) => word.includes(' needs ')),
    'gate/dependencies.ts',
    ['readDependencies(view.body, hostOf(project))', "readDependencies('', hostOf(project))"],
  ),
];

const afterResets: readonly Mutant[] = [
  within('reset-forgotten', 'what a reset took back counts as landed', on('branchReset'), 'gate/take-branches.ts', [
    '.filter(({ sequence }) => standing.has(sequence))',
    '.filter(({ sequence }) => sequence > 0 || standing.size < 0)',
  ]),
];

const inWalk: readonly Mutant[] = [
  within('blamed-for-others', 'what failed behind others is rejected', several, 'gate/walk-queue.ts', [
    "if (!onTip) return { kind: 'hold-verdict', because: `it failed together",
    "if (names === '-') return { kind: 'hold-verdict', because: `it failed together",
  ]),
  within(
    'branch-decides',
    "what is tested comes from the branch's file, not from the candidate's",
    says('open', 'config'),
    'gate/combine-gate-config.ts',
    ['const { config } = candidate;', 'const config = granting ?? candidate.config;'],
  ),
  within('red-tip-blamed', 'nobody asks whether the tip is broken by itself', on('directPush'), 'gate/plan-queue.ts', [
    "if (decision.kind === 'reject' && blameFor(draft.record, item).kind !== 'theirs') {",
    "if (decision.kind === 'reject' && facts.now < 0) {",
  ]),
  within('untold', 'what left is forgotten, and its author not told', always, 'gate/report-queue.ts', [
    'if (!isTold(leaving, facts)) return [tellLeaving(draft, facts, leaving)];',
    'if (facts.now < 0) return [tellLeaving(draft, facts, leaving)];',
  ]),
  within('lost-requests', 'requests are not found again after a loss', on('redisFlush'), 'presubmit/ask-gate.ts', [
    'if (kept === null) return;',
    'if (kept === null || facts.now > 0) return;',
  ]),
];

/** Faults of the gate, which worlds with queues must catch. */
export const gateMutants: readonly Mutant[] = [...inLanding, ...inEntry, ...afterResets, ...inWalk];
