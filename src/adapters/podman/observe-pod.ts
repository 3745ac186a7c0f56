import type { ObservedContainer, ObservedPod, PodContainer } from '../../model/pod.ts';
import type { ContainerEnd, ListedContainer } from './containers.ts';
import { wordsOf } from './podman-command.ts';
import type { BuildRecord, StartProgress } from './record.ts';

// So long may a worker take from the record to the starter's first breath.
const claimPatience = 60_000;

/** Everything known of one build; `progress` must have been read before `listed`, so that what it says is over is over there, too. */
export interface PodFacts {
  readonly now: number;
  readonly record: BuildRecord;
  readonly progress: StartProgress;
  /** By the name that podman gives: pod, `-`, container. */
  readonly listed: ReadonlyMap<string, ListedContainer>;
  readonly ends: ReadonlyMap<string, ContainerEnd>;
  /** Termination message by container name, for ended containers. */
  readonly results: ReadonlyMap<string, string>;
}

type State = ObservedContainer['state'];

/** The pod as Kubernetes would describe it. */
export function toObservedPod(facts: PodFacts): ObservedPod {
  const { manifest, uid } = facts.record;
  const init = manifest.spec.initContainers.map((container) => ({
    name: container.name,
    init: true,
    state: stateOf(facts, container),
  }));
  const main = manifest.spec.containers.map((container) => ({
    name: container.name,
    init: false,
    state: stateOf(facts, container),
  }));
  const containers = markUnstartable(facts, [...init, ...main]);
  const phase = phaseOf(facts, containers);
  const { labels, annotations, name } = manifest.metadata;
  return { name, uid, labels, annotations, phase, ...reasonOf(facts, phase, containers), containers };
}

function stateOf(facts: PodFacts, container: PodContainer): State {
  const listed = facts.listed.get(`${facts.record.manifest.metadata.name}-${container.name}`);
  if (listed === undefined) return { kind: 'waiting', reason: null, message: null };
  if (listed.state === 'created') return { kind: 'waiting', reason: 'PodInitializing', message: null };
  if (listed.state === 'running') return { kind: 'running', startedAt: listed.startedAt ?? facts.record.createdAt };
  const end = facts.ends.get(listed.id);
  const reason = end?.oomKilled === true ? 'OOMKilled' : listed.exitCode === 0 ? 'Completed' : 'Error';
  const message = facts.results.get(container.name) ?? '';
  const times = { startedAt: end?.startedAt ?? listed.startedAt, finishedAt: end?.finishedAt ?? listed.finishedAt };
  return { kind: 'terminated', exitCode: listed.exitCode, reason, message, ...times };
}

/** `pod start` failed: the container that should have come next could not be started (no such program, say). */
function markUnstartable(
  { progress }: PodFacts,
  containers: readonly ObservedContainer[],
): readonly ObservedContainer[] {
  const { started } = progress;
  if (started === null || started.code === 0 || progress.ended !== null) return containers;
  if (containers.some(({ init, state }) => init && failed(state))) return containers;
  const next = containers.findIndex(({ state }) => state.kind === 'waiting');
  // 128 is what containerd gives a container that it could not start.
  const state: State = {
    kind: 'terminated',
    exitCode: 128,
    reason: 'StartError',
    message: '',
    startedAt: null,
    finishedAt: started.at,
  };
  return containers.map((container, at) => (at === next ? { ...container, state } : container));
}

function phaseOf(facts: PodFacts, containers: readonly ObservedContainer[]): ObservedPod['phase'] {
  const states = containers.map(({ state }) => state);
  if (states.some((state) => state.kind === 'running')) return 'running';
  // A container that answers SIGTERM with success has still not done its work in time.
  if (states.every(succeeded)) return facts.progress.ended?.reason === 'DeadlineExceeded' ? 'failed' : 'succeeded';
  if (states.every((state) => state.kind === 'terminated')) return 'failed';
  if (containers.some(({ init, state }) => init && failed(state))) return 'failed';
  if (isStranded(facts)) return 'failed';
  return states.some((state) => state.kind === 'terminated') ? 'running' : 'pending';
}

/** Nothing runs, something has not run yet, and nobody is there to start it. */
function isStranded({ progress, record, now }: PodFacts): boolean {
  const { starter, created, started, ended } = progress;
  if (starter === 'alive') return false;
  if (starter === 'none') return ended !== null || now - record.createdAt > claimPatience;
  return ended !== null || created?.code !== 0 || started?.code !== 0;
}

function reasonOf(
  { progress }: PodFacts,
  phase: ObservedPod['phase'],
  containers: readonly ObservedContainer[],
): Pick<ObservedPod, 'reason' | 'message'> {
  if (phase === 'succeeded') return { reason: null, message: null };
  if (progress.ended !== null) return progress.ended;
  if (phase !== 'failed') return { reason: null, message: null };
  if (progress.created !== null && progress.created.code !== 0)
    return {
      reason: isPullFailure(progress.created.output) ? 'ErrImagePull' : 'StartError',
      message: wordsOf(progress.created.output),
    };
  if (containers.some(({ state }) => failed(state) && state.reason !== 'StartError'))
    return { reason: null, message: null };
  if (progress.started !== null && progress.started.code !== 0)
    return { reason: 'StartError', message: wordsOf(progress.started.output) };
  if (containers.every(({ state }) => state.kind === 'terminated')) return { reason: null, message: null };
  return { reason: 'StartError', message: 'what was starting the pod ended before it had started every container' };
}

/** Whether podman's words on a pod that it could not create are about getting an image. */
export function isPullFailure(output: string): boolean {
  return /pull|registry|manifest unknown|initializing source|unable to copy/i.test(output);
}

function failed(state: State): state is State & { kind: 'terminated' } {
  return state.kind === 'terminated' && state.exitCode !== 0;
}

function succeeded(state: State): boolean {
  return state.kind === 'terminated' && state.exitCode === 0;
}
