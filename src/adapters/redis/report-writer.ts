import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { CheckRunReport } from '../../model/check-run.ts';
import { isFinal } from '../../model/check-run.ts';
import type { Project } from '../../model/project.ts';
import type { SubjectId } from '../../model/subject.ts';
import type { Log } from '../../ports/log.ts';
import type { Keys } from './keys.ts';
import { pickScript, recordScript } from './report-scripts.ts';
import { texts } from './script.ts';

/** What became of one write of a check run. */
export type WriteOutcome =
  /** The forge has it, under this id of its own. */
  | { readonly kind: 'written'; readonly id: number }
  /** The forge wants nothing more from this installation for so long. */
  | { readonly kind: 'limited'; readonly retryAfterMs: number }
  /** Trying the same again will not help. */
  | { readonly kind: 'refused'; readonly because: string }
  /** It may have been written or not; trying again may help. */
  | { readonly kind: 'failed'; readonly because: string };

/**
 * Puts a report on the forge. `knownId` is the forge's id of the check run, null when it is not known: then one with the
 * same external id must be looked for first, because an earlier write may have been cut off before it was recorded.
 * The signal aborts when it takes too long. A throw counts as `failed`.
 */
export type WriteCheckRun = (
  project: Project,
  report: CheckRunReport,
  knownId: number | null,
  signal: AbortSignal,
) => Promise<WriteOutcome>;

export interface ReporterOptions {
  readonly log: Log;
  /** Writes per installation in any such span of ms (invariant S16). */
  readonly limiter: { readonly max: number; readonly duration: number };
  /** Least time between two progress writes of one check run. */
  readonly coalesceMs: number;
  /** Wait after a failed write, doubled each time up to the longest. */
  readonly firstRetryMs: number;
  readonly longestRetryMs: number;
  /** Wait after a refused write; a new wish does not wait for it. */
  readonly refusedRetryMs: number;
  /** One write is aborted after this; another process may try after half as much again. */
  readonly writeLimitMs: number;
  /** How long a delivered wish is remembered. */
  readonly retentionMs: number;
  /** After a restart of the server, what is not final is written again where that was so long ago. */
  readonly rewriteMs: number;
  /** How long ending waits for a write that is under way. */
  readonly stopLimitMs: number;
  /** For tests; else the server's clock counts. */
  readonly now?: () => number;
}

/** How long until there is something to write: `null` when nothing waits, 0 when there is more right now. */
export type NextTurn = number | null;

interface Picked {
  readonly externalId: string;
  readonly project: Project;
  readonly report: CheckRunReport;
  readonly fingerprint: string;
  readonly knownId: number | null;
  /** Null where none was given. */
  readonly subject: SubjectId | null;
  readonly deliveries: readonly string[];
}

const writesPerTurn = 20;

/** Writes what waits for an installation, finals first, one after the other, as far as limits allow. */
export function createWriter(redis: Redis, key: Keys, write: WriteCheckRun, options: ReporterOptions) {
  const now = () => options.now?.() ?? '';
  return async (installation: string, isEnding: () => boolean): Promise<NextTurn> => {
    for (let i = 0; i < writesPerTurn && !isEnding(); i++) {
      const token = randomUUID();
      const next = await pick(redis, key, options, now(), installation, token);
      if (next === null || typeof next === 'number') return next;
      const outcome = await attempt(write, next, options.writeLimitMs);
      const failures = await record(redis, key, options, now(), installation, next, token, outcome);
      tell(options.log, next, outcome, failures);
    }
    return 0;
  };
}

async function pick(
  redis: Redis,
  key: Keys,
  options: ReporterOptions,
  now: number | '',
  installation: string,
  token: string,
): Promise<Picked | NextTurn> {
  const keys = [
    key('checkFinals', installation),
    key('checkProgress', installation),
    key('checkBudget', installation),
    key('checkLimit', installation),
  ];
  const { max, duration } = options.limiter;
  const leaseMs = Math.ceil(options.writeLimitMs * 1.5);
  const reply = texts(await pickScript(redis, keys, [now, key('check', ''), max, duration, leaseMs, token]));
  const [kind, first = '', project = '', report = '', fingerprint = '', id = '', subject = '', deliveries = ''] = reply;
  if (kind === 'idle') return null;
  if (kind === 'wait') return Number(first);
  const knownId = id === '' ? null : Number(id);
  return {
    externalId: first,
    project: JSON.parse(project),
    report: JSON.parse(report),
    fingerprint,
    knownId,
    subject: subject === '' ? null : (subject as SubjectId),
    deliveries: deliveries.split(' ').filter((id_) => id_ !== ''),
  };
}

async function attempt(write: WriteCheckRun, picked: Picked, limitMs: number): Promise<WriteOutcome> {
  const signal = AbortSignal.timeout(limitMs);
  const late = new Promise<WriteOutcome>((resolve) => {
    const because = `no answer within ${limitMs} ms`;
    signal.addEventListener('abort', () => resolve({ kind: 'failed', because }), { once: true });
  });
  try {
    return await Promise.race([write(picked.project, picked.report, picked.knownId, signal), late]);
  } catch (error) {
    return { kind: 'failed', because: error instanceof Error ? error.message : String(error) };
  }
}

async function record(
  redis: Redis,
  key: Keys,
  options: ReporterOptions,
  now: number | '',
  installation: string,
  picked: Picked,
  token: string,
  outcome: WriteOutcome,
): Promise<number> {
  const { coalesceMs, retentionMs, firstRetryMs, longestRetryMs, refusedRetryMs } = options;
  const keys = [
    key('check', picked.externalId),
    key('checkFinals', installation),
    key('checkProgress', installation),
    key('checkLimit', installation),
  ];
  const what = [picked.externalId, token, picked.fingerprint, outcome.kind, detailOf(outcome)];
  const waits = [coalesceMs, retentionMs, firstRetryMs, longestRetryMs, refusedRetryMs];
  return Number(await recordScript(redis, keys, [now, ...what, ...waits]));
}

function detailOf(outcome: WriteOutcome): number | '' {
  if (outcome.kind === 'written') return outcome.id;
  return outcome.kind === 'limited' ? Math.ceil(outcome.retryAfterMs) : '';
}

function tell(log: Log, picked: Picked, outcome: WriteOutcome, failures: number): void {
  const { externalId, report, project, subject, deliveries } = picked;
  const whose = { subject, delivery: deliveries };
  const about = { repository: project.id, commit: report.commit, check: report.name, externalId };
  const fields = { ...whose, ...about, state: report.state, failures, outcome };
  if (outcome.kind === 'written') log.info(fields, 'check run written');
  else if (outcome.kind === 'limited') log.warn(fields, 'check runs limited by the forge');
  else if (outcome.kind === 'failed') log.warn(fields, 'check run not written, trying again');
  else if (isFinal(report)) log.error(fields, 'final check run refused by the forge');
  else log.warn(fields, 'check run refused by the forge');
}
