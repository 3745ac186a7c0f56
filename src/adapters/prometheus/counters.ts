import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { BuildResult } from '../../model/build.ts';
import type { Metrics } from '../../ports/metrics.ts';
import { createIsolationGauges } from './isolation-gauges.ts';

const results: readonly BuildResult[] = ['success', 'failure', 'timeout', 'aborted', 'error'];
const quick = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30];
const slow = [1, 2, 5, 10, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14_400];
/** The installations whose remaining calls are shown are the last so many that were heard of. */
const installationsShown = 100;

/** Counts into this registry. Every label is one of a closed set, or a number that is kept within bounds here. */
export function createCounters(registry: Registry): Metrics {
  return {
    ...countDeliveries(registry),
    ...countPasses(registry),
    ...countBuilds(registry),
    ...countForge(registry),
    ...countPromotions(registry),
    redisCommanded: countRedis(registry),
    isolationJudged: createIsolationGauges(registry),
  };
}

function countDeliveries(registry: Registry) {
  const registers = [registry];
  const deliveries = new Counter({
    name: 'sluice_webhook_deliveries_total',
    help: 'Webhook requests by answer. Many refused with 401: the secret at GitHub is not one of ours; with 503: look at sluice_redis_up and at the log.',
    labelNames: ['outcome', 'status'],
    registers,
  });
  const secrets = new Counter({
    name: 'sluice_webhook_secret_index',
    help: 'Deliveries by the place in the list of the secret that signed them. Remove an old secret once its place moves no more.',
    labelNames: ['index'],
    registers,
  });
  const stored = new Histogram({
    name: 'sluice_webhook_store_seconds',
    help: 'Time until a delivery was on disk. Over 2 s it is refused: give Redis a faster disk or appendfsync always.',
    buckets: [0.001, 0.0025, ...quick],
    registers,
  });
  for (const outcome of ['accepted', 'duplicate', 'ignored'] as const) deliveries.inc({ outcome, status: '202' }, 0);
  return {
    deliveryAnswered: (outcome, status) => deliveries.inc({ outcome, status: statusLabel(status) }),
    secretMatched: (index) => secrets.inc({ index: String(Math.min(Math.max(0, Math.trunc(index)), 9)) }),
    deliveryStored: (seconds) => stored.observe(seconds),
  } satisfies Partial<Metrics>;
}

function countPasses(registry: Registry) {
  const registers = [registry];
  const passes = new Histogram({
    name: 'sluice_pass_seconds',
    help: 'Passes over one subject and their time. Failed ones are tried again; the log line "pass failed" says why.',
    labelNames: ['outcome'],
    buckets: quick,
    registers,
  });
  const conflicts = new Counter({
    name: 'sluice_pass_conflicts_total',
    help: 'Passes that began anew because another worker had saved first. Harmless; a steady rate means that workers share subjects.',
    registers,
  });
  const turns = new Counter({
    name: 'sluice_loop_failures_total',
    help: 'Turns of a loop of the worker that failed and are tried again. The log line "a periodic turn failed" says why.',
    labelNames: ['loop'],
    registers,
  });
  for (const outcome of ['done', 'failed'] as const) passes.zero({ outcome });
  return {
    passEnded: (outcome, seconds) => passes.observe({ outcome }, seconds),
    passConflicted: () => conflicts.inc(),
    turnFailed: (loop) => turns.inc({ loop }),
  } satisfies Partial<Metrics>;
}

function countBuilds(registry: Registry) {
  const registers = [registry];
  const finished = new Counter({
    name: 'sluice_builds_finished_total',
    help: 'Builds that ended. failure is the change\'s fault; error is ours: see "decided" in the log for the reason.',
    labelNames: ['result'],
    registers,
  });
  const lasted = new Histogram({
    name: 'sluice_build_seconds',
    help: 'Time that builds ran, from the start of the pod to its end. Compare with the timeouts of the jobs.',
    labelNames: ['result'],
    buckets: slow,
    registers,
  });
  const started = new Histogram({
    name: 'sluice_pod_start_seconds',
    help: 'Time from when a build was wanted until its pod was created. Long: more slots (SLUICE_BUILDS) or nodes are needed.',
    buckets: [...quick, ...slow.slice(5)],
    registers,
  });
  for (const result of results) finished.inc({ result }, 0);
  return {
    buildFinished: (result, seconds) => {
      finished.inc({ result });
      if (seconds !== null) lasted.observe({ result }, seconds);
    },
    podStarted: (seconds) => started.observe(seconds),
  } satisfies Partial<Metrics>;
}

function countForge(registry: Registry) {
  const registers = [registry];
  const calls = new Counter({
    name: 'sluice_forge_calls_total',
    help: 'Requests to GitHub by what they were about and the status of the answer (none: no answer came). 401: look at the App key; 403 or 429: a limit was met; 304 costs nothing.',
    labelNames: ['kind', 'status'],
    registers,
  });
  const remaining = new Gauge({
    name: 'sluice_forge_rate_limit_remaining',
    help: 'Requests that GitHub still allows this hour, by installation id. Near 0: checks are late until the hour is over; look for the kind that rises in sluice_forge_calls_total.',
    labelNames: ['installation', 'resource'],
    registers,
  });
  const shown = new Set<number>();
  return {
    forgeCalled: (kind, status) => calls.inc({ kind, status: status === null ? 'none' : statusLabel(status) }),
    forgeAllows: (installation, resource, left) => {
      shown.delete(installation);
      shown.add(installation);
      remaining.set({ installation: String(installation), resource }, left);
      const [oldest] = shown;
      if (shown.size <= installationsShown || oldest === undefined) return;
      shown.delete(oldest);
      for (const each of ['core', 'graphql'] as const)
        remaining.remove({ installation: String(oldest), resource: each });
    },
  } satisfies Partial<Metrics>;
}

function countRedis(registry: Registry): () => void {
  const commands = new Counter({
    name: 'sluice_redis_commands_total',
    help: 'Commands that this process gave to Redis, a script counting as one. Waiting of the queues for signals is not counted.',
    registers: [registry],
  });
  return () => commands.inc();
}

function statusLabel(status: number): string {
  return Number.isInteger(status) && status >= 100 && status < 600 ? String(status) : 'other';
}

function countPromotions(registry: Registry) {
  const registers = [registry];
  const copies = new Histogram({
    name: 'sluice_image_copy_seconds',
    help: 'Copies of images from where they were staged. Failed ones are tried again; the check run sluice/promote on the landed commit says why.',
    labelNames: ['outcome'],
    buckets: slow,
    registers,
  });
  const bytes = new Counter({
    name: 'sluice_image_copy_bytes_total',
    help: 'Bytes of images that went through this process; what was mounted or there already is not counted.',
    registers,
  });
  const published = new Histogram({
    name: 'sluice_publish_seconds',
    help: 'From landing until every tag names what the gate tested, by the way of promotion.',
    labelNames: ['mode'],
    buckets: slow,
    registers,
  });
  const retries = new Counter({
    name: 'sluice_promotion_retries_total',
    help: 'Images of landings that did not get on and are tried again: a registry is away, refuses, or has lost something.',
    registers,
  });
  const moved = new Counter({
    name: 'sluice_tags_moved_total',
    help: 'Published tags that somebody else moved or took away, and that were put back.',
    registers,
  });
  for (const outcome of ['copied', 'failed'] as const) copies.zero({ outcome });
  for (const mode of ['tag', 'intermediate', 'rebuild'] as const) published.zero({ mode });
  return {
    imageCopied: (outcome, seconds, count) => {
      copies.observe({ outcome }, seconds);
      bytes.inc(count);
    },
    landingPublished: (mode, seconds) => published.observe({ mode }, seconds),
    promotionTried: () => retries.inc(),
    tagMoved: () => moved.inc(),
    promotionsWait: countWaiting(registers),
  } satisfies Partial<Metrics>;
}

/** Each line is looked at every few minutes by one worker or another: what this one saw long ago is another's by now. */
const lineSeenMs = 10 * 60_000;

function countWaiting(registers: Registry[]): Metrics['promotionsWait'] {
  const lines = new Map<
    string,
    { readonly waiting: number; readonly oldestAt: number | null; readonly seenAt: number }
  >();
  const seen = () => [...lines.values()].filter(({ seenAt }) => Date.now() - seenAt < lineSeenMs);
  new Gauge({
    name: 'sluice_promotions_waiting',
    help: 'Landings whose images are not all where people pull them, as this worker last saw them.',
    registers,
    collect() {
      this.set(seen().reduce((sum, { waiting }) => sum + waiting, 0));
    },
  });
  new Gauge({
    name: 'sluice_promotion_oldest_age_seconds',
    help: 'Since when the first of them has landed; none: nothing waits. Over 15 minutes: a registry is away or refuses, see sluice/promote on the landed commit.',
    registers,
    collect() {
      this.reset();
      const times = seen().flatMap(({ oldestAt }) => (oldestAt === null ? [] : [oldestAt]));
      if (times.length > 0) this.set(Math.max(0, Date.now() - Math.min(...times)) / 1000);
    },
  });
  return (line, waiting, oldestAt) => {
    if (waiting === 0) lines.delete(line);
    else lines.set(line, { waiting, oldestAt, seenAt: Date.now() });
  };
}
