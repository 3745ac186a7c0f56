import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { createSignals } from '../../../src/adapters/redis/signals.ts';
import { nextTime } from '../../../src/core/periodic/cron-times.ts';
import { fixCron, plainCron } from '../../../src/core/periodic/fix-cron.ts';
import { parseCron } from '../../../src/core/periodic/parse-cron.ts';
import { type SubjectId, subjectIdOf } from '../../../src/model/subject.ts';
import { keepingLog, startTestRedis, type TestRedis } from '../../harness/redis.ts';
import { eventually } from './eventually.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 30_000 });

let server: TestRedis;
let redis: Redis;
let opened = 0;
const endings: (() => Promise<void>)[] = [];

beforeAll(async () => {
  server = await startTestRedis();
  redis = server.open();
});
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});
afterAll(() => server.stop());

function open(prefix: string) {
  const signals = createSignals(redis, prefix, { log: keepingLog() });
  endings.push(() => signals.close());
  return signals;
}

function newPrefix(): string {
  return `times${opened++}:`;
}

/** BullMQ's own view of what is scheduled. */
async function scheduled(prefix: string) {
  const queue = new Queue('reconcile', { connection: redis, prefix: `${prefix}bull` });
  const all = await queue.getJobSchedulers();
  await queue.close();
  return all;
}

const nightly = subjectIdOf({ kind: 'periodic', repository: 7, branch: 'main' });
const eachSecond = { key: 'a', cron: '* * * * * *', timeZone: 'UTC' };

describe('times that are set', () => {
  it('wake their subject again and again, in whichever process listens', async () => {
    const prefix = newPrefix();
    const passes: SubjectId[] = [];
    endings.push(open(prefix).listen(async (woken) => void passes.push(woken), 4));
    await open(prefix).set(nightly, [eachSecond]);
    await eventually(() => passes.length).toBeGreaterThanOrEqual(3);
    expect(new Set(passes)).toEqual(new Set([nightly]));
  });

  it('are one for each key however often they are set, and those that are not set any more are gone', async () => {
    const prefix = newPrefix();
    const other = subjectIdOf({ kind: 'periodic', repository: 71, branch: 'main' });
    const at = (key: string, cron: string) => ({ key, cron, timeZone: 'Europe/Berlin' });
    await open(prefix).set(other, [at('a', '1 1 * * *')]);
    for (const signals of [open(prefix), open(prefix)])
      for (let again = 0; again < 2; again += 1)
        await signals.set(nightly, [at('a', '17 2 * * *'), at('b', '0 4 * * 1')]);
    expect((await scheduled(prefix)).map(({ pattern }) => pattern).sort()).toEqual([
      '0 4 * * 1',
      '1 1 * * *',
      '17 2 * * *',
    ]);
    const signals = open(prefix);
    await signals.set(nightly, [at('b', '0 5 * * 1')]);
    expect((await scheduled(prefix)).map(({ pattern }) => pattern).sort()).toEqual(['0 5 * * 1', '1 1 * * *']);
    await signals.set(nightly, []);
    expect((await scheduled(prefix)).map(({ pattern }) => pattern)).toEqual(['1 1 * * *']);
  });

  it.each`
    cron                         | zone
    ${'H 2 * * *'}               | ${'Europe/Berlin'}
    ${'H/20 8-18/2 * * MON-FRI'} | ${'America/New_York'}
    ${'30 0 1,15 * SUN'}         | ${'Asia/Kolkata'}
    ${'0 0 29 2 *'}              | ${'UTC'}
    ${'H H H 1-6/2 *'}           | ${'Australia/Lord_Howe'}
  `('of $cron in $zone come in BullMQ when we say that they are due', async ({ cron, zone }) => {
    const parsed = parseCron(cron);
    if (parsed.kind === 'faulty') throw new Error(parsed.message);
    const fixed = fixCron(parsed.line, 'acme');
    const prefix = newPrefix();
    await open(prefix).set(nightly, [{ key: 'a', cron: plainCron(fixed), timeZone: zone }]);
    const [found] = await scheduled(prefix);
    expect(new Date(found?.next ?? 0).toISOString()).toBe(
      new Date(nextTime(fixed, zone, Date.now()) ?? 0).toISOString(),
    );
  });
});
