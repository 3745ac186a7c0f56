import { rm } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';
import type { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createDocumentStore } from '../../../src/adapters/redis/document-store.ts';
import { createIntake, readQuarantine } from '../../../src/adapters/redis/intake.ts';
import type { Intake } from '../../../src/ports/store.ts';
import { event, pullRequest } from '../../contract/store-examples.ts';
import type { TestRedis } from '../../harness/redis.ts';
import { keepingLog, startTestRedis } from '../../harness/redis.ts';
import { eventually, pause } from './eventually.ts';

type ClosingIntake = Intake & { close(): Promise<void> };

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

let server: TestRedis;
let redis: Redis;
const intakes: ClosingIntake[] = [];

function openIntake(consumer: string, idleMs = 200): ClosingIntake {
  const intake = createIntake(redis, 'test:', { now: () => 42, consumer, log: keepingLog(), idleMs });
  intakes.push(intake);
  return intake;
}

async function start(settings?: readonly string[]): Promise<void> {
  server = await startTestRedis(settings);
  redis = server.open();
}

afterEach(async () => {
  await Promise.all(intakes.splice(0).map((intake) => intake.close()));
  await server.stop();
});

async function millisecondsUntilRejected(work: Promise<unknown>): Promise<number> {
  const start = performance.now();
  await expect(work).rejects.toThrow(/cannot store delivery/);
  return performance.now() - start;
}

async function deliveriesTaken(intake: Intake): Promise<string[]> {
  return (await intake.take(100, 50)).map((taken) => taken.event.delivery);
}

interface Fault {
  readonly fault: string;
  readonly cause: RegExp;
  readonly begin: () => Promise<unknown>;
  readonly end: () => Promise<unknown>;
}

const faults: readonly Fault[] = [
  {
    fault: 'is out of memory',
    cause: /OOM/,
    begin: () => redis.config('SET', 'maxmemory', '1'),
    end: () => redis.config('SET', 'maxmemory', '0'),
  },
  {
    fault: 'has become a read-only replica',
    cause: /READONLY|MASTERDOWN|UNBLOCKED/,
    begin: () => redis.replicaof('127.0.0.1', 1),
    end: () => redis.replicaof('NO', 'ONE'),
  },
  {
    fault: 'hangs',
    cause: /no answer within 2000 ms/,
    begin: async () => server.signal('SIGSTOP'),
    end: async () => server.signal('SIGCONT'),
  },
  {
    fault: 'is killed',
    cause: /Connection is closed|writeable|cannot be reached|max retries/i,
    begin: () => server.kill(),
    end: () => server.restart(),
  },
];

describe('accept when the server', () => {
  beforeEach(() => start());

  it.each(faults)('$fault rejects within 2.5 s, and works again afterwards', async ({ begin, end, cause }) => {
    const intake = openIntake('a');
    await intake.accept(event('before'));
    await begin();
    const refused = intake.accept(event('during'));
    const [time, reason] = await Promise.all([millisecondsUntilRejected(refused), refused.catch((error) => error)]);
    expect(time).toBeLessThan(2500);
    expect(`${reason.message} ${reason.cause?.message}`).toMatch(cause);
    await end();
    // Refused is not "surely not stored": the redelivery settles it.
    await eventually(() => intake.accept(event('during')).catch(() => 'refused')).not.toBe('refused');
    expect((await deliveriesTaken(openIntake('b'))).sort()).toEqual(['before', 'during']);
  });

  it('has never been there rejects within 2.5 s', async () => {
    await server.kill();
    expect(await millisecondsUntilRejected(openIntake('a').accept(event('d1')))).toBeLessThan(2500);
  });

  it('dies while 50 deliveries are under way resolves only for those that are there after its restart', async () => {
    const intake = openIntake('a');
    await intake.accept(event('first'));
    const sent = Array.from({ length: 50 }, (_, i) => `d${i}`);
    const outcomes = Promise.allSettled(sent.map((guid) => intake.accept(event(guid))));
    await server.kill();
    const settled = await outcomes;
    const acknowledged = sent.filter((_, i) => settled[i]?.status === 'fulfilled');
    await server.restart();
    const there = await deliveriesTaken(openIntake('b'));
    expect(there).toEqual(expect.arrayContaining(['first', ...acknowledged]));
  });
});

describe('accept on a server that cannot write its snapshot', () => {
  it('rejects with MISCONF', async () => {
    await start(['--appendonly', 'no', '--save', '3600 1']);
    const intake = openIntake('a');
    await intake.accept(event('before'));
    const [, folder] = (await redis.config('GET', 'dir')) as [string, string];
    await rm(folder, { recursive: true });
    await redis.bgsave();
    await eventually(() => redis.info('persistence')).toContain('rdb_last_bgsave_status:err');
    await expect(intake.accept(event('during'))).rejects.toMatchObject({
      cause: { message: expect.stringMatching(/MISCONF/) },
    });
  });
});

describe('an accepted event', () => {
  beforeEach(() => start());

  it('is still there when the server is killed right after', async () => {
    await openIntake('a').accept(event('d1'));
    await server.kill();
    await server.restart();
    const later = openIntake('b');
    await eventually(() => later.accept(event('d1')).catch(() => 'refused')).toBe('duplicate');
    expect(await deliveriesTaken(later)).toEqual(['d1']);
  });

  it('that a dead worker took goes to another when it has rested long enough, counted', async () => {
    const [dead, alive] = [openIntake('dead', 800), openIntake('alive', 800)];
    await dead.accept(event('d1'));
    await dead.take(10, 50);
    expect(await alive.take(10, 20)).toEqual([]);
    await eventually(() => alive.take(10, 20)).toMatchObject([{ event: event('d1'), attempts: 1 }]);
    await eventually(() => dead.take(10, 20)).toMatchObject([{ attempts: 2 }]);
  });

  it('that a dead worker left is found behind many that others still work on', async () => {
    const [dead, alive] = [openIntake('dead'), openIntake('alive', 5000)];
    for (let i = 0; i < 60; i++) await dead.accept(event(`d${i}`));
    await alive.take(59, 50);
    await dead.take(1, 50);
    const other = openIntake('other', 500);
    await pause(510);
    await redis.xclaim('test:intake', 'workers', 'alive', 0, ...(await pendingOf('alive')));
    await eventually(() => other.take(1, 20), { interval: 1 }).toMatchObject([{ event: event('d59') }]);
  });

  it('reaches its subject though two workers finish it, and the stream is empty afterwards', async () => {
    const [slow, quick] = [openIntake('slow', 1), openIntake('quick', 1)];
    await slow.accept(event('d1'));
    const [first] = await slow.take(1, 50);
    await pause(5);
    const [second] = await quick.take(1, 50);
    if (first === undefined || second === undefined) throw new Error('both should have got it');
    const subject = pullRequest(1);
    await Promise.all([slow, quick].map((intake) => intake.finish(first.entry, first.event, [subject])));
    expect(await createDocumentStore(redis, 'test:').inbox(subject)).toEqual([event('d1')]);
    expect(await redis.xlen('test:intake')).toBe(0);
  });

  it('is not waited for after all data was lost: the next one is taken as usual', async () => {
    const intake = openIntake('a');
    await intake.take(1, 10);
    await redis.flushall();
    await intake.accept(event('d2'));
    expect(await deliveriesTaken(intake)).toEqual(['d2']);
  });

  it('stays with a dead worker though that one is otherwise forgotten after its last event', async () => {
    const [dead, done] = [openIntake('dead'), openIntake('done')];
    await dead.accept(event('d1'));
    await dead.take(1, 50);
    await done.accept(event('d2'));
    for (const { entry } of await done.take(1, 50)) await done.finish(entry, event('d2'), []);
    await pause(20);
    const options = { now: () => 1, log: keepingLog(), idleMs: 60_000, forgetAfterMs: 10 };
    const next = createIntake(redis, 'test:', { ...options, consumer: 'next' });
    intakes.push(next);
    await next.take(1, 10);
    const consumers = (await redis.xinfo('CONSUMERS', 'test:intake', 'workers')) as string[][];
    expect(consumers.map(([, name]) => name).filter((name) => name !== 'next')).toEqual(['dead']);
    expect(await pendingOf('dead')).toHaveLength(1);
  });

  it('can be read in quarantine, with the reason', async () => {
    const intake = openIntake('a');
    await intake.accept(event('d1'));
    const [taken] = await intake.take(1, 50);
    await intake.quarantine(taken?.entry ?? '', event('d1'), 'it throws');
    await intake.quarantine(taken?.entry ?? '', event('d1'), 'it throws');
    expect(await readQuarantine(redis, 'test:', 10)).toEqual([{ event: event('d1'), because: 'it throws', at: 42 }]);
  });
});

async function pendingOf(consumer: string): Promise<string[]> {
  const entries = (await redis.xpending('test:intake', 'workers', '-', '+', 100, consumer)) as [string][];
  return entries.map(([id]) => id);
}
