import { setTimeout as sleep } from 'node:timers/promises';
import type { LogChunk } from '../../ports/executor.ts';
import { type ApiPod, isOver } from './api-pod.ts';
import { createLogMemory, type LogMemory } from './log-lines.ts';
import type { PodStore } from './pod-store.ts';
import type { PodsApi } from './pods-api.ts';

/** Where a follower learns of its pod. */
export interface PodSource {
  readonly api: PodsApi;
  readonly store: PodStore;
  /** The pod, or null when it is gone; throws when nobody knows. */
  readonly look: () => Promise<ApiPod | null>;
}

interface Followed {
  readonly source: PodSource;
  readonly name: string;
  readonly uid: string;
  readonly container: string;
  readonly onChunk: (chunk: LogChunk) => void;
  readonly signal: AbortSignal;
}

const lookMs = 2_000;
// How long a stream may say nothing once its container has ended.
const idleMs = 5_000;
// A log of an ended container that cannot be read so often is given up: its verdict does not hang on it.
const mostLastTries = 5;
// One that the node does not know is not waited for; a node that has just begun anew knows nothing yet.
const absentCounts = 3;

/** Gives the output of every container from its first line: init containers one after another, then the main ones as they write. */
export async function followPod(
  source: PodSource,
  name: string,
  onChunk: (chunk: LogChunk) => void,
  signal: AbortSignal,
): Promise<void> {
  const pod = await lookPatiently(source, signal);
  if (pod === null) return;
  const follow = ({ name: container }: { readonly name: string }) =>
    followContainer({ source, name, uid: pod.metadata.uid, container, onChunk, signal });
  for (const container of pod.spec.initContainers ?? []) await follow(container);
  await Promise.all(pod.spec.containers.map(follow));
}

async function followContainer(followed: Followed): Promise<void> {
  const { source, uid, signal, name } = followed;
  const memory = createLogMemory();
  let faults = 0;
  let lastTries = 0;
  for (;;) {
    const pod = await lookPatiently(source, signal);
    if (pod === null || pod.metadata.uid !== uid) return;
    const state = stateOf(pod, followed.container);
    const ended = state === 'ended' || isOver(pod);
    if (state === 'waiting' && ended) return;
    if (state !== 'waiting') {
      const reading = await readLog(followed, memory, !ended);
      if (reading === 'whole' && ended) return;
      faults = reading === 'whole' ? 0 : faults + 1;
      if (ended) lastTries += reading === 'absent' ? absentCounts : 1;
      if (lastTries >= mostLastTries) return;
    }
    // Its end may have been told while its output was read.
    if (faults === 0 && source.store.get(name)?.metadata.resourceVersion !== pod.metadata.resourceVersion) continue;
    await untilChanged(source, name, pauseAfter(faults, ended), signal);
  }
}

/** A node that does not answer is asked less and less often, and soon when there is nothing else to wait for. */
function pauseAfter(faults: number, ended: boolean): number {
  return faults === 0 ? lookMs : Math.min(ended ? 1_000 : 10_000, 100 * 2 ** Math.min(faults, 10));
}

function stateOf(pod: ApiPod, container: string): 'waiting' | 'running' | 'ended' {
  const statuses = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
  const state = statuses.find(({ name }) => name === container)?.state;
  if (state?.terminated !== undefined) return 'ended';
  return state?.running === undefined ? 'waiting' : 'running';
}

/**
 * One reading, as long as there is something to read; `absent`: there is no such log. What follows a break is read again from a little
 * before, and so is, when the container has ended, what may have been written after the last byte that came.
 */
async function readLog(followed: Followed, memory: LogMemory, follow: boolean): Promise<'whole' | 'broken' | 'absent'> {
  const { source, name, container, onChunk, signal } = followed;
  const cut = new AbortController();
  let heardAt = performance.now();
  const guard = setInterval(() => {
    const pod = source.store.get(name);
    const ended = !follow || pod === undefined || stateOf(pod, container) === 'ended';
    if (ended && performance.now() - heardAt > idleMs) cut.abort();
  }, 1000);
  const since = memory.since();
  const query = {
    container,
    timestamps: 'true',
    follow: String(follow),
    ...(since === null ? {} : { sinceTime: since }),
  };
  const give = (text: string) => {
    if (text !== '') onChunk({ container, text });
  };
  try {
    const { status, chunks } = await source.api.log(name, query, AbortSignal.any([signal, cut.signal]));
    if (status !== 200) return status === 404 ? 'absent' : 'broken';
    const reader = memory.read();
    for await (const chunk of chunks) {
      heardAt = performance.now();
      give(reader.take(chunk));
    }
    if (!follow) give(reader.rest());
    return reader.isForeign() ? 'broken' : 'whole';
  } catch {
    // Cut off by us, or by whoever is between us and the node: read on from where it was.
    return 'broken';
  } finally {
    clearInterval(guard);
    cut.abort();
  }
}

/** Null when it is gone or nobody wants to know any more. */
async function lookPatiently(source: PodSource, signal: AbortSignal): Promise<ApiPod | null> {
  while (!signal.aborted) {
    try {
      return await source.look();
    } catch {
      // Without an answer nothing has changed.
      await pause(lookMs, signal);
    }
  }
  return null;
}

/** Waits for news of the pod, for so long at most. */
async function untilChanged(source: PodSource, name: string, ms: number, signal: AbortSignal): Promise<void> {
  const news = new AbortController();
  const end = source.store.subscribe((changed) => {
    if (changed === name) news.abort();
  });
  await pause(ms, AbortSignal.any([signal, news.signal]));
  end();
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal });
  } catch {
    // Aborted: no need to wait longer.
    return;
  }
}
