import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createGit as createStepGit } from '../../jobs/steps/git.ts';
import { credentialVariables, gitEnvironment, toCloneUrl } from '../../src/adapters/git/git-environment.ts';
import { createGit } from '../../src/adapters/git/run-git.ts';

const servers: Server[] = [];
let folder = '';

async function listen(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  servers.push(server);
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A server that sends every caller on, and the place it sends them to, which notes what it was asked. */
async function trap() {
  const seen: string[] = [];
  const evil = await listen((request, response) => {
    seen.push(`${request.url} ${request.headers.authorization ?? 'without a credential'}`);
    response.end();
  });
  const asked: string[] = [];
  const front = await listen((request, response) => {
    asked.push(request.headers.authorization ?? '');
    response.writeHead(302, { location: `${evil}${request.url}` }).end();
  });
  return { front, asked, seen };
}

const machine = { PATH: process.env.PATH ?? '/usr/bin:/bin' };
const bounds = { timeoutMs: 30_000, maxOutputBytes: 1_000_000 };
const workerGit = createGit(gitEnvironment(machine), bounds);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'elsewhere-'));
  expect((await workerGit(folder, ['init', '--bare', '-q', folder])).code).toBe(0);
});
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
  await rm(folder, { recursive: true, force: true });
});

/** Both gits of ours: the worker's and the one of the checkout step. */
const gits = {
  'the worker': async (args: readonly string[], url: string) => {
    const env = url === '' ? {} : credentialVariables(new URL(url), 'a-token');
    return (await workerGit(folder, args, { env })).code;
  },
  'the checkout': async (args: readonly string[]) => (await createStepGit(folder, machine)(args)).code,
};
const both = ['the worker', 'the checkout'] as const;

describe('git goes where we sent it and nowhere else (A17, A18)', () => {
  it.each(both)('%s follows no redirect to another host, and shows it nothing', async (whose) => {
    const { front, asked, seen } = await trap();
    expect(await gits[whose](['fetch', `${front}/acme/shop.git`, 'refs/heads/main'], front)).not.toBe(0);
    expect(asked.length).toBeGreaterThan(0);
    expect(seen).toEqual([]);
  });

  it.each(both)('%s speaks nothing but HTTP: no command, no file, no other transport', async (whose) => {
    const mark = join(folder, 'ran');
    for (const url of [
      `ext::sh -c touch% ${mark}`,
      `file://${folder}`,
      folder,
      'ssh://127.0.0.1:1/x',
      'git://127.0.0.1:1/x',
    ]) {
      expect([url, await gits[whose](['ls-remote', url], '')]).not.toEqual([url, 0]);
    }
    await expect(rm(mark)).rejects.toThrow(/ENOENT/);
  });

  it.each(both)('%s gets every word as it is: no shell reads it on the way (A10)', async (whose) => {
    const mark = join(folder, 'read-by-a-shell');
    await gits[whose](['rev-parse', `$(touch ${mark})`, `;touch ${mark};`, `\`touch ${mark}\``], '');
    await expect(rm(mark)).rejects.toThrow(/ENOENT/);
  });

  it.each([
    'ext::sh -c id',
    'file:///etc',
    '/etc',
    'ssh://git@h/x',
    '--upload-pack=id',
    'http://a:b@h/x',
    'git@h:x',
    '',
  ])('%j is no address to clone from', (text) => {
    expect(() => toCloneUrl(text)).toThrow(TypeError);
  });

  it('a credential is shown to its own origin only', () => {
    const values = Object.values(credentialVariables(new URL('https://github.example/acme/shop.git'), 'a-token'));
    expect(values).toContain('http.https://github.example/.extraHeader');
    expect(values.filter((value) => /extraHeader/i.test(value))).toHaveLength(1);
  });
});
