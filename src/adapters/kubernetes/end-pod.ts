import { setTimeout as sleep } from 'node:timers/promises';
import { type ApiPod, isOver, readPod } from './api-pod.ts';
import { expectAnswer } from './api-words.ts';
import { removeSecrets } from './pod-secrets.ts';
import type { PodStore } from './pod-store.ts';
import type { PodsApi } from './pods-api.ts';
import { stoppedKey } from './write-pod.ts';

const conflicts = 5;
// Beyond its grace period, for the node to see the end and the API server to hear of it.
const slackMs = 10_000;

/**
 * Asks a pod to end. Deleting it would take its log and exit codes along, so its deadline is moved to now: the node then ends it as
 * one that took too long, SIGTERM first, and an annotation says that it was us. A pod that has no node yet has nothing to keep.
 *
 * There is no finalizer to keep what others delete: it would leave namespaces that cannot be removed once we are gone, cost one more
 * write a pod, and not keep the log. A result that is lost so costs another attempt, and is never taken for a verdict.
 */
export async function stopPod(api: PodsApi, store: PodStore, found: ApiPod): Promise<void> {
  const { name, uid } = found.metadata;
  let pod: ApiPod | null = found;
  for (let tries = 0; tries < conflicts; tries += 1) {
    if (pod === null || pod.metadata.uid !== uid || isOver(pod)) return;
    if (pod.metadata.deletionTimestamp !== undefined || pod.metadata.annotations?.[stoppedKey] !== undefined) return;
    if (pod.spec.nodeName !== undefined) {
      const changed = await api.patch(name, {
        metadata: { annotations: { [stoppedKey]: 'true' } },
        spec: { activeDeadlineSeconds: 1 },
      });
      if (changed !== null) store.put(changed);
      return;
    }
    if (await removeUnplaced(api, store, pod)) return;
    pod = await api.get(name);
  }
  throw new Error(`cannot stop the pod ${name}: it changed too often`);
}

/** False when it has changed: one that has got a node meanwhile is ended the other way. */
async function removeUnplaced(api: PodsApi, store: PodStore, pod: ApiPod): Promise<boolean> {
  const { name, uid, resourceVersion } = pod.metadata;
  const answer = await api.remove(name, { uid, resourceVersion });
  if (answer.status === 409) return false;
  if (answer.status !== 404) expectAnswer(answer, `remove the pod ${name}`);
  store.drop(name, uid);
  return true;
}

/** Removes a pod and its secrets, and waits until its name is free; not for a node that does not answer. */
export async function removePod(api: PodsApi, store: PodStore, pod: ApiPod, now: () => number): Promise<void> {
  const { name, uid } = pod.metadata;
  const answer = await api.remove(name, { uid });
  // 409: another pod has the name by now, so this one is gone.
  if (answer.status !== 404 && answer.status !== 409) expectAnswer(answer, `remove the pod ${name}`);
  if (answer.status >= 400 || isGoneBy(answer.body)) store.drop(name, uid);
  else await untilGone(api, store, readPod(answer.body), now);
  await removeSecrets(api, pod);
}

/** The API server answers with the pod; one that has nothing to wait for is gone with that. */
function isGoneBy(body: unknown): boolean {
  const { kind } = body as { kind?: string };
  if (kind !== 'Pod') return true;
  const { deletionGracePeriodSeconds, finalizers } = readPod(body).metadata;
  return (deletionGracePeriodSeconds ?? 0) === 0 && (finalizers ?? []).length === 0;
}

async function untilGone(api: PodsApi, store: PodStore, pod: ApiPod, now: () => number): Promise<void> {
  const { name, uid, deletionTimestamp } = pod.metadata;
  store.put(pod);
  const last = Date.parse(deletionTimestamp ?? '') + slackMs;
  for (let pauseMs = 50; now() < last; pauseMs = Math.min(1000, pauseMs * 2)) {
    await sleep(pauseMs);
    if (store.isGone(uid)) return;
    const there = await api.get(name);
    if (there === null || there.metadata.uid !== uid) return store.drop(name, uid);
  }
}
