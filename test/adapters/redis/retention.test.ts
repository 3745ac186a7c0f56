import type { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { createDocumentStore } from '../../../src/adapters/redis/document-store.ts';
import { createWantedLine } from '../../../src/adapters/redis/wanted-line.ts';
import type { BuildId } from '../../../src/model/build.ts';
import { entry, lineOf, pullRequest, saveOf } from '../../contract/store-examples.ts';
import type { TestRedis } from '../../harness/redis.ts';
import { startTestRedis } from '../../harness/redis.ts';
import { eventually } from './eventually.ts';

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

let server: TestRedis;
let redis: Redis;
beforeAll(async () => {
  server = await startTestRedis();
  redis = server.open();
});
afterAll(() => server.stop());

const [done, going] = [pullRequest(1), pullRequest(2)];
const settled = { index: { line: [], wakeAt: null, settled: true }, decision: { at: 1, reasons: ['x'], effects: [] } };

it('a settled document goes with all that belongs to it after the retention; one that goes on stays', async () => {
  const store = createDocumentStore(redis, 'a:', { retentionMs: 1200 });
  await store.save(saveOf(done, 0, settled));
  await store.save(saveOf(going, 0, settled));
  await store.save(saveOf(going, 1));
  expect([...(await store.subjects())].sort()).toEqual([done, going]);
  await eventually(() => store.load(done)).toEqual({ version: 0, document: null });
  await eventually(() => store.subjects()).toEqual([going]);
  expect(await store.history(done, 5)).toEqual([]);
  expect(await store.load(going)).toMatchObject({ version: 2 });
  await store.save(saveOf(going, 2));
  const left = (await redis.keys('a:*')).sort();
  expect(left).toEqual(['a:doc:presubmit/7/2', 'a:history:presubmit/7/2', 'a:subjects']);
});

it('a grant from before all data was lost grants nothing in the line that was rebuilt', async () => {
  const store = createDocumentStore(redis, 'b:');
  const line = createWantedLine(redis, 'b:');
  const fill = () => store.save(lineOf(going, 0, [entry('b-1'), entry('b-2')]));
  await fill();
  const { version } = await line.read('default');
  await redis.flushall();
  await fill();
  expect(await line.grant('default', version, ['b-1' as BuildId])).toBe('changed');
});

it('a document that is not JSON is named in the error', async () => {
  await redis.hset('c:doc:presubmit/7/1', 'version', '1', 'document', '{oops');
  await expect(createDocumentStore(redis, 'c:').load(done)).rejects.toThrow(
    /document of presubmit\/7\/1 .*not JSON: {oops/,
  );
});
