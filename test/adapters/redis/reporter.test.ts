import type { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ReporterOptions } from '../../../src/adapters/redis/report-writer.ts';
import type { RedisReporter } from '../../../src/adapters/redis/reporter.ts';
import { createReporter } from '../../../src/adapters/redis/reporter.ts';
import { createWakeQueue } from '../../../src/adapters/redis/wake-queue.ts';
import type { TestRedis } from '../../harness/redis.ts';
import { keepingLog, startTestRedis } from '../../harness/redis.ts';
import { eventually, pause } from './eventually.ts';
import { FakeCheckRuns, final, progress, project } from './fake-check-runs.ts';

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

let server: TestRedis;
let redis: Redis;
let forge: FakeCheckRuns;
let prefix = '';
let opened = 0;
const endings: (() => Promise<void>)[] = [];
const log = keepingLog();
const octo = project(5);

beforeAll(async () => {
  server = await startTestRedis();
  redis = server.open();
});
beforeEach(() => {
  forge = new FakeCheckRuns();
  prefix = `test${opened++}:`;
  log.lines.length = 0;
});
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});
afterAll(() => server.stop());

function open(options: Partial<ReporterOptions> = {}): RedisReporter {
  const quick = { coalesceMs: 100, firstRetryMs: 10, longestRetryMs: 40, stopLimitMs: 300 };
  const reporter = createReporter(redis, prefix, forge.write, { log, ...quick, ...options });
  endings.push(() => reporter.close());
  return reporter;
}

function listen(reporter: RedisReporter): () => Promise<void> {
  const end = reporter.listen();
  endings.push(end);
  return end;
}

const titles = () => forge.writes.map(({ title }) => title);

/** Ends whatever an earlier process left in BullMQ, as FLUSHALL of its keys would. */
async function flushBullmq(): Promise<void> {
  const keys = await redis.keys(`${prefix}bull:*`);
  if (keys.length > 0) await redis.del(keys);
}

describe('a wish', () => {
  it('reaches the forge, once, and is known as delivered', async () => {
    const reporter = open();
    listen(reporter);
    await reporter.want(octo, final('c/1'));
    await reporter.want(octo, final('c/1'));
    await eventually(() => reporter.waiting()).toBe(0);
    await reporter.want(octo, final('c/1'));
    await pause(50);
    expect(forge.writes).toMatchObject([{ externalId: 'c/1', title: 'done', installation: 5 }]);
    const known = await reporter.known(['c/1', 'c/2']);
    expect([...known.keys()]).toEqual(['c/1']);
    expect(known.get('c/1')).toMatchObject({ final: true, delivered: true });
  });

  it('is known but not delivered while nobody writes', async () => {
    const reporter = open();
    await reporter.want(octo, progress('c/1'));
    expect(await reporter.waiting()).toBe(1);
    expect((await reporter.known(['c/1'])).get('c/1')).toMatchObject({ final: false, delivered: false });
  });

  it('that is not final is ignored after a final one', async () => {
    const reporter = open();
    listen(reporter);
    await reporter.want(octo, final('c/1'));
    await reporter.want(octo, progress('c/1', 'reopened'));
    await eventually(() => reporter.waiting()).toBe(0);
    await reporter.want(octo, progress('c/1', 'reopened'));
    expect(await reporter.waiting()).toBe(0);
    expect(titles()).toEqual(['done']);
  });

  it('that changes while it is being written is written again', async () => {
    const reporter = open();
    const gate = Promise.withResolvers<'write'>();
    forge.answers.push(() => gate.promise);
    listen(reporter);
    await reporter.want(octo, progress('c/1'));
    await eventually(() => forge.writes).toHaveLength(1);
    await reporter.want(octo, final('c/1'));
    gate.resolve('write');
    await eventually(() => forge.shown.get('c/1')).toBe('done');
    await eventually(() => reporter.waiting()).toBe(0);
    expect(forge.mistakes).toEqual([]);
  });

  it('follows its repository to another installation', async () => {
    const reporter = open();
    await reporter.want(octo, final('c/1'));
    await reporter.want(project(6), final('c/1'));
    expect(await reporter.waiting()).toBe(1);
    listen(reporter);
    await eventually(() => forge.writes.map(({ installation }) => installation)).toEqual([6]);
  });
});

describe('progress', () => {
  it('of one check run is written at most once per span, the newest last; a final does not wait', async () => {
    const reporter = open({ coalesceMs: 300 });
    listen(reporter);
    await reporter.want(octo, progress('c/1', 'step 0'));
    await eventually(() => forge.writes).toHaveLength(1);
    for (let i = 1; i < 20; i++) {
      await reporter.want(octo, progress('c/1', `step ${i}`));
      await pause(20);
    }
    await eventually(() => forge.shown.get('c/1')).toBe('step 19');
    const writes = forge.writes.map(({ at }) => at);
    for (const [i, at] of writes.entries()) if (i > 0) expect(at - (writes[i - 1] ?? 0)).toBeGreaterThanOrEqual(295);
    const before = performance.now();
    await reporter.want(octo, final('c/1'));
    await eventually(() => forge.shown.get('c/1'), { interval: 5 }).toBe('done');
    expect(performance.now() - before).toBeLessThan(250);
  });

  it('is written after all finals that wait', async () => {
    const reporter = open();
    for (let i = 0; i < 5; i++) await reporter.want(octo, progress(`p/${i}`));
    for (let i = 0; i < 5; i++) await reporter.want(octo, final(`f/${i}`));
    listen(reporter);
    await eventually(() => forge.writes).toHaveLength(10);
    expect(titles().slice(0, 5)).toEqual(Array(5).fill('done'));
    expect(forge.writes.slice(0, 5).map(({ externalId }) => externalId)).toEqual(['f/0', 'f/1', 'f/2', 'f/3', 'f/4']);
  });
});

describe('the limit per installation', () => {
  it('holds in every span of time, over two processes, and does not hold up another installation', async () => {
    const limiter = { max: 8, duration: 600 };
    for (let i = 0; i < 20; i++) await open({ limiter }).want(octo, final(`c/${i}`));
    for (const reporter of [open({ limiter }), open({ limiter })]) listen(reporter);
    await eventually(() => forge.writes.length).toBeGreaterThanOrEqual(8);
    const other = open({ limiter });
    await other.want(project(6), final('d/1'));
    await eventually(() => forge.shown.get('d/1')).toBe('done');
    expect(await other.waiting()).toBeGreaterThan(0);
    await eventually(() => other.waiting()).toBe(0);
    const times = forge.writes.filter(({ installation }) => installation === 5).map(({ at }) => at);
    expect(times).toHaveLength(20);
    // Counted on the server's clock just before each write, whose way takes a few ms.
    for (const [i, at] of times.entries()) if (i >= 8) expect(at - (times[i - 8] ?? 0)).toBeGreaterThanOrEqual(400);
    expect(forge.mistakes).toEqual([]);
  });

  it('keeps a quarter for finals', async () => {
    const reporter = open({ limiter: { max: 8, duration: 60_000 } });
    for (let i = 0; i < 10; i++) await reporter.want(octo, progress(`p/${i}`));
    listen(reporter);
    await eventually(() => forge.writes).toHaveLength(6);
    await pause(50);
    await reporter.want(octo, final('f/1'));
    await eventually(() => forge.shown.get('f/1')).toBe('done');
    expect(forge.writes).toHaveLength(7);
  });
});

describe('an answer of the forge', () => {
  it('that limits us stops all writes of that installation for so long', async () => {
    const reporter = open();
    forge.answers.push({ kind: 'limited', retryAfterMs: 400 });
    for (let i = 0; i < 3; i++) await reporter.want(octo, final(`c/${i}`));
    listen(reporter);
    await eventually(() => forge.writes.length).toBe(1);
    const limited = performance.now();
    await reporter.want(octo, final('c/9'));
    await reporter.recover();
    await eventually(() => forge.shown.size).toBe(4);
    expect((forge.writes[1]?.at ?? 0) - limited).toBeGreaterThanOrEqual(350);
  });

  it('that fails twelve times and a throw do not keep a final from being delivered', async () => {
    const reporter = open();
    for (let i = 0; i < 12; i++) forge.answers.push({ kind: 'failed', because: '502' });
    forge.answers.push(() => Promise.reject(new Error('connection reset')));
    listen(reporter);
    await reporter.want(octo, final('c/1'));
    await eventually(() => forge.shown.get('c/1')).toBe('done');
    expect(forge.writes).toHaveLength(14);
    const pauses = forge.writes.slice(1).map(({ at }, i) => at - (forge.writes[i]?.at ?? 0));
    expect(pauses[0]).toBeGreaterThanOrEqual(9);
    expect(pauses[5]).toBeGreaterThanOrEqual(39);
  });

  it('that refuses a final is an error in the log, tried again slowly, for ever', async () => {
    const reporter = open({ refusedRetryMs: 60 });
    for (let i = 0; i < 10; i++) forge.answers.push({ kind: 'refused', because: '422 no such commit' });
    listen(reporter);
    await reporter.want(octo, final('c/1'));
    await eventually(() => forge.shown.get('c/1')).toBe('done');
    const errors = log.lines.filter(({ level }) => level === 'error');
    expect(errors).toHaveLength(10);
    expect(errors[0]?.fields).toMatchObject({ externalId: 'c/1', outcome: { because: '422 no such commit' } });
    const pauses = forge.writes.slice(1).map(({ at }, i) => at - (forge.writes[i]?.at ?? 0));
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(59);
  });

  it('that refuses a wish does not hold up the next one of the same check run', async () => {
    const reporter = open({ refusedRetryMs: 60_000 });
    forge.answers.push({ kind: 'refused', because: '422 too long' });
    listen(reporter);
    await reporter.want(octo, progress('c/1', 'too long'));
    await eventually(() => log.lines.filter(({ level }) => level === 'warn')).toHaveLength(1);
    await reporter.want(octo, final('c/1'));
    await eventually(() => forge.shown.get('c/1')).toBe('done');
  });

  it('that refuses a wish does not hold up one that came meanwhile', async () => {
    const reporter = open({ refusedRetryMs: 60_000 });
    const gate = Promise.withResolvers<void>();
    forge.answers.push(() => gate.promise.then(() => ({ kind: 'refused', because: '422 too long' })));
    listen(reporter);
    await reporter.want(octo, progress('c/1', 'too long'));
    await eventually(() => forge.writes).toHaveLength(1);
    await reporter.want(octo, final('c/1'));
    gate.resolve();
    await eventually(() => forge.shown.get('c/1')).toBe('done');
  });

  it('that does not come is given up in time and asked for again', async () => {
    const reporter = open({ writeLimitMs: 100 });
    forge.answers.push(() => new Promise(() => {}));
    listen(reporter);
    await reporter.want(octo, final('c/1'));
    await eventually(() => forge.shown.get('c/1')).toBe('done');
  });
});

describe('what waits', () => {
  it('is taken up by the next process, also when BullMQ lost all its keys', async () => {
    const first = open();
    for (let i = 0; i < 5; i++) await first.want(octo, final(`c/${i}`));
    await first.close();
    await flushBullmq();
    listen(open());
    await eventually(() => forge.shown.size).toBe(5);
  });

  it('is written after BullMQ lost all its keys in mid-flow and the sweep came by', async () => {
    const limiter = { max: 5, duration: 200 };
    const reporter = open({ limiter });
    listen(reporter);
    for (let i = 0; i < 12; i++) await reporter.want(octo, final(`c/${i}`));
    await eventually(() => forge.writes.length).toBe(5);
    await flushBullmq();
    const sweep = async () => {
      await reporter.recover();
      return reporter.waiting();
    };
    await eventually(sweep, { interval: 50 }).toBe(0);
    expect(forge.shown.size).toBe(12);
    expect(forge.mistakes).toEqual([]);
  });

  it('is written by another process when one died between creating and recording, and adopted there', async () => {
    const dying = open({ writeLimitMs: 60_000 });
    forge.answers.push(() => new Promise(() => {}));
    const end = listen(dying);
    await dying.want(octo, final('c/1'));
    await eventually(() => forge.writes).toHaveLength(1);
    await end();
    // Its lease has run out by the server's clock.
    await redis.zadd(`${prefix}check-finals:5`, 1, 'c/1');
    forge.ids.set('c/1', 77);
    const next = new FakeCheckRuns();
    next.ids.set('c/1', 77);
    forge = next;
    await flushBullmq();
    const alive = open();
    listen(alive);
    await eventually(() => next.shown.get('c/1')).toBe('done');
    expect(next.mistakes).toEqual([]);
    await eventually(() => alive.waiting()).toBe(0);
    expect(await redis.hget(`${prefix}check:c/1`, 'id')).toBe('77');
  });

  it('is never written by two processes at once, nor created twice, though BullMQ gives the turn to both', async () => {
    const reporters = [open(), open()];
    for (const reporter of reporters) listen(reporter);
    for (let i = 0; i < 40; i++) {
      forge.answers.push(() => pause(5).then(() => 'write' as const));
      await reporters[i % 2]?.want(octo, progress(`c/${i % 8}`, `step ${i}`));
      if (i % 10 === 0) await flushBullmq();
    }
    for (let i = 0; i < 8; i++) await reporters[0]?.want(octo, final(`c/${i}`));
    const sweep = async () => {
      await reporters[0]?.recover();
      return reporters[0]?.waiting();
    };
    await eventually(sweep).toBe(0);
    expect(forge.mistakes).toEqual([]);
    expect([...forge.shown.values()]).toEqual(Array(8).fill('done'));
  });

  it('is written again when a write came back after its lease had gone to another', async () => {
    const slow = open({ writeLimitMs: 60_000 });
    const gate = Promise.withResolvers<'write'>();
    forge.answers.push(() => gate.promise);
    const end = listen(slow);
    await slow.want(octo, progress('c/1', 'old'));
    await eventually(() => forge.writes).toHaveLength(1);
    await end();
    const second = new FakeCheckRuns();
    const other = createReporter(redis, prefix, second.write, { log, coalesceMs: 100 });
    endings.push(() => other.close());
    await other.want(octo, final('c/1'));
    await redis.zadd(`${prefix}check-finals:5`, 1, 'c/1');
    await flushBullmq();
    listen(other);
    await eventually(() => second.shown.get('c/1')).toBe('done');
    gate.resolve('write');
    await eventually(() => forge.shown.get('c/1')).toBe('old');
    await expect
      .poll(() => [forge.shown.get('c/1'), second.writes.length + forge.writes.length])
      .not.toEqual(['old', 2]);
    const last = [...forge.writes, ...second.writes].sort((a, b) => a.at - b.at).at(-1);
    expect(last?.title).toBe('done');
    await eventually(() => slow.waiting()).toBe(0);
  });
});

describe('what is delivered', () => {
  it('is forgotten after the retention, what waits is not', async () => {
    const reporter = open({ retentionMs: 150 });
    const end = listen(reporter);
    await reporter.want(octo, final('c/1'));
    await reporter.want(octo, progress('c/2'));
    await eventually(() => reporter.waiting()).toBe(0);
    await end();
    await reporter.want(octo, final('c/2'));
    await pause(200);
    expect([...(await reporter.known(['c/1', 'c/2'])).keys()]).toEqual(['c/2']);
    listen(open());
    await eventually(() => forge.shown.get('c/2')).toBe('done');
  });

  it('leaves nothing in BullMQ that accumulates', async () => {
    const reporter = open();
    listen(reporter);
    for (let i = 0; i < 20; i++) await reporter.want(octo, final(`c/${i}`));
    await eventually(() => reporter.waiting()).toBe(0);
    await pause(50);
    const jobs = (await redis.keys(`${prefix}bull:check-writes:*`)).filter((key) => /:\d+$/.test(key));
    expect(jobs.length).toBeLessThanOrEqual(1);
  });
});

describe('wakeLater', () => {
  it('follows the last time that was asked for', async () => {
    const queue = createWakeQueue(redis, { name: 'later', prefix, log, stopLimitMs: 100 });
    endings.push(() => queue.close());
    const handled: string[] = [];
    endings.push(queue.listen(async (name) => void handled.push(name), 1));
    await queue.wakeLater('a', 60_000);
    await queue.wakeLater('a', 50);
    await eventually(() => handled).toEqual(['a']);
    await queue.wakeLater('a', 50);
    await queue.wakeLater('a', 60_000);
    await pause(150);
    expect(handled).toEqual(['a']);
  });
});
