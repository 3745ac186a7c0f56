import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createConditionalFetch } from '../../../src/adapters/github/conditional-fetch.ts';

/** Counts requests; each path has a text and a version, which is its ETag. */
let server: Server;
let url: string;
let versions: Map<string, number>;
let seen: { readonly method: string; readonly headers: IncomingHttpHeaders; readonly status: number }[];
let silent: boolean;

beforeEach(async () => {
  [versions, seen, silent] = [new Map(), [], false];
  server = createServer((request, response) => {
    if (silent) return;
    const version = versions.get(request.url ?? '') ?? 1;
    const etag = `W/"${version}"`;
    const unchanged = request.headers['if-none-match'] === etag;
    const headers = { etag, 'x-ratelimit-remaining': String(5_000 - seen.length), link: '<next>; rel="next"' };
    const status = unchanged ? 304 : 200;
    seen.push({ method: request.method ?? '', headers: request.headers, status });
    response.writeHead(status, headers).end(unchanged ? undefined : `${request.url} ${version} ${'x'.repeat(2_000)}`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const make = (maxBytes = 1_000_000, timeoutMs = 5_000) => createConditionalFetch(fetch, { maxBytes, timeoutMs });
const textOf = async (response: Response) => (await response.text()).split(' x')[0];

it('gives the kept answer where nothing changed, with the new state of the limit', async () => {
  const send = make();
  await (await send(`${url}/a`)).text();
  const again = await send(`${url}/a`);
  expect([again.status, await textOf(again), again.headers.get('link')]).toEqual([200, '/a 1', '<next>; rel="next"']);
  expect(again.headers.get('x-ratelimit-remaining')).toBe('4999');
  expect(again.url).toBe(`${url}/a`);
  versions.set('/a', 2);
  expect(await textOf(await send(`${url}/a`))).toBe('/a 2');
  expect(seen.map((request) => request.status)).toEqual([200, 304, 200]);
});

it('sends the credentials of each call along, so that the forge judges them each time', async () => {
  const send = make();
  await send(`${url}/a`, { headers: { authorization: 'token one' } });
  await send(`${url}/a`, { headers: { authorization: 'token two' } });
  expect(seen.map((request) => request.headers.authorization)).toEqual(['token one', 'token two']);
});

it('keeps nothing of writes', async () => {
  const send = make();
  await send(`${url}/a`, { method: 'POST' });
  await send(`${url}/a`, { method: 'POST' });
  await send(`${url}/a`);
  expect(seen.map((request) => request.status)).toEqual([200, 200, 200]);
});

it('forgets what was not used for longest', async () => {
  const send = make(32_000);
  for (let index = 0; index < 12; index += 1) await send(`${url}/${index}`);
  await send(`${url}/11`);
  await send(`${url}/0`);
  expect(seen.slice(-2).map((request) => request.status)).toEqual([304, 200]);
});

it('ends a call that gets no answer', async () => {
  silent = true;
  await expect(make(1_000, 100)(`${url}/a`)).rejects.toThrow(/timeout/i);
});
