import { afterEach, describe, expect, it } from 'vitest';
import { createPrometheus, type Prometheus } from '../../../src/adapters/prometheus/prometheus.ts';
import type { Figures, Metrics } from '../../../src/ports/metrics.ts';
import { type Exposition, parseExposition } from '../../harness/exposition.ts';
import { noFigures } from './figures-fixture.ts';

const now = 1_800_000_000_000;
const opened: Prometheus[] = [];

function start(figures: () => Promise<Figures> = async () => noFigures): Prometheus {
  const prometheus = createPrometheus({ figures, pools: ['default', 'big'], version: '1.2.3', now: () => now });
  opened.push(prometheus);
  return prometheus;
}
afterEach(() => {
  for (const each of opened.splice(0)) each.close();
});

async function scrape(prometheus: Prometheus): Promise<Exposition> {
  return parseExposition(await prometheus.scrape());
}

const happenings: readonly (readonly [string, (metrics: Metrics) => void, string, number])[] = [
  [
    'a delivery is accepted',
    (m) => m.deliveryAnswered('accepted', 202),
    'sluice_webhook_deliveries_total{outcome="accepted",status="202"}',
    1,
  ],
  [
    'a delivery comes twice',
    (m) => m.deliveryAnswered('duplicate', 202),
    'sluice_webhook_deliveries_total{outcome="duplicate",status="202"}',
    1,
  ],
  [
    'a delivery is ignored',
    (m) => m.deliveryAnswered('ignored', 202),
    'sluice_webhook_deliveries_total{outcome="ignored",status="202"}',
    1,
  ],
  [
    'a delivery is refused',
    (m) => m.deliveryAnswered('refused', 401),
    'sluice_webhook_deliveries_total{outcome="refused",status="401"}',
    1,
  ],
  ['the second secret fits', (m) => m.secretMatched(1), 'sluice_webhook_secret_index{index="1"}', 1],
  ['a delivery is on disk', (m) => m.deliveryStored(0.25), 'sluice_webhook_store_seconds_sum', 0.25],
  ['a pass ends', (m) => m.passEnded('done', 0.5), 'sluice_pass_seconds_count{outcome="done"}', 1],
  ['a pass fails', (m) => m.passEnded('failed', 0.5), 'sluice_pass_seconds_count{outcome="failed"}', 1],
  ['a pass takes its time', (m) => m.passEnded('done', 0.5), 'sluice_pass_seconds_sum{outcome="done"}', 0.5],
  [
    'an image is copied',
    (m) => m.imageCopied('copied', 3, 4096),
    'sluice_image_copy_seconds_count{outcome="copied"}',
    1,
  ],
  ['its bytes', (m) => m.imageCopied('copied', 3, 4096), 'sluice_image_copy_bytes_total', 4096],
  ['a copy fails', (m) => m.imageCopied('failed', 3, 0), 'sluice_image_copy_seconds_count{outcome="failed"}', 1],
  ['a landing is published', (m) => m.landingPublished('tag', 4), 'sluice_publish_seconds_count{mode="tag"}', 1],
  ['a promotion is tried again', (m) => m.promotionTried(), 'sluice_promotion_retries_total', 1],
  ['a tag was moved', (m) => m.tagMoved(), 'sluice_tags_moved_total', 1],
  ['landings wait', (m) => m.promotionsWait('a', 2, Date.now()), 'sluice_promotions_waiting', 2],
  [
    'builds are found shut in',
    (m) => m.isolationJudged('passed', null),
    'sluice_isolation_verdict{verdict="passed"}',
    1,
  ],
  ['a save meets a conflict', (m) => m.passConflicted(), 'sluice_pass_conflicts_total', 1],
  ['a turn of a loop fails', (m) => m.turnFailed('resync'), 'sluice_loop_failures_total{loop="resync"}', 1],
  ['a build ends', (m) => m.buildFinished('failure', 90), 'sluice_builds_finished_total{result="failure"}', 1],
  ['a build ran', (m) => m.buildFinished('failure', 90), 'sluice_build_seconds_sum{result="failure"}', 90],
  [
    'a build ends that never ran',
    (m) => m.buildFinished('error', null),
    'sluice_builds_finished_total{result="error"}',
    1,
  ],
  ['a pod is created', (m) => m.podStarted(3), 'sluice_pod_start_seconds_sum', 3],
  [
    'GitHub is asked',
    (m) => m.forgeCalled('check-runs', 201),
    'sluice_forge_calls_total{kind="check-runs",status="201"}',
    1,
  ],
  [
    'GitHub gives no answer',
    (m) => m.forgeCalled('tokens', null),
    'sluice_forge_calls_total{kind="tokens",status="none"}',
    1,
  ],
  [
    'GitHub tells its limit',
    (m) => m.forgeAllows(7, 'core', 4999),
    'sluice_forge_rate_limit_remaining{installation="7",resource="core"}',
    4999,
  ],
  ['Redis is given a command', (m) => m.redisCommanded(), 'sluice_redis_commands_total', 1],
];

describe('what this process counts', () => {
  it.each(happenings)('moves when %s', async (_what, happen, sample, by) => {
    const prometheus = start();
    const before = (await scrape(prometheus)).value(sample) ?? 0;
    happen(prometheus.metrics);
    expect((await scrape(prometheus)).value(sample)).toBe(before + by);
  });

  it('covers every thing that can be counted', () => {
    const called = new Set<string>();
    const spy = new Proxy({} as Metrics, { get: (_target, name) => () => void called.add(String(name)) });
    for (const [, happen] of happenings) happen(spy);
    expect([...called].sort()).toEqual(Object.keys(start().metrics).sort());
  });

  it('tells one verdict of the canary at a time, and how old it is', async () => {
    const prometheus = start();
    prometheus.metrics.isolationJudged('passed', Date.now() - 60_000);
    prometheus.metrics.isolationJudged('failed', Date.now() - 30_000);
    const told = await scrape(prometheus);
    expect(told.value('sluice_isolation_verdict{verdict="failed"}')).toBe(1);
    expect(told.value('sluice_isolation_verdict{verdict="passed"}')).toBe(0);
    expect(told.value('sluice_isolation_last_canary_age_seconds')).toBeCloseTo(30, 0);
  });

  it('is apart for two servers in one process', async () => {
    const [one, other] = [start(), start()];
    one.metrics.passConflicted();
    expect((await scrape(one)).value('sluice_pass_conflicts_total')).toBe(1);
    expect((await scrape(other)).value('sluice_pass_conflicts_total')).toBe(0);
  });
});

const standing: readonly (readonly [string, Partial<Figures>, string, number])[] = [
  ['the newest delivery', { lastDeliveryAt: now - 3_000 }, 'sluice_last_delivery_age_seconds', 3],
  ['the last one taken up', { lastRoutedAt: now - 4_000 }, 'sluice_last_routed_age_seconds', 4],
  ['the last poll', { lastPollAt: now - 90_000_000 }, 'sluice_last_poll_age_seconds', 90_000],
  ['the last resync', { lastResyncAt: now - 600_000 }, 'sluice_last_resync_age_seconds', 600],
  ['a time ahead of our clock', { lastResyncAt: now + 600_000 }, 'sluice_last_resync_age_seconds', 0],
  ['the intake', { intake: { length: 5, pending: 2, oldestAt: null } }, 'sluice_intake_events', 5],
  ['what is taken of it', { intake: { length: 5, pending: 2, oldestAt: null } }, 'sluice_intake_pending_events', 2],
  ['its oldest', { intake: { length: 5, pending: 2, oldestAt: now - 1_500 } }, 'sluice_intake_oldest_age_seconds', 1.5],
  ['what was set aside', { quarantined: 1 }, 'sluice_quarantined_events', 1],
  ['inboxes', { inboxes: 4 }, 'sluice_inbox_subjects', 4],
  ['check runs', { checkWrites: { waiting: 9, oldestAt: null } }, 'sluice_check_writes_waiting', 9],
  [
    'the oldest of them',
    { checkWrites: { waiting: 9, oldestAt: now - 2_000 } },
    'sluice_check_writes_oldest_age_seconds',
    2,
  ],
  ['the memory of Redis', { memory: { used: 1024, max: null } }, 'sluice_redis_used_memory_bytes', 1024],
  ['its limit', { memory: { used: 1024, max: 4096 } }, 'sluice_redis_max_memory_bytes', 4096],
];

describe('how everything stands', () => {
  it.each(standing)('shows %s', async (_what, figures, sample, expected) => {
    expect((await scrape(start(async () => ({ ...noFigures, ...figures })))).value(sample)).toBe(expected);
  });

  it('has a sample less, not a zero, where there is nothing to tell the age of', async () => {
    const { families } = await scrape(start());
    const empty = [...families.values()].filter(({ samples, type }) => samples.size === 0 && type === 'gauge');
    expect(empty.map(({ name }) => name).sort()).toEqual([
      'sluice_check_writes_oldest_age_seconds',
      'sluice_forge_rate_limit_remaining',
      'sluice_intake_oldest_age_seconds',
      'sluice_isolation_last_canary_age_seconds',
      'sluice_isolation_verdict',
      'sluice_last_delivery_age_seconds',
      'sluice_last_poll_age_seconds',
      'sluice_last_resync_age_seconds',
      'sluice_last_routed_age_seconds',
      'sluice_line_oldest_age_seconds',
      'sluice_redis_max_memory_bytes',
      'sluice_redis_used_memory_bytes',
    ]);
  });

  it('shows each pool of the operator, and all others as one', async () => {
    const line = { granted: 1, active: 2 };
    const lines = [
      { pool: 'default', waiting: 3, oldestAt: now - 5_000, ...line },
      { pool: 'evil\n} 1', waiting: 10, oldestAt: now - 7_000, ...line },
      { pool: 'other', waiting: 20, oldestAt: now - 6_000, ...line },
    ];
    const shown = await scrape(start(async () => ({ ...noFigures, lines })));
    const of = (name: string) => [...(shown.families.get(name)?.samples ?? [])];
    expect(of('sluice_line_builds')).toEqual([
      ['sluice_line_builds{pool="default",state="waiting"}', 3],
      ['sluice_line_builds{pool="default",state="granted"}', 1],
      ['sluice_line_builds{pool="default",state="active"}', 2],
      ['sluice_line_builds{pool="big",state="waiting"}', 0],
      ['sluice_line_builds{pool="big",state="granted"}', 0],
      ['sluice_line_builds{pool="big",state="active"}', 0],
      ['sluice_line_builds{pool="other",state="waiting"}', 30],
      ['sluice_line_builds{pool="other",state="granted"}', 2],
      ['sluice_line_builds{pool="other",state="active"}', 4],
    ]);
    expect(of('sluice_line_oldest_age_seconds')).toEqual([
      ['sluice_line_oldest_age_seconds{pool="default"}', 5],
      ['sluice_line_oldest_age_seconds{pool="other"}', 7],
    ]);
  });

  it('forgets what it showed when Redis gives no answer, and goes on telling what the process knows', async () => {
    let isUp = true;
    const lines = [{ pool: 'default', waiting: 1, granted: 0, active: 0, oldestAt: now }];
    const prometheus = start(async () => {
      if (isUp) return { ...noFigures, quarantined: 3, lastPollAt: now, lines };
      throw new Error('connect ECONNREFUSED redis://:hidden@10.0.0.1');
    });
    prometheus.metrics.passConflicted();
    expect((await scrape(prometheus)).value('sluice_redis_up')).toBe(1);
    isUp = false;
    const text = await prometheus.scrape();
    const down = parseExposition(text);
    expect(down.value('sluice_redis_up')).toBe(0);
    for (const name of [
      'sluice_quarantined_events',
      'sluice_last_poll_age_seconds',
      'sluice_line_builds',
      'sluice_line_oldest_age_seconds',
    ])
      expect(down.families.get(name)?.samples.size, name).toBe(0);
    expect(down.value('sluice_pass_conflicts_total')).toBe(1);
    expect(text).not.toContain('hidden');
    isUp = true;
    expect((await scrape(prometheus)).value('sluice_quarantined_events')).toBe(3);
  });
});

describe('the text', () => {
  it("is in Prometheus' format, and every name and HELP line is ours", async () => {
    const prometheus = start(async () => ({ ...noFigures, lastPollAt: now }));
    for (const [, happen] of happenings) happen(prometheus.metrics);
    const { families } = await scrape(prometheus);
    expect(families.size).toBeGreaterThan(30);
    for (const { name, help, type } of families.values()) {
      expect(name).toMatch(/^sluice_[a-z0-9_]+$/);
      expect(['counter', 'gauge', 'histogram']).toContain(type);
      expect(help, name).toMatch(/^[A-Z0-9].{20,}[.]$/);
      if (/_(seconds|bytes)$/.test(name) === false) expect(name).not.toMatch(/_(ms|milliseconds|mb|kb|minutes)(_|$)/);
    }
  });

  it('tells the version, and what the process uses', async () => {
    const shown = await scrape(start());
    expect(shown.value(`sluice_build_info{version="1.2.3",node="${process.version}"}`)).toBe(1);
    for (const name of [
      'sluice_process_resident_memory_bytes',
      'sluice_process_heap_used_bytes',
      'sluice_process_uptime_seconds',
      'sluice_process_cpu_seconds_total',
    ])
      expect(shown.value(name), name).toBeGreaterThan(0);
    expect(shown.value('sluice_event_loop_lag_seconds{quantile="0.99"}')).toBeGreaterThanOrEqual(0);
  });

  it('does not grow without end whatever numbers come from outside', async () => {
    const prometheus = start();
    const fill = () => {
      for (let i = 0; i < 2_000; i += 1) {
        prometheus.metrics.secretMatched(i);
        prometheus.metrics.forgeAllows(i, i % 2 === 0 ? 'core' : 'graphql', i);
        prometheus.metrics.forgeCalled('other', i * 7);
        prometheus.metrics.deliveryAnswered('refused', -i);
      }
    };
    fill();
    const once = (await scrape(prometheus)).samples.size;
    fill();
    expect((await scrape(prometheus)).samples.size).toBe(once);
    const { families } = await scrape(prometheus);
    expect(families.get('sluice_webhook_secret_index')?.samples.size).toBe(10);
    expect(families.get('sluice_forge_rate_limit_remaining')?.samples.size).toBe(100);
    expect(families.get('sluice_forge_calls_total')?.samples.size).toBeLessThan(502);
  });
});
