import type { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDocumentStore } from '../../../src/adapters/redis/document-store.ts';
import { createFigureReader } from '../../../src/adapters/redis/figures.ts';
import { createIntake } from '../../../src/adapters/redis/intake.ts';
import { createNotes } from '../../../src/adapters/redis/notes.ts';
import { countCommands, openAnother } from '../../../src/adapters/redis/open-redis.ts';
import { createReporter } from '../../../src/adapters/redis/reporter.ts';
import { createWantedLine } from '../../../src/adapters/redis/wanted-line.ts';
import { entry, event, lineOf, pullRequest } from '../../contract/store-examples.ts';
import { keepingLog, startEmbeddedTestRedis, startTestRedis, type TestRedis } from '../../harness/redis.ts';
import { progress, project } from './fake-check-runs.ts';

let count = 0;

describe.each([
  ['a Redis', () => startTestRedis()],
  ['the one inside this process', () => startEmbeddedTestRedis()],
])('how everything stands in %s', (_name, start) => {
  let server: TestRedis;
  let redis: Redis;
  beforeAll(async () => {
    server = await start();
    redis = server.open();
  });
  afterAll(() => server.stop());

  function world() {
    count += 1;
    const prefix = `figures${count}:`;
    const log = keepingLog();
    const intake = createIntake(redis, prefix, { now: () => 5_000, consumer: 'w', log });
    const read = createFigureReader(redis, prefix);
    return { prefix, log, intake, read, notes: createNotes(redis, prefix) };
  }

  it('is nothing and never before anything happened', async () => {
    const { read } = world();
    expect(await read()).toMatchObject({
      lastDeliveryAt: null,
      lastRoutedAt: null,
      lastPollAt: null,
      lastResyncAt: null,
      intake: { length: 0, pending: 0, oldestAt: null },
      quarantined: 0,
      inboxes: 0,
      lines: [],
      checkWrites: { waiting: 0, oldestAt: null },
    });
  });

  it('follows a delivery from its arrival into the inbox of its subject', async () => {
    const { intake, read } = world();
    const before = Date.now();
    await intake.accept(event('delivery-1', { receivedAt: 4_000 }));
    const arrived = await read();
    expect(arrived).toMatchObject({ lastDeliveryAt: 4_000, lastRoutedAt: null, intake: { length: 1, pending: 0 } });
    expect(arrived.intake.oldestAt).toBeGreaterThan(before - 2_000);
    const [taken] = await intake.take(1, 10);
    expect((await read()).intake).toMatchObject({ length: 1, pending: 1 });
    await intake.finish(taken?.entry ?? '', event('delivery-1', { receivedAt: 4_000 }), [pullRequest(1)]);
    expect(await read()).toMatchObject({
      lastRoutedAt: 5_000,
      intake: { length: 0, pending: 0, oldestAt: null },
      inboxes: 1,
    });
    await intake.close();
  });

  it('does not take what a resync found for news from the forge', async () => {
    const { intake, read } = world();
    const found = event('resync-1', { name: 'resync' });
    await intake.accept(found);
    const [taken] = await intake.take(1, 10);
    await intake.finish(taken?.entry ?? '', found, []);
    expect(await read()).toMatchObject({ lastDeliveryAt: null, lastRoutedAt: null });
    await intake.close();
  });

  it('shows what was set aside, and when polls and resyncs went well', async () => {
    const { intake, read, notes } = world();
    await intake.accept(event('delivery-2'));
    const [taken] = await intake.take(1, 10);
    await intake.quarantine(taken?.entry ?? '', event('delivery-2'), 'always fails');
    await notes.write('last-poll', '111');
    await notes.write('last-resync', '222');
    expect(await read()).toMatchObject({ quarantined: 1, lastPollAt: 111, lastResyncAt: 222, intake: { length: 0 } });
    await intake.close();
  });

  it('counts each pool by state, with the time of the longest waiting', async () => {
    const { read, prefix } = world();
    const first = entry('b-3', { since: 1_000 });
    const others = [entry('b-1', { since: 3_000 }), entry('b-2', { since: 2_000 })];
    const evil = entry('b-4', { since: 4_000, pool: '"since":1,' });
    await createDocumentStore(redis, prefix).save(lineOf(pullRequest(1), 0, [first, ...others, evil]));
    const line = createWantedLine(redis, prefix);
    const { version } = await line.read('default');
    expect(await line.grant('default', version, [first.build])).toBe('granted');
    const { lines } = await read();
    expect([...lines].sort((a, b) => b.waiting - a.waiting)).toEqual([
      { pool: 'default', waiting: 2, granted: 1, active: 0, oldestAt: 2_000 },
      { pool: '"since":1,', waiting: 1, granted: 0, active: 0, oldestAt: 4_000 },
    ]);
  });

  it('shows since when the oldest check run waits, not since its last change or try', async () => {
    const { read, prefix, log } = world();
    let now = 10_000;
    const reporter = createReporter(redis, prefix, async () => ({ kind: 'failed', because: 'x' }), {
      log,
      now: () => now,
    });
    await reporter.want(project(5), progress('c/1', 'first'));
    now = 20_000;
    await reporter.want(project(5), progress('c/1', 'changed'));
    await reporter.want(project(5), progress('c/2', 'first'));
    expect((await read()).checkWrites).toEqual({ waiting: 2, oldestAt: 10_000 });
    await reporter.close();
  });

  it('reads with two commands, whoever asks at once, and counts what other connections send too', async () => {
    const { prefix } = world();
    const counted = server.open();
    await counted.ping();
    let commands = 0;
    countCommands(counted, () => {
      commands += 1;
    });
    const read = createFigureReader(counted, prefix);
    await read();
    commands = 0;
    await Promise.all([read(), read(), read()]);
    expect(commands).toBe(2);
    const other = openAnother(counted, keepingLog(), {});
    await other.ping();
    expect(commands).toBeGreaterThan(2);
    other.disconnect();
  });
});

it('gives up after 2 s with a Redis that hangs', async () => {
  const server = await startTestRedis();
  if (!server.real) throw new Error('this needs a redis-server that can be paused: install redis-server');
  const read = createFigureReader(server.open(), 'hang:');
  await read();
  server.signal('SIGSTOP');
  const began = performance.now();
  await expect(read()).rejects.toThrow('cannot read how things stand');
  // The limit of a scrape is 2 s; the rest is for a slow machine.
  expect(performance.now() - began).toBeLessThan(3_500);
  server.signal('SIGCONT');
  await server.stop();
});
