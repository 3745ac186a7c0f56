import { mkdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Redis } from 'ioredis';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { acceptedIn } from '../harness/accepted.ts';
import { startTestRedis, type TestRedis } from '../harness/redis.ts';
import { startTcpProxy, type TcpProxy } from '../harness/tcp-proxy.ts';
import { type RunningWeb, startWebRole } from '../harness/web-role.ts';
import { type Posted, postDelivery, pullRequestBody } from './post-delivery.ts';

vi.setConfig({ testTimeout: 60_000 });

/** A web process, its Redis, and what stands between them. */
interface Place {
  readonly web: RunningWeb;
  readonly server: TestRedis;
  readonly proxy: TcpProxy;
  /** A way to the server that is not spoiled. */
  readonly redis: Redis;
}

async function setPlace(settings: readonly string[]): Promise<Place> {
  const server = await startTestRedis(settings);
  const proxy = await startTcpProxy(server.address);
  const web = await startWebRole({ redis: `redis://127.0.0.1:${proxy.port}` });
  onTestFinished(async () => {
    await web.close();
    await proxy.close();
    await server.stop();
  });
  return { web, server, proxy, redis: server.open() };
}

interface Fault {
  readonly fault: string;
  readonly begin: (place: Place) => Promise<unknown> | unknown;
  readonly end: (place: Place) => Promise<unknown> | unknown;
}

/** A folder where the snapshot should go: writing one fails, for root too. */
async function snapshotPath({ redis }: Place): Promise<string> {
  const [, folder = ''] = (await redis.config('GET', 'dir')) as string[];
  return join(folder, 'dump.rdb');
}

async function failSnapshots(place: Place): Promise<void> {
  await mkdir(await snapshotPath(place));
  await place.redis.bgsave();
  await vi.waitUntil(async () => (await place.redis.info('persistence')).includes('rdb_last_bgsave_status:err'), 5_000);
}

async function mendSnapshots(place: Place): Promise<void> {
  await rmdir(await snapshotPath(place));
  await place.redis.bgsave();
  await vi.waitUntil(async () => (await place.redis.info('persistence')).includes('rdb_last_bgsave_status:ok'), 5_000);
}

const faults: readonly Fault[] = [
  { fault: 'is down', begin: ({ server }) => server.kill(), end: ({ server }) => server.restart() },
  {
    fault: 'hangs (SIGSTOP)',
    begin: ({ server }) => server.signal('SIGSTOP'),
    end: ({ server }) => server.signal('SIGCONT'),
  },
  {
    fault: 'is out of memory (OOM)',
    begin: ({ redis }) => redis.config('SET', 'maxmemory', '1'),
    end: ({ redis }) => redis.config('SET', 'maxmemory', '0'),
  },
  {
    fault: 'has become a replica (READONLY)',
    begin: ({ redis }) => redis.replicaof('127.0.0.1', 1),
    end: ({ redis }) => redis.replicaof('NO', 'ONE'),
  },
  {
    fault: 'has too few replicas (NOREPLICAS)',
    begin: ({ redis }) => redis.config('SET', 'min-replicas-to-write', '1'),
    end: ({ redis }) => redis.config('SET', 'min-replicas-to-write', '0'),
  },
  { fault: 'cannot write its snapshot (MISCONF)', begin: failSnapshots, end: mendSnapshots },
  {
    fault: 'is slow (1.5 s each way)',
    begin: ({ proxy }) => proxy.pass({ kind: 'late', ms: 1_500 }),
    end: ({ proxy }) => proxy.pass({ kind: 'through' }),
  },
  {
    fault: 'is behind a connection that is half open',
    begin: ({ proxy }) => proxy.pass({ kind: 'half-open' }),
    end: ({ proxy }) => {
      proxy.pass({ kind: 'through' });
      proxy.cut();
    },
  },
];

const storedGuids = ({ redis }: Place): Promise<string[]> => acceptedIn(redis);

describe('a delivery', () => {
  it.for(faults)(
    'W6: while the Redis $fault, it is told 503 within 2.5 s, never 2xx; afterwards it is taken',
    async ({ begin, end }) => {
      const place = await setPlace(['--save', '3600 1']);
      const before = await postDelivery(place.web.url, pullRequestBody(1));
      expect(before).toMatchObject({ status: 202, result: 'stored' });
      await begin(place);
      // What this whole process stood still for is not the server's slowness.
      const standstill = monitorEventLoopDelay({ resolution: 5 });
      standstill.enable();
      const during = await Promise.all(
        Array.from({ length: 10 }, (_, index) => postDelivery(place.web.url, pullRequestBody(index + 1))),
      );
      standstill.disable();
      expect(during.map(({ status }) => status)).toEqual(Array(10).fill(503));
      expect(Math.max(...during.map(({ ms }) => ms)) - standstill.max / 1e6).toBeLessThan(2_500);
      await end(place);
      const again = async ({ guid }: { guid: string }) =>
        (await postDelivery(place.web.url, pullRequestBody(1), { guid })).status;
      await expect.poll(() => again(before), { timeout: 10_000, interval: 100 }).toBe(202);
      expect(await Promise.all(during.map(again))).toEqual(Array(10).fill(202));
      const sent = [before, ...during].map(({ guid }) => guid);
      expect((await storedGuids(place)).sort()).toEqual(sent.sort());
    },
  );
});

it('S13: of a burst in whose middle the Redis is killed, every delivery that was told 202 is there afterwards', async () => {
  const place = await setPlace([]);
  const { web, server } = place;
  let acknowledgedSoFar = 0;
  const killed = Promise.withResolvers<void>();
  const post = async (index: number) => {
    const answer = await postDelivery(web.url, pullRequestBody(index + 1));
    if (answer.status === 202) acknowledgedSoFar += 1;
    if (acknowledgedSoFar === 30) killed.resolve(server.kill());
    return answer;
  };
  // Three at the same time, again and again: some are under way whenever the server dies.
  const sender = async () => {
    const answers: Posted[] = [];
    for (let index = 0; index < 40; index += 1) answers.push(await post(index));
    return answers;
  };
  const posted = (await Promise.all([sender(), sender(), sender()])).flat();
  await killed.promise;
  const acknowledged = posted.filter(({ status }) => status === 202).map(({ guid }) => guid);
  expect(acknowledged.length).toBeGreaterThan(0);
  expect(posted.filter(({ status }) => status === 503).length).toBe(posted.length - acknowledged.length);
  expect(posted.length - acknowledged.length).toBeGreaterThan(0);
  await server.restart();
  expect(await storedGuids(place)).toEqual(expect.arrayContaining(acknowledged));
});
