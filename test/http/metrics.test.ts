import { afterEach, describe, expect, it } from 'vitest';
import { createPrometheus } from '../../src/adapters/prometheus/prometheus.ts';
import { createHealthServer } from '../../src/http/health-server.ts';
import { noFigures } from '../adapters/prometheus/figures-fixture.ts';
import { scrapeAt } from '../harness/exposition.ts';
import { deliver, realClock, sign, startWeb } from './web-fixture.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

async function start(options: Parameters<typeof startWeb>[0] = {}) {
  const prometheus = createPrometheus({
    figures: async () => noFigures,
    pools: ['default'],
    version: '1',
    now: Date.now,
  });
  const web = await startWeb({ scraping: prometheus, metrics: prometheus.metrics, ...options });
  ends.push(web.server.close, prometheus.close);
  return { ...web, prometheus };
}

const body = JSON.stringify({ action: 'opened', number: 7 });
const answered = (outcome: string, status: number) =>
  `sluice_webhook_deliveries_total{outcome="${outcome}",status="${status}"}`;

describe('deliveries are counted by how they were answered', () => {
  it.each`
    what                   | more                                                       | outcome       | status
    ${'a new one'}         | ${{}}                                                      | ${'accepted'} | ${202}
    ${'another event'}     | ${{ 'x-github-event': 'watch' }}                           | ${'ignored'}  | ${202}
    ${'a wrong signature'} | ${{ 'x-hub-signature-256': sign(body, 'another secret') }} | ${'refused'}  | ${401}
    ${'no signature'}      | ${{ 'x-hub-signature-256': '' }}                           | ${'refused'}  | ${401}
    ${'another type'}      | ${{ 'content-type': 'text/plain' }}                        | ${'refused'}  | ${415}
    ${'another App'}       | ${{ 'x-github-hook-installation-target-id': '1' }}         | ${'refused'}  | ${400}
  `('$what is $outcome with $status', async ({ more, outcome, status }) => {
    const { url } = await start();
    expect((await deliver(url, body, more)).status).toBe(status);
    const shown = await scrapeAt(url);
    expect(shown.value(answered(outcome, status))).toBe(1);
    const all = [...shown.samples].filter(([name]) => name.startsWith('sluice_webhook_deliveries_total'));
    expect(all.reduce((sum, [, value]) => sum + value, 0)).toBe(1);
  });

  it('the same one twice is a duplicate', async () => {
    const { url } = await start();
    const more = { 'x-github-delivery': '11111111-2222-3333-4444-555555555555' };
    await deliver(url, body, more);
    await deliver(url, body, more);
    const shown = await scrapeAt(url);
    expect(shown.value(answered('accepted', 202))).toBe(1);
    expect(shown.value(answered('duplicate', 202))).toBe(1);
  });

  it('one that cannot be stored is refused with 503, and its time is not that of a write', async () => {
    const { url } = await start({ intake: { accept: () => Promise.reject(new Error('READONLY')) } });
    await deliver(url, body);
    const shown = await scrapeAt(url);
    expect(shown.value(answered('refused', 503))).toBe(1);
    expect(shown.value('sluice_webhook_store_seconds_count')).toBe(0);
  });

  it('the time until one was durable is measured', async () => {
    const accept = async () => {
      await realClock.sleep(60);
      return 'stored' as const;
    };
    const { url } = await start({ intake: { accept } });
    await deliver(url, body);
    const shown = await scrapeAt(url);
    expect(shown.value('sluice_webhook_store_seconds_count')).toBe(1);
    expect(shown.value('sluice_webhook_store_seconds_sum')).toBeGreaterThanOrEqual(0.05);
  });
});

it('W10: the index of the secret moves during a rotation, and the end of the old one shows', async () => {
  let secrets = ['the new secret', 'the old secret'];
  const { url } = await start({ secrets: () => secrets });
  const send = (secret: string) => deliver(url, body, { 'x-hub-signature-256': sign(body, secret) });
  const moved = async () => {
    const { value } = await scrapeAt(url);
    return [0, 1].map((index) => value(`sluice_webhook_secret_index{index="${index}"}`) ?? 0);
  };
  await send('the old secret');
  expect(await moved()).toEqual([0, 1]);
  await send('the new secret');
  expect(await moved()).toEqual([1, 1]);
  secrets = ['the new secret'];
  expect((await send('the old secret')).status).toBe(401);
  await send('the new secret');
  expect(await moved()).toEqual([2, 1]);
});

it('hostile headers and bodies add no series and no text', async () => {
  const { url } = await start();
  await deliver(url, body);
  await deliver(url, body, { 'x-github-event': 'watch' });
  await deliver(url, body, { 'x-hub-signature-256': 'sha256=evil' });
  const before = await scrapeAt(url);
  for (let i = 0; i < 20; i += 1) {
    const text = JSON.stringify({ action: `evil${i}"} 1\nsluice_evil 1`, number: i, repository: { name: `evil${i}` } });
    await deliver(url, text, { 'x-hub-signature-256': sign(text), 'x-github-event': `evil_${'x'.repeat(i)}` });
    await deliver(url, text, { 'x-hub-signature-256': `evil${i}` });
  }
  const after = await scrapeAt(url);
  expect([...after.samples.keys()]).toEqual([...before.samples.keys()]);
  expect(after.text).not.toContain('evil');
});

it('is text that nobody keeps, and is not there where it is served apart', async () => {
  const { url } = await start();
  const answer = await fetch(`${url}/metrics`);
  expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  expect(answer.headers.get('cache-control')).toBe('no-store');
  const { server, url: other } = await startWeb();
  ends.push(server.close);
  expect((await fetch(`${other}/metrics`)).status).toBe(404);
});

it('a health server serves probes and metrics, and neither webhooks nor a page', async () => {
  const { prometheus } = await start();
  const ready = async () => ['Redis gives no answer.'];
  const server = createHealthServer({ ready, clock: realClock, metrics: prometheus });
  ends.push(server.close);
  const url = await server.listen('127.0.0.1', 0);
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  expect((await fetch(`${url}/readyz`)).status).toBe(503);
  expect((await scrapeAt(url)).value('sluice_redis_up')).toBe(1);
  expect((await fetch(`${url}/`)).status).toBe(404);
  expect((await deliver(url, body)).status).toBe(404);
});
