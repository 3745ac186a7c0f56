import type { AppSettings, Ports } from '../../src/app/context.ts';
import type { BuildId } from '../../src/model/build.ts';
import type { ObservedPod } from '../../src/model/pod.ts';
import type { PodSecrets } from '../../src/ports/executor.ts';
import type { Planted } from './product.ts';

/** A change of one module's text; it must be found exactly once. */
export interface Patch {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** A fault that the worlds must catch. */
export interface Mutant {
  readonly name: string;
  /** What is wrong, for people. */
  readonly what: string;
  readonly planted: Planted;
  readonly patches: readonly Patch[];
}

function around(name: string, what: string, planted: Planted): Mutant {
  return { name, what, planted, patches: [] };
}

function within(name: string, what: string, ...patches: readonly Patch[]): Mutant {
  return { name, what, planted: {}, patches };
}

function savingOver(ports: Ports): Ports {
  const { documents } = ports;
  return {
    ...ports,
    documents: {
      ...documents,
      async save(request) {
        const outcome = await documents.save(request);
        return outcome === 'saved' ? outcome : documents.save({ ...request, expected: request.expected + 1 });
      },
    },
  };
}

function droppingInbox(ports: Ports): Ports {
  const { documents } = ports;
  return {
    ...ports,
    documents: {
      ...documents,
      async save(request) {
        if (request.taken.length === 0) return documents.save(request);
        const { version, document } = await documents.load(request.subject);
        if (version !== request.expected) return 'conflict';
        await documents.save({ ...request, document, decision: null });
        return documents.save({ ...request, expected: version + 1, taken: [] });
      },
    },
  };
}

const unlimited = { pool: 100, perRepository: 100, perAuthor: 100 };

function withoutLimits(settings: AppSettings): AppSettings {
  return { ...settings, limits: unlimited };
}

/** Shows the pod of an earlier attempt under the name of the later one. */
function mixingAttempts(ports: Ports): Ports {
  const { executor } = ports;
  const ended = new Map<string, ObservedPod>();
  const keyOf = (pod: ObservedPod): string =>
    [
      pod.annotations['sluice.dev/commit'],
      pod.annotations['sluice.dev/job'],
      pod.annotations['sluice.dev/point'],
    ].join();
  const mix = (pod: ObservedPod): ObservedPod => {
    const over = pod.phase === 'succeeded' || pod.phase === 'failed';
    const earlier = ended.get(keyOf(pod));
    if (over && pod.phase === 'succeeded') ended.set(keyOf(pod), pod);
    return earlier && earlier.name !== pod.name ? { ...earlier, name: pod.name, annotations: pod.annotations } : pod;
  };
  return { ...ports, executor: { ...executor, list: async () => (await executor.list()).map(mix) } };
}

/** Takes a failed listing for an empty one. */
function trustingSilence(ports: Ports): Ports {
  const { executor } = ports;
  return {
    ...ports,
    executor: {
      ...executor,
      list: async () => executor.list().catch(() => []),
      observe: async (build: BuildId) => executor.observe(build).catch(() => null),
    },
  };
}

/** Takes whatever pod has the name for the one that was asked for. */
function adoptingAnybody(ports: Ports): Ports {
  const { executor } = ports;
  const adopted = new Map<string, ObservedPod>();
  return {
    ...ports,
    executor: {
      ...executor,
      async start(manifest, secrets) {
        const outcome = await executor.start(manifest, secrets);
        if (outcome.kind !== 'refused') return outcome;
        const { name, labels, annotations } = manifest.metadata;
        const times = { startedAt: ports.clock.now(), finishedAt: ports.clock.now() };
        const state = { kind: 'terminated' as const, exitCode: 0, reason: 'Completed', message: measured, ...times };
        const containers = [{ name: 'main', init: false, state }];
        const seen = { phase: 'succeeded' as const, reason: null, message: null, containers };
        adopted.set(name, { name, uid: 'foreign', labels, annotations, ...seen });
        return { kind: 'exists' };
      },
      list: async () => [...(await executor.list()), ...adopted.values()],
      remove: async (build) => void (adopted.delete(build) || (await executor.remove(build))),
    },
  };
}

const measured = JSON.stringify({ digest: `sha256:${'b2'.repeat(32)}`, bytes: 1, layers: 1 });

/** Hands every pod the token that was minted first. */
function reusingTokens(ports: Ports): Ports {
  let kept: PodSecrets | null = null;
  const { executor } = ports;
  return {
    ...ports,
    executor: {
      ...executor,
      start(manifest, secrets) {
        if (Object.keys(secrets).length > 0) kept = secrets;
        return executor.start(manifest, kept ?? secrets);
      },
    },
  };
}

export const mutants: readonly Mutant[] = [
  around('ack-before-durable', 'a delivery is answered before it is on disk', { hasty: true }),
  around('save-over', 'a save that meets a newer version is done over it', { ports: savingOver }),
  around('inbox-first', 'events leave the inbox before the document that took them up is saved', {
    ports: droppingInbox,
  }),
  around('no-limits', 'slots are given without regard to the limits', { settings: withoutLimits }),
  around('rewrite-finals', 'a check run that is concluded is written again', { careless: true }),
  around('retry-at-once', 'Retry-After is not remembered', {
    reports: (scripts) => ({
      ...scripts,
      record: (picked, outcome) =>
        scripts.record(picked, outcome.kind === 'limited' ? { kind: 'failed', because: 'limited' } : outcome),
    }),
  }),
  around('mixed-attempts', 'an earlier pod of a job is taken for the later one', { ports: mixingAttempts }),
  around('silence-is-absence', 'a failed listing of pods counts as an empty one', { ports: trustingSilence }),
  around('one-token', 'a token is kept and given to every pod', { ports: reusingTokens }),
  within(
    'may-run-once',
    'whether a head may run is not asked again when its build gets a slot',
    {
      file: 'core/presubmit/advance-jobs.ts',
      from: 'const barred = barredBy(standing) ?? lostPlace',
      to: 'const barred = lostPlace',
    },
    {
      file: 'core/presubmit/advance-jobs.ts',
      from: "const unsure = standing.kind === 'unread';",
      to: 'const unsure = false;',
    },
  ),
  within('sticky-approval', 'an approval counts for every later head', {
    file: 'core/may-run.ts',
    from: 'return approvals.find((approval) => approval.head === head) ?? null;',
    to: 'return approvals.find((approval) => approval.head !== head) ?? approvals.at(0) ?? null;',
  }),
  within('untrusted-approver', 'anybody may approve a head', {
    file: 'core/presubmit/answer-command.ts',
    from: 'if (!trust.trusted) return',
    to: 'if (sender.at < 0) return',
  }),
  within('superseded-runs-on', 'builds of an earlier head are forgotten, not stopped', {
    file: 'core/presubmit/take-facts.ts',
    from: 'if (old) retireUnfinished(draft, old);',
    to: '',
  }),
  within('unreported-end', 'what was stopped is not concluded', {
    file: 'core/presubmit/plan.ts',
    from: "if (!facts.reports.get(told.externalId)?.final) draft.effects.push({ kind: 'report', report: told });",
    to: '',
  }),
  within('numbers-again', 'after a loss request numbers begin anew', {
    file: 'core/presubmit/read-back.ts',
    from: 'if (!forge?.checkRuns || !change) return;',
    to: 'if (forge || !change) return;',
  }),
  within('random-ids', 'a build is named anew each time it is asked for', {
    file: 'model/build.ts',
    from: 'definition, request, attempt]).slice(0, 24)',
    to: 'definition, request, attempt, process.hrtime.bigint().toString()]).slice(0, 24)',
  }),
  within('act-first', 'a pod is removed before its result is saved', {
    file: 'app/reconcile.ts',
    from: 'const taken = facts.forge ? inbox.map((event) => event.delivery) : [];',
    to: [
      'const taken = facts.forge ? inbox.map((event) => event.delivery) : [];',
      "const removals = plan.effects.filter((effect) => effect.kind === 'remove');",
      'await performEffects(context, plan.record, removals, { subject: id, deliveries: [] });',
    ].join('\n  '),
  }),
  within('watermark-first', 'the watermark of deliveries moves before their list was read', {
    file: 'app/redeliver.ts',
    from: 'const failed = failedGuids(await deliveries.deliveries(since));',
    to: "await notes.write('delivery-watermark', String(now + 3_600_000));\n  const failed = failedGuids(await deliveries.deliveries(since));",
  }),
  around('foreign-pods', 'a pod of any owner counts as ours', { ports: adoptingAnybody }),
  within('any-tree', 'the head is built on whatever base there is by then', {
    file: 'core/presubmit/advance-build.ts',
    from: 'tree: record.tree.tree,',
    to: "tree: context.facts.prepared?.merge.kind === 'merged' ? context.facts.prepared.merge.tree : record.tree.tree,",
  }),
];
