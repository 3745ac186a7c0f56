import type { Redis } from 'ioredis';
import { definitionDigest } from '../../model/build.ts';
import type { CheckRunReport } from '../../model/check-run.ts';
import { isFinal } from '../../model/check-run.ts';
import type { Project } from '../../model/project.ts';
import type { Log } from '../../ports/log.ts';
import type { KnownReport, Reporter, ReportOrigin } from '../../ports/reporter.ts';
import type { Keys } from './keys.ts';
import { keysFor } from './keys.ts';
import { installationsScript, wantScript } from './report-scripts.ts';
import type { ReporterOptions, WriteCheckRun } from './report-writer.ts';
import { createWriter } from './report-writer.ts';
import { texts } from './script.ts';
import type { WakeQueue } from './wake-queue.ts';
import { createWakeQueue } from './wake-queue.ts';

const usual = {
  limiter: { max: 60, duration: 60_000 },
  coalesceMs: 10_000,
  firstRetryMs: 1000,
  longestRetryMs: 5 * 60_000,
  refusedRetryMs: 3_600_000,
  // GitHub itself gives up at 10 s; what a dying process was writing is tried again after half as much again.
  writeLimitMs: 12_000,
  retentionMs: 14 * 24 * 3_600_000,
  rewriteMs: 10 * 60_000,
  stopLimitMs: 1000,
};

/** The reporter, and the writing itself for the processes that do it. */
export interface RedisReporter extends Reporter {
  /** Begins to write what waits, at most one write at a time per installation. Returns how to end it. */
  listen(): () => Promise<void>;
  /** Signals everything that waits anew; the sweep calls it, because BullMQ's keys may have been flushed. */
  recover(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Wishes are kept here, one per external id, which must name one check run on one commit; BullMQ only says whose turn it
 * is. The limits are counted per installation, which BullMQ's limiter, one per queue, cannot do.
 */
export function createReporter(
  redis: Redis,
  prefix: string | undefined,
  write: WriteCheckRun,
  options: Partial<ReporterOptions> & { readonly log: Log },
): RedisReporter {
  const key = keysFor(prefix);
  const all: ReporterOptions = { ...usual, ...options };
  const { log, stopLimitMs } = all;
  const queue = createWakeQueue(redis, { name: 'check-writes', prefix, log, stopLimitMs });
  const recover = async () => {
    for (const { installation } of await waitingPerInstallation(redis, key)) await queue.wake(installation);
  };
  return {
    async want(project, report, origin) {
      if (!(await store(redis, key, all, project, report, origin ?? null))) return;
      const { externalId, name, commit, state } = report;
      const whose = { subject: origin?.subject ?? null, delivery: origin?.deliveries ?? [] };
      log.info({ ...whose, externalId, check: name, commit, state }, 'check run wanted');
      await signal(queue, String(project.installation), log);
    },
    known: (externalIds) => known(redis, key, externalIds),
    async waiting() {
      const counts = await waitingPerInstallation(redis, key);
      return counts.reduce((sum, { count }) => sum + count, 0);
    },
    recover,
    listen() {
      let ending = false;
      const writeWaiting = createWriter(redis, key, write, all);
      const stop = queue.listen(async (installation) => {
        const next = await writeWaiting(installation, () => ending);
        if (next === 0) await queue.wake(installation);
        else if (next !== null) await queue.wakeLater(installation, next);
      }, installationsAtOnce);
      recover().catch((error) => log.warn({ error }, 'waiting check runs were not signalled'));
      return () => {
        ending = true;
        return stop();
      };
    },
    close: () => queue.close(),
  };
}

const installationsAtOnce = 10;

/** True when it is to be written: a new wish, or one of an earlier life of the server. */
async function store(
  redis: Redis,
  key: Keys,
  options: ReporterOptions,
  project: Project,
  report: CheckRunReport,
  origin: ReportOrigin | null,
): Promise<boolean> {
  const document = origin ? [key('document', origin.subject)] : [];
  const keys = [key('check', report.externalId), key('checkInstallations'), ...document];
  const reply = await wantScript(redis, keys, [
    options.now?.() ?? '',
    report.externalId,
    project.installation,
    JSON.stringify(project),
    JSON.stringify(report),
    definitionDigest(report),
    isFinal(report) ? '1' : '0',
    options.coalesceMs,
    key('checkFinals', ''),
    key('checkProgress', ''),
    origin?.subject ?? '',
    origin?.deliveries.join(' ') ?? '',
    options.rewriteMs,
    origin?.version ?? 1,
  ]);
  return reply === 'stored';
}

/** The wish is stored already: a signal that fails costs time until the next sweep, not the wish. */
async function signal(queue: WakeQueue, installation: string, log: Log): Promise<void> {
  try {
    await queue.wake(installation);
  } catch (error) {
    log.warn({ installation, error }, 'waiting check runs were not signalled');
  }
}

async function known(
  redis: Redis,
  key: Keys,
  externalIds: readonly string[],
): Promise<ReadonlyMap<string, KnownReport>> {
  const result = new Map<string, KnownReport>();
  const read = async (externalId: string) => {
    const [fingerprint, final, delivered] = await redis.hmget(
      key('check', externalId),
      'fingerprint',
      'final',
      'delivered',
    );
    if (fingerprint == null) return;
    result.set(externalId, { fingerprint, final: final === '1', delivered: delivered === fingerprint });
  };
  await Promise.all(externalIds.map(read));
  return result;
}

async function waitingPerInstallation(redis: Redis, key: Keys) {
  const args = [key('checkFinals', ''), key('checkProgress', '')];
  const reply = texts(await installationsScript(redis, [key('checkInstallations')], args));
  return Array.from({ length: reply.length / 2 }, (_, i) => ({
    installation: reply[2 * i] ?? '',
    count: Number(reply[2 * i + 1]),
  }));
}
