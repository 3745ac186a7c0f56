import { orderLine } from '../core/line/order-line.ts';
import type { SubjectId } from '../model/subject.ts';
import type { AppContext, Ports, WorkerContext } from './context.ts';
import { createDispatcher } from './dispatch.ts';
import { watchPods } from './follow-logs.ts';
import { rememberForge } from './forge-memory.ts';
import { createElsewhereReader } from './gate/read-elsewhere.ts';
import { sweepAllCandidates } from './gate/sweep-candidates.ts';
import { createUnheardReader } from './gate/unheard.ts';
import { hideSecrets } from './hide-secrets.ts';
import { createIsolationTurn, isolationLookMs } from './isolation/prove-isolation.ts';
import { timePass } from './measure.ts';
import { stateSince } from './observe-opened.ts';
import { createOrganisations } from './organisation/read-organisations.ts';
import { wakeOrganisation } from './organisation/wake-organisation.ts';
import { createCopier } from './promote/copier.ts';
import { createLandingNames } from './promote/name-landings.ts';
import { createLineMemory } from './promote/read-lines.ts';
import { createConfigReader } from './read-config.ts';
import { receiveEvents } from './receive.ts';
import { reconcile } from './reconcile.ts';
import { redeliverFailed } from './redeliver.ts';
import { createLineRestorer } from './restore-line.ts';
import { resyncAll } from './resync.ts';
import { createResyncTurn, resyncLookMs } from './resync-turn.ts';
import { createUnseen } from './unseen.ts';

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

const sweepMs = 10 * 60_000;
const tellAtOnce = 60;

/** Waiting check runs say how many are ahead: some are looked at in each turn, in the order of the line, all in turn. */
function createTeller(context: AppContext): () => Promise<void> {
  let told = new Set<SubjectId>();
  return async () => {
    const { line, signals } = context.ports;
    const waiting: SubjectId[] = [];
    for (const pool of await line.pools())
      waiting.push(...orderLine((await line.read(pool)).entries).map(({ subject }) => subject));
    const subjects = [...new Set(waiting)];
    const rest = subjects.filter((subject) => !told.has(subject));
    const next = (rest.length > 0 ? rest : subjects).slice(0, tellAtOnce);
    told = new Set([...(rest.length > 0 ? subjects.filter((subject) => told.has(subject)) : []), ...next]);
    for (const subject of next) await signals.wake(subject);
  };
}

/** One after another; many calls while it runs become one more: each call is followed by a run that begins after it. */
function atMostOneWaits(run: () => Promise<void>): () => void {
  let last = Promise.resolve();
  let waits = false;
  return () => {
    if (waits) return;
    waits = true;
    last = last.then(() => {
      waits = false;
      return run();
    });
  };
}

/** Starts the loops of one worker process. */
export function startWorker(given: WorkerContext): Worker {
  const { forge, memory } = rememberForge(given.ports.forge, given.ports.clock);
  const ports: Ports = { ...given.ports, forge, executor: hideSecrets(given.ports.executor) };
  const organisations = createOrganisations(ports, given.settings, memory, (installation) => {
    void wakeOrganisation({ ports }, memory, installation);
  });
  const context: AppContext = { ...given, ports, organisations };
  const { settings } = context;
  const ending = new AbortController();
  const { signal } = ending;
  const config = createConfigReader(context);
  const tools = {
    config,
    names: createLandingNames(context, config),
    lines: createLineMemory(context),
    memory,
    unseen: createUnseen(ports, memory),
    dispatcher: createDispatcher(context),
    elsewhere: createElsewhereReader(context),
    unheard: createUnheardReader(context),
    copier: createCopier(context, signal),
  };
  const resting: Resting = new Map();
  const pods = watchPods(context, signal);
  const stopListening = ports.signals.listen(async (subject) => {
    await passWithRest(resting, subject, ports.clock.now, () =>
      timePass(ports, () => reconcile(context, tools, subject)),
    );
  }, settings.concurrency);
  const resync = async (): Promise<void> => void (await resyncAll(context));
  const resyncDue = (isAfterLoss: boolean): Promise<boolean> => resyncAll(context, { isAfterLoss });
  const redeliver = async (): Promise<void> => void (await redeliverFailed(context, signal));
  const resyncSoon = atMostOneWaits(() =>
    resync().catch((cause: unknown) => ports.log.warn({ err: cause }, 'resync failed')),
  );
  const { periods } = settings;
  const loops = [
    receiveEvents(context, memory, resyncSoon, signal),
    every(context, periods.dueMs, 'due', signal, () => wakeDue(context, resting)),
    every(context, periods.dueMs, 'unseen', signal, tools.unseen.wakeChanged),
    every(context, periods.dueMs, 'state', signal, async () => void (await stateSince(context))),
    every(context, periods.dueMs, 'line', signal, createLineRestorer(context, signal)),
    every(context, periods.dueMs, 'dispatch', signal, tools.dispatcher.sweep),
    every(context, periods.podsMs, 'pods', signal, pods.look),
    every(context, 15_000, 'waiting', signal, createTeller(context)),
    every(context, 15_000, 'check runs', signal, () => ports.reporter.recover()),
    every(context, Math.min(resyncLookMs, periods.resyncMs), 'resync', signal, createResyncTurn(context, resyncDue)),
    every(context, isolationLookMs, 'isolation', signal, createIsolationTurn(context, signal)),
    every(context, sweepMs, 'candidates', signal, () =>
      alone(context, 'candidates', sweepMs / 2, () => sweepAllCandidates(context)),
    ),
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
