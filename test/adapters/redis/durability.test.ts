import { afterEach, describe, expect, it, vi } from 'vitest';
import { durabilityOf } from '../../../src/adapters/redis/durability.ts';
import { createIntake } from '../../../src/adapters/redis/intake.ts';
import { openRedis } from '../../../src/adapters/redis/open-redis.ts';
import { event } from '../../contract/store-examples.ts';
import { keepingLog, startTestRedis } from '../../harness/redis.ts';
import { eventually } from './eventually.ts';
import { onDisk, startFakeWaitaofServer } from './fake-waitaof-server.ts';

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

const endings: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

async function openFake(fsync: 'always' | 'everysec', acceptLimitMs = 2000) {
  const server = await startFakeWaitaofServer(fsync);
  endings.push(() => server.stop());
  const redis = openRedis(server.address, keepingLog());
  endings.push(() => redis.disconnect());
  const intake = createIntake(redis, 'test:', { now: () => 1, consumer: 'a', log: keepingLog(), acceptLimitMs });
  endings.push(() => intake.close());
  const waits = () => server.commands.filter((command) => command.startsWith('WAITAOF'));
  return { server, intake, waits };
}

describe('accept on Redis 7.2 with appendfsync everysec', () => {
  it('resolves when the server says that the write is on its disk', async () => {
    const { intake, server } = await openFake('everysec');
    expect(await intake.accept(event('d1'))).toBe('stored');
    const written = server.commands.filter((command) => /^(EVALSHA|SET|WAITAOF)/i.test(command));
    expect(written.map((command) => command.split(' ')[0]?.toUpperCase())).toEqual(['EVALSHA', 'SET', 'WAITAOF']);
  });

  it.each`
    answer                  | because
    ${'*2\r\n:0\r\n:0\r\n'} | ${/did not write to its disk within 1500 ms/}
    ${'-ERR something\r\n'} | ${/ERR something/}
  `('rejects when the server answers $answer', async ({ answer, because }) => {
    const { server, intake } = await openFake('everysec');
    server.waitaof = async () => answer;
    await expect(intake.accept(event('d1'))).rejects.toMatchObject({
      cause: { message: expect.stringMatching(because) },
    });
  });

  it('rejects when the disk does not answer at all', async () => {
    const { server, intake } = await openFake('everysec', 300);
    server.waitaof = () => new Promise(() => {});
    await expect(intake.accept(event('d1'))).rejects.toThrow(/cannot store delivery d1: no answer within 300 ms/);
  });

  it('waits for one fsync for many, and not for one that others wait for', async () => {
    const { server, intake, waits } = await openFake('everysec');
    const first = Promise.withResolvers<string>();
    server.waitaof = () => first.promise;
    const early = intake.accept(event('early'));
    await eventually(waits).toHaveLength(1);
    server.waitaof = async () => onDisk;
    const guids = Array.from({ length: 50 }, (_, i) => `d${i}`);
    const outcomes = await Promise.all(guids.map((guid) => intake.accept(event(guid))));
    expect(outcomes).toEqual(guids.map(() => 'stored'));
    expect(waits().length).toBeLessThanOrEqual(4);
    first.resolve(onDisk);
    expect(await early).toBe('stored');
  });

  it('waits for nothing more when every write is on disk before its answer', async () => {
    const { intake, waits } = await openFake('always');
    expect(await intake.accept(event('d1'))).toBe('stored');
    expect(waits()).toEqual([]);
  });
});

describe('how durable a server is', () => {
  it.each`
    appendonly | appendfsync   | durability
    ${'yes'}   | ${'always'}   | ${/^at-once$/}
    ${'no'}    | ${'everysec'} | ${/^at-once$/}
    ${'yes'}   | ${'everysec'} | ${/^(later|on-request)$/}
  `('with appendonly $appendonly and appendfsync $appendfsync', async ({ appendonly, appendfsync, durability }) => {
    const server = await startTestRedis(['--appendonly', appendonly, '--appendfsync', appendfsync]);
    endings.push(() => server.stop());
    expect(await durabilityOf(server.open())).toMatch(durability);
  });
});
