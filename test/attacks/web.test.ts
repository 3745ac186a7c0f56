import { afterEach, describe, expect, it } from 'vitest';
import { logUrl } from '../../src/http/log-link.ts';
import { toBuildId } from '../../src/model/build.ts';
import { postDelivery, pullRequestBody } from '../http/post-delivery.ts';
import { startWeb } from '../http/web-fixture.ts';

const logKey = 'a log key of these tests';
const build = toBuildId('b-unit-ef0037d57c8c941fd0d3616d');
const other = toBuildId('b-unit-aa0037d57c8c941fd0d3616d');
const paths = ['/', '/healthz', '/readyz', '/metrics', `/logs/${build}`, `/logs/${build}/raw`, '/rerun', '/approve'];
let web: Awaited<ReturnType<typeof startWeb>>;

afterEach(() => web.server.close());

describe('a page of ours cannot be used against who looks at it', () => {
  it('takes no deed from a browser: whatever is sent to any page, only signed deliveries are obeyed (A22)', async () => {
    web = await startWeb();
    const statuses: number[] = [];
    for (const path of paths) {
      for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
        const body = new URLSearchParams({ command: '/gate', number: '7' });
        statuses.push((await fetch(`${web.url}${path}`, { method, body })).status);
      }
    }
    const forged = await fetch(`${web.url}/api/github/webhooks`, { method: 'POST', body: '{"number":7}' });
    expect(new Set(statuses)).toEqual(new Set([404]));
    expect(forged.status).toBeGreaterThanOrEqual(400);
    expect((await postDelivery(web.url, pullRequestBody(7), { secret: 'a guess' })).status).toBe(401);
    expect([web.stored.size, web.woken]).toEqual([0, []]);
  });

  it('sends nobody elsewhere and gives no cookie, whatever the address says (A22, A23)', async () => {
    web = await startWeb();
    const lures = ['//evil.example/', '?redirect=https://evil.example', '?next=//evil.example', '/\\evil.example'];
    for (const path of [...paths, '/api/github/webhooks', '/login']) {
      for (const lure of ['', ...lures]) {
        const { status, headers } = await fetch(`${web.url}${path}${lure}`, { redirect: 'manual' });
        expect([path + lure, Math.floor(status / 100) === 3]).toEqual([path + lure, false]);
        expect([headers.get('location'), headers.get('set-cookie')]).toEqual([null, null]);
      }
    }
  });

  it('opens a log to the key of exactly that build, and not to two keys at once (A23, A37)', async () => {
    web = await startWeb();
    web.texts.set(build, { text: 'private words\n', ended: true });
    web.texts.set(other, { text: 'other words\n', ended: true });
    const mine = new URL(logUrl(web.url, logKey, build));
    const key = mine.searchParams.get('key') ?? '';
    const theirs = new URL(logUrl(web.url, logKey, other)).searchParams.get('key') ?? '';
    const ask = async (query: string) => {
      const answer = await fetch(`${web.url}/logs/${build}/raw?${query}`);
      return [answer.status, (await answer.text()).includes('private words')];
    };
    expect(await ask(`key=${key}`)).toEqual([200, true]);
    expect(await ask(`key=${theirs}`)).toEqual([404, false]);
    expect(await ask(`key=${theirs}&key=${key}`)).toEqual([404, false]);
    expect(await ask(`key=${key}&key=${theirs}`)).toEqual([404, false]);
    expect(await ask(`key=${theirs}&build=${other}`)).toEqual([404, false]);
    expect(await ask('')).toEqual([404, false]);
  });
});
