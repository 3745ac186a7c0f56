import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { deliver, parseLikeGithub, realClock, secret, sign, startWeb } from './web-fixture.ts';

const body = JSON.stringify({ action: 'opened', number: 7, title: 'words that only the body has' });
let web: Awaited<ReturnType<typeof startWeb>>;

async function start(options: Parameters<typeof startWeb>[0] = {}) {
  web = await startWeb(options);
  return web;
}
afterEach(() => web.server.close());

function fail(error: unknown): never {
  throw error;
}

describe('W6: a store that does not store', () => {
  it.each([
    'connect ECONNREFUSED 127.0.0.1:6379',
    "OOM command not allowed when used memory > 'maxmemory'.",
    "READONLY You can't write against a read only replica.",
    'MISCONF Redis is configured to save RDB snapshots, but is currently unable to persist to disk.',
  ])('%s: 503, and nobody is woken', async (message) => {
    const { url, woken } = await start({ intake: { accept: async () => fail(new Error(message)) } });
    expect((await deliver(url, body)).status).toBe(503);
    expect(woken).toEqual([]);
  });

  it('one that never answers: 503 within 2.5 s', async () => {
    const { url } = await start({ intake: { accept: () => new Promise(() => {}) } });
    const before = realClock.now();
    expect((await deliver(url, body)).status).toBe(503);
    expect(realClock.now() - before).toBeGreaterThan(1_900);
    expect(realClock.now() - before).toBeLessThan(2_500);
  });

  it('one that stores after the answer: 503, and the worker is woken all the same', async () => {
    const accept = async () => {
      await wait(200);
      return 'stored' as const;
    };
    const { url, woken } = await start({ intake: { accept }, limits: { storeMs: 50 } });
    expect((await deliver(url, body)).status).toBe(503);
    await expect.poll(() => woken.length).toBe(1);
  });

  it('one that throws after the answer ends nothing', async () => {
    const accept = async () => {
      await wait(100);
      return fail(undefined);
    };
    const { url } = await start({ intake: { accept }, limits: { storeMs: 20 } });
    expect((await deliver(url, body)).status).toBe(503);
    await wait(150);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });
});

describe('W16: nothing that is thrown ends the process or turns into a success', () => {
  const thrown = [undefined, null, 0, '', 'text', Symbol('s'), {}, Object.create(null), new Error('x'), [], () => 1];
  const places: readonly [string, (error: unknown) => Parameters<typeof startWeb>[0]][] = [
    ['secrets', (error) => ({ secrets: () => fail(error) })],
    ['appId', (error) => ({ appId: () => fail(error) })],
    ['parse', (error) => ({ parse: () => fail(error) })],
    ['accept, at once', (error) => ({ intake: { accept: () => fail(error) } })],
    ['accept, later', (error) => ({ intake: { accept: () => Promise.reject(error) } })],
  ];
  it.each(places)('thrown by %s', async (_place, breaking) => {
    for (const error of thrown) {
      const { url, server } = await start(breaking(error));
      expect((await deliver(url, body)).status).toBe(503);
      expect((await fetch(`${url}/healthz`)).status).toBe(200);
      await server.close();
    }
  });

  it('thrown by whoever is woken: the answer was given before', async () => {
    for (const error of thrown) {
      const { url, server } = await start({ onStored: () => fail(error) });
      expect((await deliver(url, body)).status).toBe(202);
      expect((await fetch(`${url}/healthz`)).status).toBe(200);
      await server.close();
    }
  });
});

it('W17: no secret, signature or body is in any log line at any level, whatever goes wrong', async () => {
  let breakParse = false;
  const parse: typeof parseLikeGithub = (headers, payload, at) =>
    breakParse ? fail(new Error(`cannot read ${body}`)) : parseLikeGithub(headers, payload, at);
  const { url, log } = await start({ parse });
  await deliver(url, body);
  await deliver(url, body, { 'x-github-event': 'ping' });
  await deliver(url, body, { 'x-hub-signature-256': sign(body, 'wrong') });
  await deliver(url, `${body} and more`);
  await deliver(url, body, { 'x-github-hook-installation-target-id': '1' });
  await deliver(url, body, { 'content-type': 'text/plain' });
  breakParse = true;
  await deliver(url, body);
  const all = log.lines.join('\n');
  expect(log.lines.length).toBeGreaterThanOrEqual(7);
  for (const hidden of [secret, sign(body).slice(7), 'words that only', sign(body, 'wrong').slice(7)])
    expect(all).not.toContain(hidden);
});
