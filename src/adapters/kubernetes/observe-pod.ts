import type { ObservedContainer, ObservedPod } from '../../model/pod.ts';
import { type ApiContainerStatus, type ApiPod, type ApiTerminated, isOver } from './api-pod.ts';
import { secretsGate, stoppedKey } from './write-pod.ts';

// How long after its last moment a pod that is being deleted may still be ending, before its node counts as lost.
const lostAfterMs = 15_000;
// For as long a pod without its secrets is not shown, so that whoever wants it starts it again; later it is a pod to be removed.
const incompleteMs = 5 * 60_000;

type Reason = Pick<ObservedPod, 'reason' | 'message'>;

/**
 * Whether this pod was created and its start then cut off: it waits for secrets that nobody brings unless `start` is called again,
 * so it is not listed as started.
 */
export function isIncomplete(pod: ApiPod, now: number): boolean {
  const gated = pod.spec.schedulingGates?.some(({ name }) => name === secretsGate) === true;
  return gated && now - timeOf(pod.metadata.creationTimestamp, now) < incompleteMs;
}

/** Our view of a pod as the API server has it; of the same object, which nobody changes, the containers are the same ones again. */
export function toObservedPod(pod: ApiPod, now: number): ObservedPod {
  const known = lasting.get(pod) ?? lastingOf(pod);
  lasting.set(pod, known);
  return { ...known, ...phaseOf(pod, known.containers, now) };
}

type Lasting = Omit<ObservedPod, 'phase' | 'reason' | 'message'>;

/** Hundreds are looked at every second, of which hardly one has changed. */
const lasting = new WeakMap<ApiPod, Lasting>();

/** All that is no matter of time. */
function lastingOf({ metadata, spec, status }: ApiPod): Lasting {
  const init = containersOf(spec.initContainers ?? [], status?.initContainerStatuses ?? [], true);
  const main = containersOf(spec.containers, status?.containerStatuses ?? [], false);
  const { [stoppedKey]: _stopped, ...annotations } = metadata.annotations ?? {};
  return {
    name: metadata.name,
    uid: metadata.uid,
    labels: metadata.labels ?? {},
    annotations,
    ...(status?.podIP === undefined ? {} : { address: status.podIP }),
    containers: [...init, ...main],
  };
}

function containersOf(
  named: readonly { readonly name: string }[],
  statuses: readonly ApiContainerStatus[],
  init: boolean,
): readonly ObservedContainer[] {
  return named.map(({ name }) => ({ name, init, state: stateOf(statuses.find((status) => status.name === name)) }));
}

function stateOf(status: ApiContainerStatus | undefined): ObservedContainer['state'] {
  const { terminated, running, waiting } = status?.state ?? {};
  // Only what runs beside the steps is ever started again, and then whatever they did with it has failed.
  const killed = status?.lastState?.terminated;
  if (killed?.reason === 'OOMKilled') return endOf(killed);
  if (terminated !== undefined) return endOf(terminated);
  if (running !== undefined) return { kind: 'running', startedAt: timeOf(running.startedAt, 0) };
  return { kind: 'waiting', reason: waiting?.reason ?? null, message: waiting?.message ?? null };
}

function endOf({ exitCode, reason, message, startedAt, finishedAt }: ApiTerminated): ObservedContainer['state'] {
  // The runtime writes the year 1970 for a container that it could not start.
  const began = timeOf(startedAt, 0);
  return {
    kind: 'terminated',
    exitCode,
    reason: reason ?? null,
    message: message ?? '',
    startedAt: began > 0 ? began : null,
    finishedAt: timeOf(finishedAt, began),
  };
}

function phaseOf(
  pod: ApiPod,
  containers: readonly ObservedContainer[],
  now: number,
): Pick<ObservedPod, 'phase' | 'reason' | 'message'> {
  switch (pod.status?.phase) {
    case 'Succeeded':
      return isBeingDeleted(pod)
        ? { phase: 'failed', ...failureOf(pod, containers) }
        : { phase: 'succeeded', reason: null, message: null };
    case 'Failed':
      return { phase: 'failed', ...failureOf(pod, containers) };
    case 'Unknown':
      return { phase: 'running', reason: 'NodeLost', message: pod.status.message ?? null };
    case 'Running':
      return { phase: 'running', ...(lossOf(pod, now) ?? given(pod)) };
    default:
      return {
        phase: containers.some(({ state }) => state.kind !== 'waiting') ? 'running' : 'pending',
        ...(lossOf(pod, now) ?? hindranceOf(pod, containers)),
      };
  }
}

function given({ status }: ApiPod): Reason {
  return { reason: status?.reason ?? null, message: status?.message ?? null };
}

/**
 * Who deletes a pod ends what still runs in it, and that may end in any way. Whether it had ended before cannot be told by times: the
 * deletion's is of the API server's clock, the end's of the node's. So its end is never a verdict; where it was one that nobody had
 * read yet, that costs another attempt.
 */
function isBeingDeleted({ metadata }: ApiPod): boolean {
  return metadata.deletionTimestamp !== undefined;
}

function failureOf(pod: ApiPod, containers: readonly ObservedContainer[]): Reason {
  const { metadata, status } = pod;
  const stopped = metadata.annotations?.[stoppedKey];
  if (status?.reason === 'DeadlineExceeded' && stopped !== undefined) return { reason: 'Stopped', message: null };
  if (status?.reason !== undefined) return given(pod);
  const disruption = status?.conditions?.find((each) => each.type === 'DisruptionTarget' && each.status === 'True');
  if (disruption !== undefined)
    return { reason: disruption.reason ?? 'DisruptionTarget', message: disruption.message ?? null };
  if (isBeingDeleted(pod)) return { reason: 'Deleted', message: null };
  const unstartable = containers.find(({ state }) => state.kind === 'terminated' && isStartFailure(state.reason));
  return unstartable?.state.kind === 'terminated'
    ? { reason: 'StartError', message: unstartable.state.message }
    : given(pod);
}

function isStartFailure(reason: string | null): boolean {
  return reason === 'StartError' || reason === 'ContainerCannotRun';
}

/** The API server goes on showing a pod whose node does not answer as it was, being deleted for ever. */
function lossOf(pod: ApiPod, now: number): Reason | null {
  const { deletionTimestamp } = pod.metadata;
  if (deletionTimestamp === undefined || isOver(pod)) return null;
  if (now - timeOf(deletionTimestamp, now) < lostAfterMs) return null;
  return { reason: 'NodeLost', message: `${pod.spec.nodeName ?? 'no node'} does not confirm that the pod has ended` };
}

const ordinary = new Set(['ContainerCreating', 'PodInitializing']);

/** Why a pod does not start, in the words of the scheduler or of the node. */
function hindranceOf(pod: ApiPod, containers: readonly ObservedContainer[]): Reason {
  const unplaced = pod.status?.conditions?.find((each) => each.type === 'PodScheduled' && each.status === 'False');
  if (unplaced !== undefined) return { reason: unplaced.reason ?? 'Unschedulable', message: unplaced.message ?? null };
  for (const { state } of containers) {
    if (state.kind === 'waiting' && state.reason !== null && !ordinary.has(state.reason))
      return { reason: state.reason, message: state.message };
  }
  return given(pod);
}

function timeOf(text: string | undefined, otherwise: number): number {
  const time = Date.parse(text ?? '');
  return Number.isNaN(time) ? otherwise : time;
}
