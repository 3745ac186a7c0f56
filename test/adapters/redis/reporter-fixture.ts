import type { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import type { ReporterOptions } from '../../../src/adapters/redis/report-writer.ts';
import type { RedisReporter } from '../../../src/adapters/redis/reporter.ts';
import { createReporter } from '../../../src/adapters/redis/reporter.ts';
import type { TestRedis } from '../../harness/redis.ts';
import { keepingLog, startTestRedis } from '../../harness/redis.ts';
import { eventually } from './eventually.ts';
import { FakeCheckRuns } from './fake-check-runs.ts';

/** One empty store, forge and log per test, and reporters that end with it. */
export function reporterFixture() {
  let server: TestRedis;
  let redis: Redis;
  let opened = 0;
  const endings: (() => Promise<void>)[] = [];
  const fixture = {
    get redis() {
      return redis;
    },
    forge: new FakeCheckRuns(),
    log: keepingLog(),
    prefix: '',
    endings,
    /** A reporter as of another process, with short times. */
    open(options: Partial<ReporterOptions> = {}): RedisReporter {
      const quick = { coalesceMs: 100, firstRetryMs: 10, longestRetryMs: 40, stopLimitMs: 300 };
      const { prefix, forge, log } = fixture;
      const reporter = createReporter(redis, prefix, forge.write, { log, ...quick, ...options });
      endings.push(() => reporter.close());
      return reporter;
    },
    listen(reporter: RedisReporter): () => Promise<void> {
      const end = reporter.listen();
      endings.push(end);
      return end;
    },
    /** The server is started anew on the same data. */
    async restart(): Promise<void> {
      await server.kill();
      await server.restart();
      await eventually(() => redis.ping().catch(() => 'away')).toBe('PONG');
    },
    /** As FLUSHALL of BullMQ's keys would. */
    async flushBullmq(): Promise<void> {
      const keys = await redis.keys(`${fixture.prefix}bull:*`);
      if (keys.length > 0) await redis.del(keys);
    },
  };
  beforeAll(async () => {
    server = await startTestRedis();
    redis = server.open();
  });
  beforeEach(() => {
    fixture.forge = new FakeCheckRuns();
    fixture.log = keepingLog();
    fixture.prefix = `test${opened++}:`;
  });
  afterEach(async () => {
    for (const end of endings.splice(0).reverse()) await end();
  });
  afterAll(() => server.stop());
  return fixture;
}
