import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CliDeps, ManifestWishes, RegisteredApp } from '../../src/cli/deps.ts';
import { webhookPath } from '../../src/http/intake-route.ts';
import { type Session, sluice, startSluice, untilPrinted } from './cli-fixture.ts';

const registered: RegisteredApp = {
  appId: 4711,
  slug: 'sluice-acme',
  htmlUrl: 'https://github.example.org/apps/sluice-acme',
  clientId: 'Iv1.x',
  clientSecret: 'client secret',
  webhookSecret: 'webhook secret',
  privateKey: '-----BEGIN RSA PRIVATE KEY-----',
};

let folder: string;
let out: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-setup-'));
  out = join(folder, 'data');
});
afterEach(() => rm(folder, { recursive: true }));

/** GitHub's side of the flow: shows what was posted to it, gives a code that works once. */
async function startGithub() {
  const posts: { path: string; manifest: unknown }[] = [];
  const codes = new Set<string>();
  const server = createServer(async (request, response) => {
    const chunks = await request.toArray();
    const manifest = JSON.parse(new URLSearchParams(Buffer.concat(chunks).toString()).get('manifest') ?? 'null');
    const url = new URL(request.url ?? '/', 'http://x');
    posts.push({ path: url.pathname, manifest });
    codes.add(`code-${posts.length}`);
    const back = `${manifest.redirect_url}?code=code-${posts.length}&state=${url.searchParams.get('state')}`;
    response.writeHead(302, { location: back }).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const asked: ManifestWishes[] = [];
  const deps: Partial<CliDeps> = {
    manifestFor: async (request) => {
      asked.push(request);
      return { name: `${request.name} & "friends"`, redirect_url: request.redirectUrl };
    },
    creationUrl: (github, organisation, state) => `${github}/${organisation ?? 'me'}/new?state=${state}&x="`,
    exchangeCode: async (github, code) => {
      if (github !== url || !codes.delete(code)) throw new Error(`404 for ${code}`);
      return registered;
    },
  };
  return { url, posts, asked, deps, close: () => server.close() };
}

let github: Awaited<ReturnType<typeof startGithub>>;
beforeEach(async () => {
  github = await startGithub();
});
afterEach(() => github.close());

function setup(...words: string[]): Session {
  return startSluice(['setup', '--github', github.url, '--out', out, '--no-browser', ...words], github.deps);
}

async function pageOf(session: Session): Promise<string> {
  return (await untilPrinted(session, /http:\/\/127\.0\.0\.1:\d+\//))[0];
}

function attribute(html: string, name: string): string {
  const raw = new RegExp(`${name}="([^"]*)"`).exec(html)?.[1] ?? '';
  return raw.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)));
}

/** What a browser does with the page: press the button and follow GitHub back. */
async function pressButton(page: string): Promise<string> {
  const html = await (await fetch(page)).text();
  const body = new URLSearchParams({ manifest: attribute(html, 'value') });
  return (await fetch(attribute(html, 'action'), { method: 'POST', body })).text();
}

describe('sluice setup', () => {
  it('registers the App by one click, keeps its credentials for the owner alone, and says what is next', async () => {
    const session = setup('--url', 'https://sluice.example.org');
    expect(await pressButton(await pageOf(session))).toContain('The App sluice-acme is registered.');
    expect(await session.code).toBe(0);
    expect(github.asked[0]?.webhookUrl).toBe(`https://sluice.example.org${webhookPath}`);
    const file = join(out, 'app.json');
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({
      schema: 1,
      github: github.url,
      publicUrl: 'https://sluice.example.org',
      ...registered,
    });
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await stat(out)).mode & 0o777).toBe(0o700);
    expect(github.posts).toEqual([
      { path: '/me/new', manifest: { name: 'sluice & "friends"', redirect_url: expect.any(String) } },
    ]);
    expect(session.printed.out).toContain('https://github.example.org/apps/sluice-acme/installations/new');
    expect(session.printed.out).toContain(`sluice serve --data ${out} --public-url https://sluice.example.org`);
    expect(session.printed.out + session.printed.err).not.toMatch(/secret"|PRIVATE KEY|client secret/);
  });

  it('lets an organisation own it, under another name', async () => {
    const session = setup('--org', 'acme', '--name', 'gatekeeper');
    await pressButton(await pageOf(session));
    expect(await session.code).toBe(0);
    expect(github.posts[0]?.path).toBe('/acme/new');
    expect(github.asked[0]?.name).toBe('gatekeeper');
  });

  it('without a public address it asks for no webhook and says that deliveries are polled', async () => {
    const session = setup();
    await pressButton(await pageOf(session));
    await session.code;
    expect(github.asked[0]).toMatchObject({ webhookUrl: null, url: github.url });
    expect(session.printed.out).toContain('deliveries are found by polling');
  });

  it('a code with a foreign state, or to a foreign host name, is refused; the right one still works', async () => {
    const session = setup();
    const page = await pageOf(session);
    expect((await fetch(`${page}created?code=code-9&state=guess`)).status).toBe(403);
    const [byOtherName] = await once(get(page, { headers: { host: 'sluice.example.org' } }), 'response');
    expect(byOtherName.statusCode).toBe(403);
    await pressButton(page);
    expect(await session.code).toBe(0);
  });

  it('a code that GitHub refuses is told on the page, and another try works', async () => {
    const session = setup();
    const page = await pageOf(session);
    const refused = await fetch(`${page}created?code=used&state=a-token-that-nobody-guesses`);
    expect([refused.status, await refused.text()]).toEqual([502, expect.stringContaining('start again from the page')]);
    await pressButton(page);
    expect(await session.code).toBe(0);
  });

  it('its page allows no script and is closed afterwards', async () => {
    const session = setup();
    const page = await pageOf(session);
    expect((await fetch(page)).headers.get('content-security-policy')).toContain("default-src 'none'");
    await pressButton(page);
    await session.code;
    await expect(fetch(page)).rejects.toThrow('fetch failed');
  });

  it('where an App file is, it ends with 2, names it and touches nothing', async () => {
    const first = setup();
    await pressButton(await pageOf(first));
    await first.code;
    const before = await readFile(join(out, 'app.json'), 'utf8');
    const { code, err } = await sluice(['setup', '--github', github.url, '--out', out], github.deps);
    expect([code, err]).toEqual([2, expect.stringContaining('app.json holds sluice-acme already')]);
    expect(await readFile(join(out, 'app.json'), 'utf8')).toBe(before);
  });

  it('where a file stands in the way of the folder, it ends with 2 and says so before the browser is needed', async () => {
    await writeFile(out, 'a file where a folder is needed');
    const { code, err } = await sluice(['setup', '--github', github.url, '--out', out], github.deps);
    expect([code, err]).toEqual([2, expect.stringContaining('cannot look whether')]);
  });

  it('Ctrl-C before the click ends it with 1 and closes the page', async () => {
    const session = setup();
    const page = await pageOf(session);
    session.interrupt();
    expect(await session.code).toBe(1);
    await expect(fetch(page)).rejects.toThrow('fetch failed');
  });
});
