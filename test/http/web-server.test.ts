import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { deliver, deliveryHeaders, realClock, startWeb } from './web-fixture.ts';

const body = JSON.stringify({ action: 'opened', number: 7 });
let web: Awaited<ReturnType<typeof startWeb>>;

async function start(options: Parameters<typeof startWeb>[0] = {}) {
  web = await startWeb(options);
  return web;
}
afterEach(() => web.server.close());

it('lives, and is ready when nothing is missing', async () => {
  const { url } = await start();
  expect(await (await fetch(`${url}/healthz`)).json()).toEqual({ healthy: true });
  const ready = await fetch(`${url}/readyz`);
  expect([ready.status, await ready.json()]).toEqual([200, { ready: true, missing: [] }]);
});

it('says what is missing while it is not ready, and still lives', async () => {
  const { url } = await start({ ready: async () => ['Redis does not answer at redis://127.0.0.1:1.'] });
  const ready = await fetch(`${url}/readyz`);
  expect([ready.status, await ready.json()]).toEqual([
    503,
    { ready: false, missing: ['Redis does not answer at redis://127.0.0.1:1.'] },
  ]);
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
});

it('the status page shows the counts as text, under headers that allow no script', async () => {
  const { url } = await start({ status: async () => [{ name: 'waiting <builds>', value: 3 }] });
  const page = await fetch(url);
  expect(page.headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'sha256-[^']+'; /);
  expect(await page.text()).toContain('<th scope="row">waiting &#60;builds&#62;</th><td class="value">3</td>');
});

it('a check that fails is a 500 with a sentence, without its message', async () => {
  const { url, log } = await start({ ready: () => Promise.reject(new Error('password=hidden')) });
  const ready = await fetch(`${url}/readyz`);
  expect(ready.status).toBe(500);
  expect((await ready.text()) + log.lines.join()).not.toContain('hidden');
});

it('an unknown path says where webhooks go', async () => {
  const { url } = await start();
  const stray = await fetch(`${url}/webhook`, { method: 'POST', body: '{}' });
  expect([stray.status, await stray.json()]).toEqual([
    404,
    { error: 'There is nothing here. Webhooks go to /api/github/webhooks.' },
  ]);
});

describe('closing', () => {
  it('answers the delivery that is being stored, and only then ends', async () => {
    const accept = async () => {
      await wait(300);
      return 'stored' as const;
    };
    const { url, server } = await start({ intake: { accept } });
    const answer = deliver(url, body);
    await wait(100);
    await Promise.all([server.close(), expect(answer).resolves.toMatchObject({ status: 202 })]);
    await expect(fetch(`${url}/healthz`)).rejects.toThrow('fetch failed');
  });

  it('refuses a body that is still arriving with 503 and ends within seconds', async () => {
    const { port, server } = await start();
    const socket = connect(port, '127.0.0.1');
    const headers = Object.entries({ ...deliveryHeaders(body), 'content-length': '9999' });
    socket.write(
      `POST /api/github/webhooks HTTP/1.1\r\nhost: x\r\n${headers.map((h) => h.join(': ')).join('\r\n')}\r\n\r\n{`,
    );
    await wait(100);
    const before = realClock.now();
    const [[answer]] = await Promise.all([once(socket, 'data'), server.close()]);
    expect(String(answer)).toContain('503');
    expect(realClock.now() - before).toBeLessThan(4_000);
    socket.destroy();
  });
});
