import { afterAll, beforeAll, it, vi } from 'vitest';
import { acceptedIn } from '../harness/accepted.ts';
import { startTestRedis, type TestRedis } from '../harness/redis.ts';
import { spawnWeb } from '../harness/spawn-web.ts';
import { startTcpProxy } from '../harness/tcp-proxy.ts';
import { startWebRole } from '../harness/web-role.ts';
import { postDelivery, pullRequestBody } from './post-delivery.ts';

vi.setConfig({ testTimeout: 60_000 });

let server: TestRedis;
beforeAll(async () => {
  server = await startTestRedis();
});
afterAll(() => server.stop());

const points = [
  { point: 'before the store got it', what: 'request', words: null, again: 'stored' },
  { point: 'before the answer of the store came', what: 'answer', words: null, again: 'duplicate' },
  { point: 'before it asked how durable that is', what: 'request', words: 'appendonly', again: 'duplicate' },
  { point: 'before it learnt how durable that is', what: 'answer', words: 'appendonly', again: 'duplicate' },
] as const;

it.concurrent.for(points)(
  'W7: a process killed $point acknowledged nothing, and the redelivery is processed once',
  async ({ point, what, words, again }, { expect, onTestFinished }) => {
    const prefix = `${point.replaceAll(' ', '-')}:`;
    const proxy = await startTcpProxy(server.address);
    const web = await spawnWeb(`redis://127.0.0.1:${proxy.port}`, prefix);
    onTestFinished(async () => {
      await web.kill();
      await proxy.close();
    });
    const guid = `6f1d4a0e-${prefix.length}-killed`;
    // With one delivery before it the script is known there, and nothing is asked any more but that.
    if (words === null) await postDelivery(web.url, pullRequestBody(1), { guid: 'the-one-before' });
    proxy.pass({ kind: 'hold', what, words: words ?? guid });
    // The connection breaks, or the process still says 503 before it dies: the forge shows a failure either way.
    const sender = postDelivery(web.url, pullRequestBody(2), { guid }).then(
      ({ status }) => status,
      () => 'no answer',
    );
    await proxy.held;
    // What was let through must have reached the server.
    if (what === 'answer') await server.open().ping();
    await web.kill();
    expect(['no answer', 503]).toContain(await sender);

    const next = await startWebRole({ redis: server.address, prefix });
    onTestFinished(() => next.close());
    expect(await postDelivery(next.url, pullRequestBody(2), { guid })).toMatchObject({ status: 202, result: again });
    expect(await postDelivery(next.url, pullRequestBody(2), { guid })).toMatchObject({ result: 'duplicate' });
    const accepted = await acceptedIn(server.open(), prefix);
    expect(accepted.sort()).toEqual((words === null ? ['the-one-before', guid] : [guid]).sort());
  },
);
