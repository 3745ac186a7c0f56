import type { Family } from './knobs.ts';
import type { Mutant, Shows } from './mutant.ts';
import { batchMutants } from './planted-batch.ts';
import { gateMutants } from './planted-gate.ts';
import { laneMutants } from './planted-lanes.ts';
import {
  adoptingAnybody,
  droppingInbox,
  mixingAttempts,
  reusingTokens,
  savingOver,
  trustingSilence,
  withoutLimits,
} from './planted-ports.ts';
import { promoteMutants } from './planted-promote.ts';
import { pushMutants } from './planted-push.ts';
import { reuseMutants } from './planted-reuse.ts';
import { scheduleMutants } from './planted-schedule.ts';
import { versionMutants } from './planted-version.ts';
import type { Planted } from './product.ts';
import type { Action } from './story.ts';

const always: Shows = () => true;
const isSlow: Shows = ({ buildMs }) => buildMs >= 30_000;
const keepsRedis: Shows = ({ rates, redis }) =>
  rates.redisFlush + rates.redisRestore === 0 && (rates.redisCrash === 0 || redis === 'always');

function says(what: Action['what'], who: Action['who'] | null, ...words: readonly string[]): Shows {
  const fits = (act: Action): boolean =>
    act.what === what && (who === null || act.who === who) && (words.length === 0 || words.includes(act.word));
  return (_knobs, story) => story.some(fits);
}

function both(...all: readonly Shows[]): Shows {
  return (knobs, story) => all.every((shows) => shows(knobs, story));
}

function on(...names: readonly Family[]): Shows {
  return ({ rates }) => names.every((name) => rates[name] > 0);
}

function around(name: string, what: string, shows: Shows, planted: Planted): Mutant {
  return { name, what, kind: 'presubmits', shows, planted, patches: [] };
}

function within(
  name: string,
  what: string,
  shows: Shows,
  file: string,
  ...changes: readonly [string, string][]
): Mutant {
  const patches = changes.map(([from, to]) => ({ file, from, to }));
  return { name, what, kind: 'presubmits', shows, planted: {}, patches };
}

const aroundTheProduct: readonly Mutant[] = [
  around('ack-before-durable', 'a delivery is answered before it is on disk', always, { hasty: true }),
  around('save-over', 'a save that meets a newer version is done over it', always, { ports: savingOver }),
  around('inbox-first', 'events leave the inbox before what they led to is saved', always, { ports: droppingInbox }),
  around('no-limits', 'slots are given without regard to the limits', always, { settings: withoutLimits }),
  around('rewrite-finals', 'a check run that is concluded is written again', on('redisRestore'), { careless: true }),
  around('retry-at-once', 'Retry-After is not remembered', on('limited'), {
    reports: (scripts) => ({
      ...scripts,
      record: (picked, outcome) =>
        scripts.record(picked, outcome.kind === 'limited' ? { kind: 'failed', because: 'limited' } : outcome),
    }),
  }),
  around('mixed-attempts', 'an earlier pod of a job is taken for the later one', always, { ports: mixingAttempts }),
  around('silence-is-absence', 'a failed listing of pods counts as an empty one', both(on('clusterAway'), isSlow), {
    ports: trustingSilence,
  }),
  around(
    'one-token',
    'a token is kept and given to every pod',
    ({ repositories, workers, rates }) => repositories > 1 && workers === 1 && rates.crash === 0,
    { ports: reusingTokens },
  ),
  around('foreign-pods', 'a pod of any owner counts as ours', on('foreignPod'), { ports: adoptingAnybody }),
];

const inTrust: readonly Mutant[] = [
  within(
    'may-run-once',
    'whether a head may run is not asked again when its build gets a slot',
    both(isSlow, says('permission', 'ada', 'none', 'read')),
    'core/presubmit/advance-jobs.ts',
    ['const barred = barredBy(standing) ?? lostPlace', 'const barred = lostPlace'],
    ["const unsure = standing.kind === 'unread';", 'const unsure = false;'],
  ),
  within(
    'sticky-approval',
    'an approval counts for every later head',
    says('comment', null, '/ok-to-test HEAD'),
    'core/may-run.ts',
    [
      'return approvals.find((approval) => approval.head === head) ?? null;',
      'return approvals.find((approval) => approval.head !== head) ?? approvals.at(0) ?? null;',
    ],
  ),
  within(
    'untrusted-approver',
    'anybody may approve a head',
    both(says('comment', 'mallory', '/ok-to-test HEAD'), says('open', 'mallory')),
    'core/presubmit/answer-command.ts',
    ['if (!trust.trusted) return', 'if (sender.at < 0) return'],
  ),
  within(
    'any-tree',
    'the head is built on whatever base there is by then',
    both(isSlow, says('base push', null)),
    'core/presubmit/advance-jobs.ts',
    [
      '...groundOf(draft, record, build), place, barred, unsure, ...isolation }',
      '...onNewest(groundOf(draft, record, build), facts), place, barred, unsure, ...isolation }',
    ],
    [
      'function advanceJob(',
      "function onNewest(ground: ReturnType<typeof groundOf>, { prepared }: PresubmitFacts) {\n  const tree = prepared?.merge.kind === 'merged' ? prepared.merge.tree : ground.checkout.tree;\n  return { ...ground, checkout: { ...ground.checkout, tree } };\n}\n\nfunction advanceJob(",
    ],
  ),
];

const inEnds: readonly Mutant[] = [
  within(
    'superseded-runs-on',
    'builds of an earlier head are forgotten, not stopped',
    says('push', null),
    'core/presubmit/take-facts.ts',
    ['if (old) retireUnfinished(draft, old);', ''],
  ),
  within('unreported-end', 'what was stopped is not concluded', says('push', null), 'core/presubmit/plan.ts', [
    "if (!facts.reports.get(told.externalId)?.final) draft.effects.push({ kind: 'report', report: told });",
    '',
  ]),
  within(
    'numbers-again',
    'after a loss request numbers begin anew',
    both(on('redisFlush'), ({ rates }) => rates.redisRestore + rates.redisCrash === 0),
    'core/presubmit/read-back.ts',
    ['if (!forge?.checkRuns || !change) return;', 'if (forge || !change) return;'],
  ),
];

const inOrder: readonly Mutant[] = [
  within(
    'act-first',
    'a pod is removed before its result is saved',
    both(on('crash'), keepsRedis),
    'app/reconcile.ts',
    [
      'const taken = facts.forge ? inbox.map((event) => event.delivery) : [];',
      `const taken = facts.forge ? inbox.map((event) => event.delivery) : [];
  const removals = plan.effects.filter((effect) => effect.kind === 'remove');
  await performEffects(context, plan.record, removals, { subject: id, deliveries: [] });`,
    ],
  ),
  within(
    'watermark-first',
    'the watermark of deliveries moves before their list was read',
    both(on('webhookFails', 'forgeAway'), keepsRedis),
    'app/redeliver.ts',
    [
      'const failed = failedGuids(await deliveries.deliveries(since));',
      `await notes.write('delivery-watermark', String(now + 3_600_000));
  const failed = failedGuids(await deliveries.deliveries(since));`,
    ],
  ),
  within(
    'forgotten-pods',
    'pods that nobody remembers after a loss are not looked for',
    on('redisFlush'),
    'app/follow-logs.ts',
    ['await wakeOwners(pods);', ''],
  ),
  within('fragile-logs', 'a log that cannot be written ends the process', on('lostRequest'), 'app/follow-logs.ts', [
    '.catch(keepFailure)',
    '',
  ]),
];

export const mutants: readonly Mutant[] = [
  ...aroundTheProduct,
  ...inTrust,
  ...inEnds,
  ...inOrder,
  ...gateMutants,
  ...scheduleMutants,
  ...reuseMutants,
  ...laneMutants,
  ...batchMutants,
  ...promoteMutants,
  ...pushMutants,
  ...versionMutants,
];
