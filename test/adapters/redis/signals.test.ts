import type { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { createDocumentStore } from '../../../src/adapters/redis/document-store.ts';
import type { SignalsOptions } from '../../../src/adapters/redis/signals.ts';
import { createSignals } from '../../../src/adapters/redis/signals.ts';
import type { SubjectId } from '../../../src/model/subject.ts';
import type { Signals } from '../../../src/ports/signals.ts';
import { pullRequest, saveOf } from '../../contract/store-examples.ts';
import type { TestRedis } from '../../harness/redis.ts';
import { keepingLog, startTestRedis } from '../../harness/redis.ts';
import { eventually, pause } from './eventually.ts';

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

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

function open(prefix: string, options: Partial<SignalsOptions> = {}) {
  const log = keepingLog();
  const signals = createSignals(redis, prefix, { log, ...options });
  endings.push(() => signals.close());
  return { signals, log };
}

function listen(signals: Signals, pass: (subject: SubjectId) => Promise<void>, concurrency = 5): () => Promise<void> {
  const end = signals.listen(pass, concurrency);
  endings.push(end);
  return end;
}

function newPrefix(): string {
  return `test${opened++}:`;
}

const subject = pullRequest(12);

describe('a wake', () => {
  it('leads to a pass soon, in this process and in another', async () => {
    const prefix = newPrefix();
    const passes: SubjectId[] = [];
    listen(open(prefix).signals, async (woken) => void passes.push(woken));
    const { signals } = open(prefix);
    await signals.wake(subject);
    await eventually(() => passes, { interval: 5 }).toEqual([subject]);
    const odd = 'release/7/v1:2' as SubjectId;
    await signals.wake(odd);
    await eventually(() => passes, { interval: 5 }).toEqual([subject, odd]);
  });

  it('before anybody listens is not lost, and many become one', async () => {
    const { signals } = open(newPrefix());
    for (let i = 0; i < 10; i++) await signals.wake(subject);
    const passes: SubjectId[] = [];
    listen(signals, async (woken) => void passes.push(woken));
    await eventually(() => passes).toHaveLength(1);
    await pause(50);
    expect(passes).toHaveLength(1);
  });

  it('during a pass leads to exactly one more after it', async () => {
    const { signals } = open(newPrefix());
    const gate = Promise.withResolvers<void>();
    let passes = 0;
    listen(signals, async () => {
      passes++;
      if (passes === 1) await gate.promise;
    });
    await signals.wake(subject);
    await eventually(() => passes).toBe(1);
    for (let i = 0; i < 7; i++) await signals.wake(subject);
    gate.resolve();
    await eventually(() => passes).toBe(2);
    await pause(50);
    expect(passes).toBe(2);
  });

  it('never has two passes of a subject at once, in two processes under many wakes, and the last is not lost', async () => {
    const prefix = newPrefix();
    const running = new Map<SubjectId, number>();
    const wanted = new Map<SubjectId, number>();
    const seen = new Map<SubjectId, number>();
    let most = 0;
    const pass = async (woken: SubjectId) => {
      running.set(woken, (running.get(woken) ?? 0) + 1);
      most = Math.max(most, ...running.values());
      const now = wanted.get(woken) ?? 0;
      await pause(3);
      seen.set(woken, now);
      running.set(woken, (running.get(woken) ?? 0) - 1);
    };
    const processes = [open(prefix).signals, open(prefix).signals];
    for (const signals of processes) listen(signals, pass, 10);
    await Promise.all(
      Array.from({ length: 200 }, async (_, i) => {
        await pause(i);
        const woken = pullRequest(i % 5);
        wanted.set(woken, i);
        await processes[i % 2]?.wake(woken);
      }),
    );
    await eventually(() => [...seen].sort()).toEqual([...wanted].sort());
    expect(most).toBe(1);
  });
});

describe('a failing pass', () => {
  it('is logged and tried again after growing pauses until it succeeds', async () => {
    const { signals, log } = open(newPrefix(), { firstRetryMs: 40 });
    const times: number[] = [];
    listen(signals, async () => {
      times.push(performance.now());
      if (times.length < 4) throw new Error('not yet');
    });
    await signals.wake(subject);
    await eventually(() => times.length).toBe(4);
    const pauses = times.slice(1).map((time, i) => time - (times[i] ?? 0));
    expect(pauses[0]).toBeGreaterThanOrEqual(38);
    expect(pauses[1]).toBeGreaterThanOrEqual(78);
    expect(pauses[2]).toBeGreaterThanOrEqual(158);
    const told = log.lines.filter(({ level }) => level === 'error');
    expect(told).toMatchObject(
      [1, 2, 3].map((failures) => ({ fields: { subject, failures }, message: 'pass failed' })),
    );
  });

  it('does not make a new wake wait for its next try', async () => {
    const { signals } = open(newPrefix(), { firstRetryMs: 60_000 });
    let passes = 0;
    listen(signals, async () => {
      passes++;
      if (passes === 1) throw new Error('not yet');
    });
    await signals.wake(subject);
    await eventually(() => passes).toBe(1);
    await signals.wake(subject);
    await eventually(() => passes).toBe(2);
  });
});

describe('BullMQ', () => {
  it('keeps nothing of what is done', async () => {
    const prefix = newPrefix();
    const { signals } = open(prefix);
    let passes = 0;
    listen(open(prefix).signals, async () => void passes++);
    for (let i = 0; i < 30; i++) await signals.wake(pullRequest(i));
    await eventually(() => passes).toBe(30);
    await pause(50);
    const keys = await redis.keys(`${prefix}bull:*`);
    const plain = keys.map((key) => key.slice(`${prefix}bull:reconcile:`.length)).sort();
    expect(
      plain.filter((key) => !['events', 'id', 'marker', 'meta', 'stalled-check', 'stalled'].includes(key)),
    ).toEqual([]);
    expect(await redis.xlen(`${prefix}bull:reconcile:events`)).toBeLessThan(2000);
  });

  it('may lose all its keys in mid-flow: what is due is found and handled, one pass at a time', async () => {
    const prefix = newPrefix();
    // Whoever wakes does not listen, so that everything goes by the queue.
    const { signals } = open(prefix);
    const store = createDocumentStore(redis, prefix);
    const subjects = Array.from({ length: 20 }, (_, i) => pullRequest(i));
    for (const each of subjects) await store.save(saveOf(each, 0, { index: { line: [], wakeAt: 1, settled: false } }));
    const gate = Promise.withResolvers<void>();
    const running = new Set<SubjectId>();
    let twice = false;
    const pass = async (woken: SubjectId) => {
      if (running.has(woken)) twice = true;
      running.add(woken);
      await gate.promise;
      const { version } = await store.load(woken);
      await store.save(saveOf(woken, version));
      running.delete(woken);
    };
    listen(open(prefix).signals, pass, 40);
    for (const each of subjects) await signals.wake(each);
    await eventually(() => running.size).toBe(20);
    await redis.del(await redis.keys(`${prefix}bull:*`));
    for (const each of subjects.slice(0, 10)) await signals.wake(each);
    await pause(50);
    gate.resolve();
    const sweep = async () => {
      const due = await store.due(10);
      for (const each of due) await signals.wake(each);
      return due;
    };
    await eventually(sweep, { interval: 100 }).toEqual([]);
    expect(twice).toBe(false);
  });
});

describe('ending', () => {
  it('waits for a pass that ends soon', async () => {
    const { signals } = open(newPrefix());
    let state = 'not started';
    const end = listen(signals, async () => {
      state = 'running';
      await pause(200);
      state = 'ended';
    });
    await signals.wake(subject);
    await eventually(() => state).toBe('running');
    await end();
    expect(state).toBe('ended');
  });

  it('takes at most 2 s while a pass runs on, and starts no other', async () => {
    const { signals } = open(newPrefix());
    const gate = Promise.withResolvers<void>();
    const passes: SubjectId[] = [];
    const end = listen(
      signals,
      async (woken) => {
        passes.push(woken);
        await gate.promise;
      },
      1,
    );
    await signals.wake(subject);
    await eventually(() => passes).toHaveLength(1);
    await signals.wake(pullRequest(13));
    const start = performance.now();
    await end();
    await signals.close();
    expect(performance.now() - start).toBeLessThan(2000);
    gate.resolve();
    await pause(50);
    expect(passes).toEqual([subject]);
  });
});

describe('while Redis is away', () => {
  it('a wake rejects soon; afterwards the same listener goes on', async () => {
    const { signals } = open(newPrefix());
    const passes: SubjectId[] = [];
    listen(signals, async (woken) => void passes.push(woken));
    await signals.wake(subject);
    await eventually(() => passes).toHaveLength(1);
    await server.kill();
    const start = performance.now();
    await expect(signals.wake(subject)).rejects.toThrow();
    expect(performance.now() - start).toBeLessThan(2500);
    await server.restart();
    const wake = () =>
      signals.wake(pullRequest(13)).then(
        () => passes.includes(pullRequest(13)),
        () => false,
      );
    await eventually(wake, { interval: 100 }).toBe(true);
  });
});
