import { createServer, type ServerResponse } from 'node:http';
import { request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClusterAccess } from '../../../src/adapters/kubernetes/cluster-access.ts';
import { createKubernetesExecutor, type KubernetesExecutor } from '../../../src/adapters/kubernetes/executor.ts';
import type { OwnNamespace } from '../../../src/adapters/kubernetes/namespaces.ts';
import type { BuildId } from '../../../src/model/build.ts';
import { podOf, shell } from '../../contract/pod-manifest.ts';
import { makeTestNamespace } from './test-cluster.ts';

/** Before the real API server: each event comes twice, and a watch may ask for a version that nobody has any more. */
async function startForgetfulRoad(access: ClusterAccess) {
  const said: string[] = [];
  let old = 0;
  let [lists, watches, doubled] = [0, 0, 0];

  function relay(from: AsyncIterable<Buffer>, response: ServerResponse, isWatch: boolean, isOld: boolean): void {
    const pass = async (): Promise<void> => {
      let rest = '';
      for await (const chunk of from) {
        if (isOld) said.push(chunk.toString());
        if (!isWatch) {
          response.write(chunk);
          continue;
        }
        const lines = (rest + chunk.toString()).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) {
          doubled += 1;
          response.write(`${line}\n${line}\n`);
        }
      }
    };
    void pass()
      .then(() => response.end())
      .catch(() => response.destroy());
  }
  const server = createServer(async (incoming, response) => {
    const options = await access.authorize();
    const path = incoming.url ?? '/';
    const isWatch = path.includes('watch=1');
    const isOld = isWatch && old > 0;
    if (isOld) old -= 1;
    if (isWatch) watches += 1;
    else if (incoming.method === 'GET' && /\/pods\?/.test(path)) lists += 1;
    const there = new URL(isOld ? path.replace(/resourceVersion=\d+/, 'resourceVersion=1') : path, access.server);
    const { host: _, connection: __, ...headers } = incoming.headers;
    const outgoing = request(there, {
      ...options,
      method: incoming.method ?? 'GET',
      headers: { ...headers, ...options.headers },
    });
    outgoing.once('response', (answer) => {
      if (isOld) said.push(`${answer.statusCode}`);
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      relay(answer, response, isWatch, isOld);
    });
    outgoing.once('error', () => response.destroy());
    response.once('close', () => outgoing.destroy());
    incoming.pipe(outgoing);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    access: {
      ...access,
      server: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      authorize: async () => ({}),
    } satisfies ClusterAccess,
    /** So many of the next watches ask for what is long gone. */
    forget(count: number): void {
      old = count;
    },
    /** Ends what is open, so that it is asked for again. */
    cut: () => server.closeAllConnections(),
    said,
    counts: () => ({ lists, watches, doubled, old }),
    async close(): Promise<void> {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

describe('a real API server that knows a version no more, and tells everything twice (F13)', {
  timeout: 120_000,
}, () => {
  let namespace: OwnNamespace;
  let road: Awaited<ReturnType<typeof startForgetfulRoad>>;
  let executor: KubernetesExecutor;
  let owner: string;

  beforeAll(async () => {
    const made = await makeTestNamespace('forgetful');
    namespace = made.namespace;
    owner = made.settings.owner;
    road = await startForgetfulRoad(made.settings.cluster);
    executor = createKubernetesExecutor({ ...made.settings, cluster: road.access });
  });

  afterAll(async () => {
    await executor?.close();
    await road?.close();
    await namespace?.remove();
  });

  async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
    for (const end = Date.now() + 40_000; !(await holds()); await new Promise((resolve) => setTimeout(resolve, 50)))
      if (Date.now() > end) throw new Error(`waited in vain: ${what}; ${JSON.stringify(road.counts())}`);
  }

  it('says 410, is listed anew, and neither loses nor repeats what became of a pod', async () => {
    const told: string[] = [];
    const build = `b-old-${'0'.repeat(24)}` as BuildId;
    // Not by a listing: those that are counted are the watch's own.
    const phases = async (): Promise<string | undefined> => (await executor.observe(build))?.phase;
    const unwatch = executor.watch((changed) => {
      void executor.observe(changed).then((pod) => told.push(`${pod?.phase} ${pod?.containers[0]?.state.kind}`));
    });
    const manifest = podOf({ owner, name: build, main: [shell('main', 'sleep 6')] });
    expect(await executor.start(manifest, {})).toEqual({ kind: 'created' });
    await until('the pod to run', async () => (await phases()) === 'running');
    const before = road.counts();
    road.forget(3);
    road.cut();
    await until('the old versions to be asked for', async () => road.counts().old === 0);
    await until('its end', async () => (await phases()) === 'succeeded');
    unwatch();
    expect(road.said.join(' ')).toMatch(/"code":410|^410/);
    const after = road.counts();
    expect(after.lists - before.lists).toBeGreaterThanOrEqual(3);
    expect(after.lists - before.lists).toBeLessThanOrEqual(8);
    expect(after.doubled).toBeGreaterThan(0);
    expect(told.filter((each, index) => index > 0 && each === told[index - 1] && each.startsWith('succeeded'))).toEqual(
      [],
    );
    expect(told.at(-1)).toBe('succeeded terminated');
    expect(await executor.start(manifest, {})).toEqual({ kind: 'exists' });
  });
});
