import type { ObservedContainer, ObservedPod } from '../../../src/model/pod.ts';

export const digest = `sha256:${'a'.repeat(64)}`;
export const measured = JSON.stringify({ digest, bytes: 1234, layers: 2 });

type State = ObservedContainer['state'];

export function exited(exitCode: number, more: Partial<Extract<State, { kind: 'terminated' }>> = {}): State {
  const reason = exitCode === 0 ? 'Completed' : 'Error';
  return { kind: 'terminated', exitCode, reason, message: '', startedAt: 1000, finishedAt: 2000, ...more };
}

export const running: State = { kind: 'running', startedAt: 1500 };

export function waiting(reason: string | null, message: string | null = null): State {
  return { kind: 'waiting', reason, message };
}

/** Containers in the order in which they run; all but the last are init containers. */
export function podOf(states: Readonly<Record<string, State>>, more: Partial<ObservedPod> = {}): ObservedPod {
  const names = Object.keys(states);
  const containers = Object.entries(states).map(([name, state], at) => ({ name, init: at < names.length - 1, state }));
  const base = { name: 'b-x', uid: 'u', labels: {}, annotations: {}, reason: null, message: null };
  return { ...base, phase: 'failed', containers, ...more };
}
