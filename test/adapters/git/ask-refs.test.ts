import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { askRefs } from '../../../src/adapters/git/ask-refs.ts';
import { listRemoteRefs, readRemoteRefs } from '../../../src/adapters/git/fetch-commits.ts';
import { gitEnvironment } from '../../../src/adapters/git/git-environment.ts';
import { createGit } from '../../../src/adapters/git/run-git.ts';
import { makeRepository, type Repository } from './repository.ts';
import { type GitServer, serveGit } from './serve-git.ts';

let root: string;
let upstream: Repository;
let git: GitServer;
const others: Server[] = [];

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'sluice-refs-'));
  git = await serveGit(join(root, 'served'));
  upstream = makeRepository(join(root, 'served'), 'acme/shop.git');
});

afterEach(async () => {
  for (const server of others.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  await git.close();
  rmSync(root, { recursive: true, force: true });
});

/** A repository on a server that answers so, and what it was asked with. */
async function answering(listener: RequestListener) {
  const asked: { readonly url: string | undefined; readonly authorization: string | undefined }[] = [];
  const server = createServer((request, response) => {
    asked.push({ url: request.url, authorization: request.headers.authorization });
    listener(request, response);
  });
  others.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { asked, remote: remoteAt(`http://127.0.0.1:${port}`) };
}

function remoteAt(address: string, token: string | null = null, timeoutMs = 20_000) {
  return { url: new URL(`${address}/acme/shop.git`), token, timeoutMs, maxPackBytes: 2 ** 20 };
}

const runGit = createGit(gitEnvironment({ PATH: process.env.PATH ?? '' }), {
  timeoutMs: 20_000,
  maxOutputBytes: 2 ** 20,
});

const list = { 'content-type': 'application/x-git-upload-pack-result' };
const line = (text: string) => `${(text.length + 4).toString(16).padStart(4, '0')}${text}`;

describe('the refs of a remote', () => {
  it('are what git itself lists, annotated tags and names of all kinds included', async () => {
    const commit = upstream.commit({ files: { 'a.txt': 'a\n' } });
    for (const ref of ['refs/heads/main', 'refs/heads/größe', 'refs/pull/1/head', 'refs/sluice/x', 'refs/tags/plain'])
      upstream.setRef(ref, commit);
    upstream.git('tag', '-a', '-m', 'First', 'v1.0.0', commit);
    const listed = upstream.git('ls-remote', '--quiet', upstream.folder, 'refs/*').split('\n');
    const wanted = listed.map((each) => each.split('\t').reverse());
    expect(wanted).toHaveLength(7);
    expect([...((await askRefs(remoteAt(git.url), ['refs/'])) ?? [])]).toEqual(wanted);
  });

  it('are asked for in one request, with the token', async () => {
    upstream.setRef('refs/heads/main', upstream.commit({ files: {} }));
    await askRefs(remoteAt(git.url, 'ghs_secret'), ['refs/heads/main']);
    expect(git.requests).toEqual([
      {
        line: 'POST /acme/shop.git/git-upload-pack',
        authorization: `Basic ${Buffer.from('x-access-token:ghs_secret').toString('base64')}`,
      },
    ]);
  });

  it('that begin so are found, and those that are asked for by name are no longer ones', async () => {
    const commit = upstream.commit({ files: {} });
    for (const name of ['v1', 'v1-next', 'v10', 'x/refs/heads/v1']) upstream.setRef(`refs/heads/${name}`, commit);
    const remote = remoteAt(git.url);
    for (const protocol of ['v2', 'v0'] as const) {
      git.protocol = protocol;
      const listed = await listRemoteRefs(runGit, upstream.folder, remote, ['refs/heads/v1']);
      expect([...listed.keys()]).toEqual(['refs/heads/v1', 'refs/heads/v1-next', 'refs/heads/v10']);
      const read = await readRemoteRefs(runGit, upstream.folder, remote, ['refs/heads/v1', 'refs/heads/gone']);
      expect([...read]).toEqual([['refs/heads/v1', commit]]);
    }
  });

  it('of which there are none are an empty list', async () => {
    expect(await askRefs(remoteAt(git.url), ['refs/heads/'])).toEqual(new Map());
  });

  it('are asked for by git where a server does not speak the second version', async () => {
    const commit = upstream.commit({ files: {} });
    upstream.setRef('refs/heads/main', commit);
    git.protocol = 'v0';
    expect(await askRefs(remoteAt(git.url), ['refs/heads/'])).toBeNull();
    const listed = await listRemoteRefs(runGit, upstream.folder, remoteAt(git.url), ['refs/heads/']);
    expect([...listed]).toEqual([['refs/heads/main', commit]]);
  });

  it('are not asked for at another address that a server sends us to', async () => {
    const elsewhere = await answering((_request, response) => void response.writeHead(200, list).end('0000'));
    const location = `${elsewhere.remote.url.href}/git-upload-pack`;
    const { remote } = await answering((_request, response) => void response.writeHead(307, { location }).end());
    expect(await askRefs({ ...remote, token: 'ghs_secret' }, ['refs/'])).toBeNull();
    await expect(listRemoteRefs(runGit, upstream.folder, remote, ['refs/'])).rejects.toThrow('cannot read the refs');
    expect(elsewhere.asked).toEqual([]);
  });

  const id = 'a'.repeat(40);
  it.each([
    ['is refused', 401, {}, ''],
    ['is a page', 200, { 'content-type': 'text/html' }, '<html>'],
    ['ends in the middle', 200, list, line(`${id} refs/heads/main\n`)],
    ['ends within a line', 200, list, `${line(`${id} refs/heads/main\n`)}0040${id}`],
    ['goes on after its end', 200, list, `0000${line(`${id} refs/heads/main\n`)}0000`],
    ['is an error', 200, list, `${line('ERR upload-pack: not our ref\n')}0000`],
    ['is no packets', 200, list, 'zzzz'],
  ])('are not known where the answer %s', async (_how, status, headers, body) => {
    const { remote } = await answering((_request, response) => void response.writeHead(status, headers).end(body));
    expect(await askRefs(remote, ['refs/'])).toBeNull();
  });

  it('are not known where nobody answers, or too late', async () => {
    const { remote } = await answering(() => undefined);
    expect(await askRefs({ ...remote, timeoutMs: 100 }, ['refs/'])).toBeNull();
    const { remote: broken } = await answering((request) => void request.socket.destroy());
    expect(await askRefs(broken, ['refs/'])).toBeNull();
  });
});
