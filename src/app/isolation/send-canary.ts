import { canaryOrder, canarySubject } from '../../core/isolation/canary-order.ts';
import { readListener, readSight, withListener } from '../../core/isolation/read-sight.ts';
import type { CanaryTurn } from '../../core/isolation/take-sight.ts';
import type { BuildId } from '../../model/build.ts';
import type { CanaryOrder, ProvedIsolation, TriedTarget } from '../../model/isolation.ts';
import { type ObservedPod, podKeys } from '../../model/pod.ts';
import type { AppContext } from '../context.ts';
import { listSeen } from '../pod-view.ts';

type Needs = {
  readonly ports: Pick<AppContext['ports'], 'executor' | 'clock' | 'log'>;
  readonly settings: Pick<AppContext['settings'], 'renderPod'>;
};

/** How long a turn goes on, and who is told now and then that it does. */
interface Turn {
  readonly begun: number;
  readonly signal: AbortSignal;
  readonly goesOn: () => Promise<unknown>;
}

/** Nobody's usual port; a policy that lets builds reach each other by it is one that lets them reach each other. */
const listenerPort = 8099;
const attemptMs = 5_000;
/** For a pod to be placed, its image to be pulled, and what it does. */
const patienceMs = 4 * 60_000;
const lookMs = 500;

/** Expected troubles of a canary, for `trouble` of its turn. */
class Trouble extends Error {}

async function removeAll({ ports: { executor } }: Needs): Promise<void> {
  const { pods } = await listSeen(executor);
  for (const pod of pods.filter(({ annotations }) => annotations[podKeys.subject] === canarySubject))
    await executor.remove(pod.name as BuildId);
}

async function startOne({ ports, settings }: Needs, canary: CanaryOrder, begun: number): Promise<BuildId> {
  const order = canaryOrder(canary, begun);
  const outcome = await ports.executor.start(settings.renderPod(order), {});
  if (outcome.kind === 'refused' || outcome.kind === 'unavailable')
    throw new Trouble(`its pod could not be started: ${outcome.because}`);
  return order.build.id;
}

/** Looks until `judge` has an answer. */
async function until<T>(
  { ports: { executor, clock } }: Needs,
  build: BuildId,
  { signal, goesOn }: Turn,
  judge: (pod: ObservedPod) => T | null,
): Promise<T> {
  let last: ObservedPod | null = null;
  for (const end = clock.now() + patienceMs; clock.now() < end && !signal.aborted; await clock.sleep(lookMs, signal)) {
    await goesOn();
    last = await executor.observe(build);
    const found = last === null ? null : judge(last);
    if (found !== null) return found;
  }
  if (signal.aborted) throw new Trouble('this server ended meanwhile');
  throw new Trouble(`its pod did not get on within ${patienceMs / 60_000} minutes${wordsOf(last)}`);
}

function wordsOf(pod: ObservedPod | null): string {
  const words = [pod?.reason, pod?.message].filter((each) => each !== null && each !== undefined);
  return words.length === 0 ? '' : `: ${words.join(': ')}`;
}

/** What it left once it has ended; null while it has not. */
function endOf(pod: ObservedPod): { readonly message: string; readonly exitCode: number | null } | null {
  if (pod.phase !== 'succeeded' && pod.phase !== 'failed') return null;
  const [container] = pod.containers;
  if (container?.state.kind !== 'terminated') return { message: '', exitCode: null };
  return { message: container.state.message, exitCode: container.state.exitCode };
}

async function startListener(context: Needs, turn: Turn) {
  const build = await startOne(context, { kind: 'listen', port: listenerPort }, turn.begun);
  const host = await until(context, build, turn, (pod) => {
    if (endOf(pod) !== null) throw new Trouble(`the pod that was to listen ended at once${wordsOf(pod)}`);
    return pod.phase === 'running' ? (pod.address ?? null) : null;
  });
  return { build, host };
}

/** What the listener left, once it was asked to end; null: nothing. What the canary itself reached counts all the same. */
async function endListener(context: Needs, build: BuildId, turn: Turn) {
  try {
    await context.ports.executor.stop(build);
    return readListener((await until(context, build, turn, endOf)).message);
  } catch (err) {
    context.ports.log.warn({ err, build }, 'the pod that the canary was to reach could not be asked what it saw');
    return null;
  }
}

async function tryAll(context: Needs, settings: ProvedIsolation, turn: Turn): Promise<CanaryTurn> {
  const isListener = settings.targets.some(({ kind }) => kind === 'pod');
  const listener = isListener ? await startListener(context, turn) : null;
  const targets = settings.targets.flatMap((target): TriedTarget[] => {
    if (target.kind !== 'pod') return [target];
    return listener === null ? [] : [{ name: 'pod', kind: 'connect', host: listener.host, port: listenerPort }];
  });
  const order: CanaryOrder = { kind: 'try', control: settings.control, targets, attemptMs };
  const build = await startOne(context, order, turn.begun);
  const end = await until(context, build, turn, endOf);
  const sight = end.exitCode === 0 ? readSight(end.message) : null;
  if (sight === null) throw new Trouble(`its pod ended without a result (exit code ${end.exitCode ?? 'unknown'})`);
  const heard = listener === null ? null : await endListener(context, listener.build, turn);
  return { kind: 'seen', sight: withListener(sight, settings.targets, heard) };
}

/** One turn: a pod that listens, where another pod is a target, and one that tries; both are gone afterwards. */
export async function sendCanary(context: Needs, settings: ProvedIsolation, turn: Turn): Promise<CanaryTurn> {
  try {
    // What an earlier turn left when its worker ended.
    await removeAll(context);
    return await tryAll(context, settings, turn);
  } catch (cause) {
    if (!(cause instanceof Trouble)) context.ports.log.warn({ err: cause }, 'the isolation canary failed');
    return { kind: 'trouble', because: cause instanceof Error ? cause.message : String(cause) };
  } finally {
    await removeAll(context).catch((err: unknown) => {
      context.ports.log.warn({ err }, 'pods of the isolation canary could not be removed');
    });
  }
}
