import type { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createDocumentStore } from '../../../src/adapters/redis/document-store.ts';
import { createWantedLine } from '../../../src/adapters/redis/wanted-line.ts';
import type { BuildId } from '../../../src/model/build.ts';
import type { WantedLine } from '../../../src/ports/store.ts';
import { entry, lineOf, pullRequest } from '../../contract/store-examples.ts';
import { startTestRedis, type TestRedis } from '../../harness/redis.ts';
import { eventually } from './eventually.ts';

let server: TestRedis;
let redis: Redis;
let line: WantedLine;

beforeAll(async () => {
  server = await startTestRedis();
});
afterAll(() => server.stop());
beforeEach(async () => {
  redis = server.open();
  await redis.flushall();
  line = createWantedLine(redis);
});

const states = async (of: WantedLine) =>
  (await of.read('default')).entries.map(({ build, state }) => `${build} ${state}`);

/** How often all of a line was read. */
async function wholeReads(): Promise<number> {
  return Number(/cmdstat_hvals:calls=(\d+)/.exec(await redis.info('commandstats'))?.[1] ?? 0);
}

/** What it holds, as it is read and as somebody reads it who knows nothing of it. */
async function agreed(): Promise<string[]> {
  const seen = (await states(line)).sort();
  expect(seen).toEqual((await states(createWantedLine(server.open()))).sort());
  return seen;
}

describe('a line that is read again', () => {
  it('is the same list as long as nothing changed, and then only what changed is read', async () => {
    const store = createDocumentStore(redis);
    await store.save(lineOf(pullRequest(1), 0, [entry('b-1'), entry('b-2')]));
    const first = await line.read('default');
    const before = await wholeReads();
    expect((await line.read('default')).entries).toBe(first.entries);
    await line.grant('default', first.version, ['b-2' as BuildId]);
    await store.save(lineOf(pullRequest(2), 0, [entry('b-3')]));
    await store.save(lineOf(pullRequest(1), 1, [entry('b-2', { state: 'active' })]));
    expect((await states(line)).sort()).toEqual(['b-2 active', 'b-3 waiting']);
    expect(await wholeReads()).toBe(before);
    expect(first.entries.map(({ state }) => state)).toEqual(['waiting', 'waiting']);
    expect(await agreed()).toEqual(['b-2 active', 'b-3 waiting']);
  });

  it('is read as a whole by who has not looked for more changes than are remembered', async () => {
    const store = createDocumentStore(redis);
    await store.save(lineOf(pullRequest(1), 0, [entry('b-0')]));
    await line.read('default');
    for (let times = 0; times < 4; times += 1) {
      const many = Array.from({ length: 300 }, (_, index) => entry(`b-${times}-${index}`));
      await store.save(lineOf(pullRequest(2 + times), 0, many));
    }
    const before = await wholeReads();
    expect((await line.read('default')).entries).toHaveLength(1201);
    expect(await wholeReads()).toBe(before + 1);
    expect(await redis.llen('sluice:line-changes:default')).toBe(1000);
  });

  it('is read as a whole where somebody changed it who notes nothing of that', async () => {
    const store = createDocumentStore(redis);
    await store.save(lineOf(pullRequest(1), 0, [entry('b-1'), entry('b-2')]));
    await line.read('default');
    // As the version before this one did.
    await redis.hdel('sluice:line:default', 'b-1');
    await redis.hincrby('sluice:line-versions', 'default', 1);
    expect(await agreed()).toEqual(['b-2 waiting']);
    await redis.hdel('sluice:line:default', 'b-2');
    await redis.hincrby('sluice:line-versions', 'default', 1);
    await store.save(lineOf(pullRequest(2), 0, [entry('b-3')]));
    expect(await agreed()).toEqual(['b-3 waiting']);
    // And where that version wrote all there was until then.
    await redis.del('sluice:line-changes:default');
    await redis.hdel('sluice:line:default', 'b-3');
    await redis.hincrby('sluice:line-versions', 'default', 1);
    await store.save(lineOf(pullRequest(4), 0, [entry('b-4')]));
    expect(await agreed()).toEqual(['b-4 waiting']);
  });

  it('is empty after all was lost, and what comes then is read', async () => {
    const store = createDocumentStore(redis);
    await store.save(lineOf(pullRequest(1), 0, [entry('b-1')]));
    await line.read('default');
    await redis.flushall();
    expect(await agreed()).toEqual([]);
    await store.save(lineOf(pullRequest(2), 0, [entry('b-2')]));
    expect(await agreed()).toEqual(['b-2 waiting']);
  });

  it('is not believed through another connection: that may lead to an older state, with the same versions again', async () => {
    const store = createDocumentStore(redis);
    await store.save(lineOf(pullRequest(1), 0, [entry('b-1')]));
    const { version } = await line.read('default');
    const other = server.open();
    await other.del('sluice:line:default', 'sluice:doc:presubmit/1/1');
    await other.hset('sluice:line-versions', 'default', version - 1);
    await createDocumentStore(other).save(lineOf(pullRequest(2), 0, [entry('b-2')]));
    const closed = new Promise<void>((resolve) => redis.once('close', () => resolve()));
    redis.disconnect(true);
    await closed;
    await eventually(async () => expect(redis.status).toBe('ready'));
    expect((await line.read('default')).version).toBe(version);
    expect(await agreed()).toEqual(['b-2 waiting']);
  });
});
