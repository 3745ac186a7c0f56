import { secretsKey } from '../core/pod/labels.ts';
import { createMasker } from '../core/text/mask-secrets.ts';
import { type BuildId, toBuildId } from '../model/build.ts';
import type { ObservedPod } from '../model/pod.ts';
import { podKeys } from '../model/pod.ts';
import { parseSubjectId, type SubjectId } from '../model/subject.ts';
import type { LogChunk } from '../ports/executor.ts';
import type { LogWriter } from '../ports/logs.ts';
import type { AppContext } from './context.ts';
import { listSeen } from './pod-view.ts';

const longestRestMs = 60_000;
const capBytes = 10 * 1024 * 1024;
const cutNote = `\n… the log is cut here: it is longer than ${capBytes / 1024 / 1024} MB\n`;

/** Writes pieces one after another, with a heading for each container, and capped; `secrets` of its job are masked. */
function createSink(writer: LogWriter, secrets: readonly string[]) {
  const masker = createMasker(secrets);
  let written = 0;
  let container = '';
  let chain: Promise<void> = Promise.resolve();
  let failure: Error | null = null;
  const keepFailure = (cause: unknown): void => {
    failure = new Error('cannot write a log', { cause });
  };
  const write = (text: string): void => {
    if (written >= capBytes || text === '') return;
    const rest = capBytes - written;
    written += Buffer.byteLength(text);
    const piece = written >= capBytes ? text.slice(0, rest) + cutNote : text;
    // Told at the end: nobody waits for a single piece.
    chain = chain.then(() => (failure === null ? writer.write(piece) : undefined)).catch(keepFailure);
  };
  return {
    take(chunk: LogChunk): void {
      if (chunk.container !== container) {
        container = chunk.container;
        write(`${masker.flush()}── ${container} ──\n`);
      }
      write(masker.push(chunk.text));
    },
    async end(): Promise<void> {
      write(masker.flush());
      await chain;
      await (failure === null ? writer.end() : writer.leave());
      if (failure !== null) throw failure;
    },
    async leave(): Promise<void> {
      await chain;
      await writer.leave();
    },
  };
}

async function followBuild(context: AppContext, pod: ObservedPod, build: BuildId, signal: AbortSignal): Promise<void> {
  const { executor, logs, jobSecrets } = context.ports;
  // What cannot be masked is not shown: it is tried again.
  const names = pod.annotations[secretsKey]?.split(' ') ?? [];
  const secrets = names.length === 0 ? [] : await jobSecrets.valuesOf(names);
  const sink = createSink(await logs.begin(build), secrets);
  let isWhole = false;
  try {
    await executor.follow(build, sink.take, signal);
    // Cut off by our own end: the next follower writes the whole log again.
    isWhole = !signal.aborted;
  } finally {
    await (isWhole ? sink.end() : sink.leave());
  }
}

function subjectOf(pod: ObservedPod): SubjectId | null {
  const text = pod.annotations[podKeys.subject] ?? '';
  return parseSubjectId(text) ? (text as SubjectId) : null;
}

/** How long a pod may be there until its subject is woken for it, and then again. */
const orphanMs = 5 * 60_000;

function sightOf(pod: ObservedPod): string {
  return JSON.stringify([pod.uid, pod.phase, pod.reason, pod.containers.map(({ state }) => state.kind)]);
}

/** Follows every pod's output from the start, and wakes its subject when something of it changed, until the signal aborts. */
export function watchPods(
  context: AppContext,
  signal: AbortSignal,
): { readonly look: () => Promise<void>; readonly ended: () => Promise<void> } {
  const { executor, logs, signals, log, clock } = context.ports;
  const following = new Map<BuildId, Promise<void>>();
  /** Builds whose log could not be followed, and until when that is not tried again. */
  const resting = new Map<BuildId, { readonly failures: number; readonly until: number }>();

  async function begin(pod: ObservedPod, build: BuildId, subject: SubjectId): Promise<void> {
    const there = await logs.read(build, Number.MAX_SAFE_INTEGER);
    if (there?.ended) return;
    try {
      await followBuild(context, pod, build, signal);
      resting.delete(build);
    } catch (cause) {
      const failures = (resting.get(build)?.failures ?? 0) + 1;
      const restMs = Math.min(longestRestMs, 1000 * 2 ** failures);
      resting.set(build, { failures, until: clock.now() + restMs });
      log.warn({ build, subject, pod: pod.uid, failures, err: cause }, 'log could not be followed');
    }
    context.pods.outdate();
    if (!signal.aborted) await signals.wake(subject);
  }

  function take(pod: ObservedPod): void {
    const subject = subjectOf(pod);
    if (!subject || signal.aborted) return;
    const build = toBuildId(pod.name);
    if (following.has(build) || (resting.get(build)?.until ?? 0) > clock.now()) return;
    following.set(
      build,
      begin(pod, build, subject)
        .catch((cause: unknown) => log.warn({ build, subject, err: cause }, 'end of a log could not be told'))
        .finally(() => following.delete(build)),
    );
  }

  /** When each pod's subject was last woken for nothing but its being there, by uid (ms). */
  const seenAt = new Map<string, number>();

  /** After a loss nobody may remember a pod, and nobody look at a closed change: a pass of its subject now and then does. */
  async function wakeOwners(pods: readonly ObservedPod[]): Promise<void> {
    const now = clock.now();
    const there = new Set(pods.map(({ uid }) => uid));
    for (const uid of seenAt.keys()) if (!there.has(uid)) seenAt.delete(uid);
    for (const pod of pods) {
      const subject = subjectOf(pod);
      const last = seenAt.get(pod.uid);
      if (last !== undefined && now - last < orphanMs) continue;
      seenAt.set(pod.uid, now);
      if (subject && last !== undefined) await signals.wake(subject);
    }
  }

  async function look(): Promise<void> {
    const { pods } = await listSeen(executor);
    await wakeOwners(pods);
    for (const pod of pods) {
      // A pod whose log has ended stays known until it is removed; its end wakes its subject once more, which is harmless.
      if (pod.phase === 'pending' || pod.phase === 'running') take(pod);
      else if (!(await logs.read(toBuildId(pod.name), Number.MAX_SAFE_INTEGER))?.ended) take(pod);
    }
  }

  /** What a pass can see of each pod, as last told: a change of anything else is no reason for one. */
  const told = new Map<BuildId, { readonly subject: SubjectId; readonly seen: string }>();
  const stop = executor.watch((build) => {
    void executor
      .observe(build)
      .then(async (pod) => {
        context.pods.outdate();
        if (pod) take(pod);
        const before = told.get(build);
        const subject = pod ? subjectOf(pod) : before?.subject;
        const seen = pod === null ? 'gone' : sightOf(pod);
        if (!subject || before?.seen === seen) return;
        if (pod) told.set(build, { subject, seen });
        else told.delete(build);
        await signals.wake(subject);
      })
      .catch((cause: unknown) => log.warn({ build, err: cause }, 'pod could not be observed'));
  });
  signal.addEventListener('abort', stop, { once: true });
  return { look, ended: async () => void (await Promise.allSettled(following.values())) };
}
