import type { AppSettings, Ports } from '../../src/app/context.ts';
import type { BuildId } from '../../src/model/build.ts';
import type { ObservedPod } from '../../src/model/pod.ts';
import type { PodSecrets } from '../../src/ports/executor.ts';

/** A save that meets another version is done over it. */
export function savingOver(ports: Ports): Ports {
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

/** Events leave the inbox in a save of their own, before what they led to. */
export function droppingInbox(ports: Ports): Ports {
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

/** As if everybody had slots without end. */
export function withoutLimits(settings: AppSettings): AppSettings {
  return { ...settings, limits: unlimited };
}

/** Shows the pod of an earlier attempt under the name of the later one. */
export function mixingAttempts(ports: Ports): Ports {
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
export function trustingSilence(ports: Ports): Ports {
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
export function adoptingAnybody(ports: Ports): Ports {
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
export function reusingTokens(ports: Ports): Ports {
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
