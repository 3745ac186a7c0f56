import type { SubjectId } from '../model/subject.ts';
import type { AppContext } from './context.ts';
import { dispatch } from './dispatch.ts';
import { watchPods } from './follow-logs.ts';
import { timePass } from './measure.ts';
import { createConfigReader } from './read-config.ts';
import { receiveEvents } from './receive.ts';
import { reconcile } from './reconcile.ts';
import { redeliverFailed } from './redeliver.ts';
import { resyncAll } from './resync.ts';

export interface Worker {
  /** Reads every repository anew, now. */
  resync(): Promise<void>;
  /** Asks for failed deliveries again, now. */
  redeliver(): Promise<void>;
  /** Ends the loops and waits for what they are doing; builds go on and are found again. */
  close(): Promise<void>;
}

/** Calls `work` again and again with a pause between; an error is logged and the next turn tries again. */
async function every(
  context: AppContext,
  milliseconds: number,
  what: string,
  signal: AbortSignal,
  work: () => Promise<void>,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await work();
    } catch (cause) {
      if (signal.aborted) return;
      context.ports.metrics.turnFailed(what);
      context.ports.log.warn({ err: cause, what }, 'a periodic turn failed');
    }
    await context.ports.clock.sleep(milliseconds, signal);
  }
}

/** Only one worker at a time does what concerns the whole installation. */
async function alone(
  context: AppContext,
  name: string,
  milliseconds: number,
  work: () => Promise<unknown>,
): Promise<void> {
  if (await context.ports.notes.lease(name, context.settings.worker, milliseconds)) await work();
}

/** Subjects whose last pass failed, and until when only an event wakes them: the sweep must not make a storm of a fault. */
type Resting = Map<SubjectId, { readonly until: number; readonly failures: number }>;

const longestRestMs = 60_000;

async function wakeDue(context: AppContext, resting: Resting): Promise<void> {
  const { documents, clock, signals } = context.ports;
  const now = clock.now();
  for (const subject of await documents.due(now)) {
    if ((resting.get(subject)?.until ?? 0) <= now) await signals.wake(subject);
  }
}

async function passWithRest(
  resting: Resting,
  subject: SubjectId,
  now: () => number,
  pass: () => Promise<void>,
): Promise<void> {
  try {
    await pass();
    resting.delete(subject);
  } catch (cause) {
    const failures = (resting.get(subject)?.failures ?? 0) + 1;
    resting.set(subject, { failures, until: now() + Math.min(longestRestMs, 1000 * 2 ** failures) });
    throw cause;
  }
}

/** Waiting check runs say how many are ahead: their subjects are looked at as the line moves. */
async function wakeWaiting(context: AppContext): Promise<void> {
  const subjects = new Set<SubjectId>();
  for (const pool of await context.ports.line.pools()) {
    for (const entry of (await context.ports.line.read(pool)).entries)
      if (entry.state === 'waiting') subjects.add(entry.subject);
  }
  for (const subject of subjects) await context.ports.signals.wake(subject);
}

/** Starts the loops of one worker process. */
export function startWorker(context: AppContext): Worker {
  const { ports, settings } = context;
  const ending = new AbortController();
  const { signal } = ending;
  const reader = createConfigReader(context);
  const resting: Resting = new Map();
  const pods = watchPods(context, signal);
  const stopListening = ports.signals.listen(async (subject) => {
    await passWithRest(resting, subject, ports.clock.now, () =>
      timePass(ports, () => reconcile(context, reader, subject)),
    );
    await dispatch(context);
  }, settings.concurrency);
  const resync = (): Promise<void> => resyncAll(context);
  const redeliver = async (): Promise<void> => void (await redeliverFailed(context, signal));
  const resyncSoon = (): void =>
    void resync().catch((cause: unknown) => ports.log.warn({ err: cause }, 'resync failed'));
  const { periods } = settings;
  const loops = [
    receiveEvents(context, resyncSoon, signal),
    every(context, periods.dueMs, 'due', signal, () => wakeDue(context, resting)),
    every(context, periods.dueMs, 'dispatch', signal, () => dispatch(context)),
    every(context, periods.podsMs, 'pods', signal, pods.look),
    every(context, 15_000, 'waiting', signal, () => wakeWaiting(context)),
    every(context, 15_000, 'check runs', signal, () => ports.reporter.recover()),
    every(context, periods.resyncMs, 'resync', signal, () => alone(context, 'resync', periods.resyncMs, resync)),
    every(context, periods.redeliveryMs, 'redelivery', signal, () =>
      alone(context, 'redelivery', periods.redeliveryMs, redeliver),
    ),
  ];
  return {
    resync,
    redeliver,
    async close() {
      ending.abort();
      await stopListening();
      await Promise.allSettled(loops);
      await pods.ended();
    },
  };
}
