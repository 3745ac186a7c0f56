import { afterEach, expect, it } from 'vitest';
import { deliver, sign, startWeb } from './web-fixture.ts';

const body = JSON.stringify({ action: 'opened', number: 7 });
let web: Awaited<ReturnType<typeof startWeb>>;

async function start(options: Parameters<typeof startWeb>[0] = {}) {
  web = await startWeb(options);
  return web;
}
afterEach(() => web.server.close());

it('a good delivery is stored, answered with 202 and wakes the worker; the same GUID again is a duplicate', async () => {
  const { url, stored, woken } = await start();
  const guid = { 'x-github-delivery': '72d3162e-cc78-11e3-81ab-4c9367dc0958' };
  expect(await deliver(url, body, guid)).toEqual({ status: 202, answer: { result: 'stored' } });
  expect(await deliver(url, body, guid)).toEqual({ status: 202, answer: { result: 'duplicate' } });
  expect([...stored.keys()]).toEqual([guid['x-github-delivery']]);
  expect(woken).toEqual([guid['x-github-delivery']]);
});

it('W8: the same GUID fifty times at once is stored once, and wakes once', async () => {
  const { url, woken } = await start();
  const guid = { 'x-github-delivery': '72d3162e-cc78-11e3-81ab-4c9367dc0958' };
  const answers = await Promise.all(Array.from({ length: 50 }, () => deliver(url, body, guid)));
  expect(answers.filter(({ answer }) => answer.result === 'stored')).toHaveLength(1);
  expect(answers.filter(({ answer }) => answer.result === 'duplicate')).toHaveLength(49);
  expect(woken).toHaveLength(1);
});

it.each`
  what                              | status | headers
  ${'another content type'}         | ${415} | ${{ 'content-type': 'application/x-www-form-urlencoded' }}
  ${'a content type that is none'}  | ${415} | ${{ 'content-type': 'nonsense' }}
  ${'a compressed body'}            | ${415} | ${{ 'content-encoding': 'gzip' }}
  ${'no GUID'}                      | ${400} | ${{ 'x-github-delivery': '' }}
  ${'a GUID with other characters'} | ${400} | ${{ 'x-github-delivery': '{"a":"b"} 12345678' }}
  ${'no event'}                     | ${400} | ${{ 'x-github-event': '' }}
  ${'an event with other signs'}    | ${400} | ${{ 'x-github-event': 'Pull Request' }}
  ${'a delivery for another App'}   | ${400} | ${{ 'x-github-hook-installation-target-id': '4712' }}
  ${'a delivery for no App'}        | ${400} | ${{ 'x-github-hook-installation-target-id': '' }}
`('$what is refused with $status and a sentence', async ({ status, headers }) => {
  const { url, stored } = await start();
  const refusal = await deliver(url, body, headers);
  expect(refusal.status).toBe(status);
  expect(String(refusal.answer.error)).toMatch(/^[A-Z].{15,}\.$/);
  expect(stored.size).toBe(0);
});

it('a charset after the content type does no harm', async () => {
  const { url } = await start();
  expect((await deliver(url, body, { 'content-type': 'application/json; charset=utf-8' })).status).toBe(202);
});

it.each(['GET', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'])('%s is refused with 405 and names POST', async (method) => {
  const { url } = await start();
  const response = await fetch(`${url}/api/github/webhooks`, { method });
  expect(response.status).toBe(405);
  expect(response.headers.get('allow')).toBe('POST');
});

it.each(['{"number": 7', '', '[1]', '7', 'null', '"text"', '\ufeff{}'])(
  'a signed body that is no JSON object (%j) is refused with 400',
  async (text) => {
    const { url, stored } = await start();
    const { status, answer } = await deliver(url, text);
    expect([status, answer]).toEqual([400, { error: 'The body is signed but is not a JSON object.' }]);
    expect(stored.size).toBe(0);
  },
);

it.each([[[]], [['']]])('before the App is set up there is no secret (%j): 503 and the way out', async (secrets) => {
  const { url } = await start({ secrets: () => secrets, appId: () => null });
  const { status, answer } = await deliver(url, body);
  expect(status).toBe(503);
  expect(answer.error).toContain('sluice setup');
});

it('W10: during a rotation both secrets count, and the log says which one; a removed one no longer does', async () => {
  let secrets = ['new one', 'old one'];
  const { url, log } = await start({ secrets: () => secrets });
  const by = (key: string) => deliver(url, body, { 'x-hub-signature-256': sign(body, key) });
  expect((await by('old one')).status).toBe(202);
  expect((await by('new one')).status).toBe(202);
  const indexes = log.lines.map((line) => JSON.parse(line)).filter(({ message }) => message === 'delivery accepted');
  expect(indexes.map(({ secretIndex }) => secretIndex)).toEqual([1, 0]);
  secrets = ['new one'];
  expect((await by('old one')).status).toBe(401);
  expect((await by('new one')).status).toBe(202);
});

it.each(['ping', 'unheard_of', 'marketplace_purchase'])(
  'W13: what nothing follows (%s) is answered with 202 and the reason, and not stored',
  async (event) => {
    const { url, stored, woken } = await start();
    const { status, answer } = await deliver(url, '{"repository":null}', { 'x-github-event': event });
    expect([status, answer.result]).toEqual([202, 'ignored']);
    expect(answer.because).toContain(event);
    expect([stored.size, woken.length]).toEqual([0, 0]);
  },
);
