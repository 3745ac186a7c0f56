import type { BuildOrder } from '../../src/model/order.ts';
import { type ObservedContainer, type ObservedPod, podKeys } from '../../src/model/pod.ts';

export const builtDigest = `sha256:${'d1'.repeat(32)}`;

/** How the last container that was executed ended. */
export interface PodEnd {
  readonly exitCode: number;
  readonly at: number;
  /** The runtime's word for the whole pod, as `Evicted`. */
  readonly reason?: string;
  readonly message?: string;
}

function namesOf(order: BuildOrder): readonly { readonly name: string; readonly init: boolean }[] {
  if (!order.image)
    return [
      { name: 'checkout', init: true },
      { name: 'command', init: false },
    ];
  return [
    { name: 'checkout', init: true },
    { name: 'build', init: true },
    { name: 'measure', init: false },
  ];
}

function base(order: BuildOrder): Omit<ObservedPod, 'phase' | 'containers'> {
  const { build, checkout } = order;
  return {
    name: build.id,
    uid: `uid-of-${build.id}`,
    labels: {
      [podKeys.build]: build.id,
      [podKeys.owner]: 'test',
      'sluice.dev/request': String(build.parts.request),
      'sluice.dev/attempt': String(build.parts.attempt),
    },
    annotations: {
      [podKeys.subject]: build.parts.subject,
      [podKeys.commit]: build.parts.commit,
      [podKeys.tree]: checkout.tree,
      'sluice.dev/job': build.parts.job,
    },
    reason: null,
    message: null,
  };
}

const waiting: ObservedContainer['state'] = { kind: 'waiting', reason: 'PodInitializing', message: null };

/** A pod that nothing was started in yet. */
export function pendingPod(order: BuildOrder, why: { reason?: string; message?: string } = {}): ObservedPod {
  const containers = namesOf(order).map((each) => ({ ...each, state: waiting }));
  return { ...base(order), phase: 'pending', reason: why.reason ?? null, message: why.message ?? null, containers };
}

/** A pod whose last container is being executed since `startedAt`. */
export function runningPod(order: BuildOrder, startedAt: number): ObservedPod {
  const names = namesOf(order);
  const containers = names.map((each, index): ObservedContainer => {
    if (index === names.length - 1) return { ...each, state: { kind: 'running', startedAt } };
    return { ...each, state: done(startedAt, startedAt, '') };
  });
  return { ...base(order), phase: 'running', containers };
}

function done(startedAt: number, finishedAt: number, message: string, exitCode = 0): ObservedContainer['state'] {
  const reason = exitCode === 0 ? 'Completed' : 'Error';
  return { kind: 'terminated', exitCode, reason, message, startedAt, finishedAt };
}

/** When the first container of a pod began; null when none did. */
function startOf(pod: ObservedPod | undefined): number | null {
  const starts = (pod?.containers ?? []).flatMap(({ state }) =>
    state.kind === 'waiting' ? [] : (state.startedAt ?? []),
  );
  return starts.length > 0 ? Math.min(...starts) : null;
}

/**
 * The pod after its work has ended: what the author gave (the command, or the build of the image) is what fails. `before` is
 * the pod as it was, for its times.
 */
export function endedPod(order: BuildOrder, before: ObservedPod | undefined, end: PodEnd): ObservedPod {
  const names = namesOf(order);
  const startedAt = startOf(before) ?? end.at;
  const measured = order.image ? JSON.stringify({ digest: builtDigest, bytes: 2_000_000, layers: 3 }) : '';
  const failing =
    end.exitCode === 0 ? names.length : names.findIndex(({ name }) => name === 'command' || name === 'build');
  const containers = names.map((each, index): ObservedContainer => {
    if (index > failing) return { ...each, state: waiting };
    if (index === failing) return { ...each, state: done(startedAt, end.at, '', end.exitCode) };
    const isLast = index === names.length - 1;
    return { ...each, state: done(startedAt, isLast ? end.at : startedAt, isLast ? measured : '') };
  });
  const phase = end.exitCode === 0 ? 'succeeded' : 'failed';
  return { ...base(order), phase, reason: end.reason ?? null, message: end.message ?? null, containers };
}
