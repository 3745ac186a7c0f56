import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSource } from '../../../src/adapters/git/source.ts';
import type { Project } from '../../../src/model/project.ts';
import { type Sha, toSha } from '../../../src/model/sha.ts';
import { makeRepository, type Repository } from './repository.ts';
import { type GitServer, serveGit } from './serve-git.ts';

const nowhere = toSha('f'.repeat(40));

let root: string;
let server: GitServer;
let upstream: Repository;
let start: Sha;

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'sluice-git-'));
  server = await serveGit(join(root, 'served'));
  upstream = makeRepository(join(root, 'served'), 'acme/shop.git');
  start = upstream.commit({ files: { 'a.txt': 'one\n', 'b.txt': 'b\n', 'dir/deep/c.txt': 'c\n' } });
  upstream.setRef('refs/heads/main', start);
});

afterEach(async () => {
  await server.close();
  rmSync(root, { recursive: true, force: true });
});

function project(overrides: Partial<Project> = {}): Project {
  const cloneUrl = `${server.url}/acme/shop.git`;
  return {
    id: 7,
    owner: 'acme',
    name: 'shop',
    private: false,
    defaultBranch: 'main',
    installation: 1,
    cloneUrl,
    ...overrides,
  };
}

function source(overrides: Partial<Parameters<typeof createSource>[0]> = {}) {
  return createSource({ folder: join(root, 'clones'), credentials: async () => null, ...overrides });
}

describe('preparing a change', () => {
  it('merges the head onto the tip of its base and lists what changed since they parted', async () => {
    const head = upstream.commit({ on: start, files: { 'a.txt': 'two\n', 'new.txt': 'n\n' } });
    upstream.setRef('refs/pull/1/head', head);
    const tip = upstream.commit({ on: start, files: { 'b.txt': 'other\n' } });
    upstream.setRef('refs/heads/main', tip);

    const prepared = await source().prepare(project(), 1, 'main', head);

    const both = upstream.commit({ on: tip, files: { 'a.txt': 'two\n', 'new.txt': 'n\n' } });
    const tree = upstream.git('rev-parse', `${both}^{tree}`);
    expect(prepared).toEqual({
      base: tip,
      head,
      merge: { kind: 'merged', tree },
      changed: { known: true, paths: ['a.txt', 'new.txt'] },
    });
  });

  it('names the files of a conflict', async () => {
    const head = upstream.commit({ on: start, files: { 'a.txt': 'mine\n', 'dir/deep/c.txt': 'mine\n' } });
    upstream.setRef('refs/pull/1/head', head);
    upstream.setRef(
      'refs/heads/main',
      upstream.commit({ on: start, files: { 'a.txt': 'theirs\n', 'dir/deep/c.txt': 't\n' } }),
    );
    const prepared = await source().prepare(project(), 1, 'main', head);
    expect(prepared?.merge).toEqual({ kind: 'conflict', paths: ['a.txt', 'dir/deep/c.txt'] });
  });

  it('lists a renamed file under both names', async () => {
    const head = upstream.commit({ on: start, files: { 'b.txt': null, 'moved/b.txt': 'b\n' } });
    upstream.setRef('refs/pull/1/head', head);
    const prepared = await source().prepare(project(), 1, 'main', head);
    expect(prepared?.changed).toEqual({ known: true, paths: ['b.txt', 'moved/b.txt'] });
  });

  it('lists 5,000 changed files whole', async () => {
    const names = Array.from({ length: 5_000 }, (_, index) => `many/folder-${index % 50}/file-${index}.txt`);
    const head = upstream.commit({ on: start, files: new Map(names.map((name) => [name, name])) });
    upstream.setRef('refs/pull/1/head', head);
    const from = source();
    const prepared = await from.prepare(project(), 1, 'main', head);
    expect(prepared?.changed).toEqual({ known: true, paths: [...names].sort() });
    const entries = await from.entries(project(), head, names);
    expect([...entries.values()].every((entry) => entry.kind === 'file')).toBe(true);
  });

  it('says that the list is unknown when it is too long to be read', async () => {
    const names = Array.from({ length: 200 }, (_, index) => `a-rather-long-name-of-a-file-${index}.txt`);
    const head = upstream.commit({ on: start, files: new Map(names.map((name) => [name, name])) });
    upstream.setRef('refs/pull/1/head', head);
    const prepared = await source({ limits: { maxOutputBytes: 1_000 } }).prepare(project(), 1, 'main', head);
    expect(prepared?.changed).toEqual({ known: false, because: 'the list of changed files is too long' });
  });

  it('calls histories without a common commit a conflict and their changes unknown', async () => {
    const head = upstream.commit({ files: { 'x.txt': 'x' } });
    upstream.setRef('refs/pull/1/head', head);
    const prepared = await source().prepare(project(), 1, 'main', head);
    expect(prepared?.merge).toEqual({ kind: 'conflict', paths: [] });
    expect(prepared?.changed).toMatchObject({ known: false, because: expect.stringContaining('no commit in common') });
  });

  it('follows a base branch that was forced back', async () => {
    const from = source();
    const dropped = upstream.commit({ on: start, files: { 'b.txt': 'dropped\n' } });
    const head = upstream.commit({ on: start, files: { 'a.txt': 'two\n' } });
    upstream.setRef('refs/pull/1/head', head);
    upstream.setRef('refs/heads/main', dropped);
    expect((await from.prepare(project(), 1, 'main', head))?.base).toBe(dropped);
    const instead = upstream.commit({ files: { 'a.txt': 'one\n', 'b.txt': 'instead\n' } });
    upstream.setRef('refs/heads/main', start);
    expect((await from.prepare(project(), 1, 'main', head))?.base).toBe(start);
    upstream.setRef('refs/heads/main', instead);
    expect(await from.prepare(project(), 1, 'main', head)).toMatchObject({
      base: instead,
      merge: { kind: 'conflict' },
    });
  });

  it('fetches nothing when both commits are here already, and still asks where the base is', async () => {
    const head = upstream.commit({ on: start, files: { 'a.txt': 'two\n' } });
    upstream.setRef('refs/pull/1/head', head);
    const from = source();
    const first = await from.prepare(project(), 1, 'main', head);
    server.requests.length = 0;
    expect(await from.prepare(project(), 1, 'main', head)).toEqual(first);
    expect(server.requests.map((request) => request.line)).toEqual(['POST /acme/shop.git/git-upload-pack']);
  });
});

describe('commits that are hard to have', () => {
  it('takes a head that is only under refs/pull when the server refuses its id', async () => {
    server.protocol = 'v0';
    const older = upstream.commit({ on: start, files: { 'a.txt': 'from a fork\n' } });
    const newest = upstream.commit({ on: older, files: { 'a.txt': 'pushed meanwhile\n' } });
    upstream.setRef('refs/pull/9/head', newest);
    const prepared = await source().prepare(project(), 9, 'main', older);
    expect(prepared).toMatchObject({ head: older, merge: { kind: 'merged' } });
  });

  it.each(['v0', 'v2'] as const)(
    'answers null for a head that the server does not have (protocol %s)',
    async (protocol) => {
      server.protocol = protocol;
      expect(await source().prepare(project(), 1, 'main', nowhere)).toBeNull();
      upstream.setRef('refs/pull/1/head', upstream.commit({ on: start, files: { 'a.txt': 'another' } }));
      expect(await source().prepare(project(), 1, 'main', nowhere)).toBeNull();
    },
  );

  it('answers null when the base branch is gone', async () => {
    const head = upstream.commit({ on: start, files: { 'a.txt': 'two\n' } });
    upstream.setRef('refs/pull/1/head', head);
    expect(await source().prepare(project(), 1, 'release', head)).toBeNull();
  });

  it('is not misled by a longer ref that ends in the name of the branch', async () => {
    const head = upstream.commit({ on: start, files: { 'a.txt': 'two\n' } });
    upstream.setRef('refs/pull/1/head', head);
    upstream.setRef('refs/heads/x/refs/heads/release', start);
    expect(await source().prepare(project(), 1, 'release', head)).toBeNull();
  });

  it.each(['--upload-pack=touch x', '-x', 'a..b', 'a b', 'a*', 'a\nb', 'a\0b', '', 'main:refs/heads/y'])(
    'answers null for %j as a base branch',
    async (name) => {
      expect(await source().prepare(project(), 1, name, start)).toBeNull();
    },
  );

  it('throws when the server is away or answers with an error', async () => {
    const from = source();
    server.failWith = 500;
    await expect(from.prepare(project(), 1, 'main', start)).rejects.toThrow(/cannot read the refs of .*500/s);
    await server.close();
    await expect(from.prepare(project(), 1, 'main', start)).rejects.toThrow(/cannot read the refs/);
    server = await serveGit(join(root, 'served'));
  });

  it('throws when the repository is not there', async () => {
    const gone = project({ cloneUrl: `${server.url}/acme/gone.git` });
    await expect(source().prepare(gone, 1, 'main', start)).rejects.toThrow(/cannot read the refs of .*gone/s);
  });

  it('stops a fetch that brings more than is allowed', async () => {
    const noise = Array.from({ length: 60 }, (_, index) => [`noise-${index}`, randomText(index)] as const);
    const head = upstream.commit({ on: start, files: new Map(noise) });
    upstream.setRef('refs/pull/1/head', head);
    server.bytesPerSecond = 4_000_000;
    const failure = await source({ limits: { maxPackBytes: 1_000_000 } })
      .prepare(project(), 1, 'main', head)
      .then(
        () => null,
        (error: Error) => error,
      );
    expect(failure?.cause).toEqual(new Error('it sends more than the 1000000 bytes allowed'));
  });
});

function randomText(seed: number): string {
  let state = seed + 1;
  const next = () => {
    state = (state * 48_271) % 2_147_483_647;
    return state.toString(36);
  };
  return Array.from({ length: 20_000 }, next).join('');
}

describe('credentials', () => {
  it('go to the clone URL as a header and are asked for anew each time', async () => {
    const head = upstream.commit({ on: start, files: { 'a.txt': 'two\n' } });
    upstream.setRef('refs/pull/1/head', head);
    let asked = 0;
    const from = source({ credentials: async () => `token-${++asked}` });
    await from.prepare(project(), 1, 'main', head);
    const sent = new Set(server.requests.map((request) => request.authorization));
    expect([...sent]).toEqual([`Basic ${Buffer.from('x-access-token:token-1').toString('base64')}`]);
    server.failWith = 403;
    const failure = await from.prepare(project(), 1, 'main', head).catch(String);
    expect(failure).toMatch(/cannot read the refs/);
    expect(failure).not.toContain('token-2');
    expect(failure).not.toContain(Buffer.from('x-access-token:token-2').toString('base64'));
  });

  it.each(['file:///etc', 'ext::sh -c id', 'ssh://git@example.org/a', '/etc', 'https://u:p@example.org/a'])(
    'are never taken to %s, which is refused',
    async (cloneUrl) => {
      await expect(source().prepare(project({ cloneUrl }), 1, 'main', start)).rejects.toThrow(/clone URL/);
    },
  );
});

describe('use by many at once', () => {
  it('gives every caller the same answer, also with two processes on one folder', async () => {
    const heads = Array.from({ length: 4 }, (_, index) => {
      const head = upstream.commit({ on: start, files: { [`f-${index}.txt`]: 'x' } });
      upstream.setRef(`refs/pull/${index + 1}/head`, head);
      return head;
    });
    const sources = [source(), source()];
    const asked = heads.flatMap((head, index) =>
      sources.map((from) => from.prepare(project(), index + 1, 'main', head)),
    );
    const prepared = await Promise.all(asked);
    expect(prepared.map((one) => one?.head)).toEqual(heads.flatMap((head) => [head, head]));
    expect(prepared.every((one) => one?.merge.kind === 'merged')).toBe(true);
  });

  it('goes on after a project failed', async () => {
    const from = source();
    server.failWith = 503;
    const failed = from.prepare(project(), 1, 'main', start);
    await expect(failed).rejects.toThrow();
    server.failWith = null;
    expect(await from.prepare(project(), 1, 'main', start)).toMatchObject({ base: start });
  });

  it('gathers the packs of many fetches and loses nothing', async () => {
    const from = source();
    let last = start;
    for (let index = 0; index < 44; index += 1) {
      const files = Array.from({ length: 110 }, (_, file) => [`f-${index}-${file}`, `${index} ${file}`] as const);
      last = upstream.commit({ on: last, files: new Map(files) });
      upstream.setRef('refs/heads/main', last);
      expect(await from.prepare(project(), 1, 'main', start)).toMatchObject({ base: last });
    }
    expect(await from.readText(project(), last, 'f-0-0', 100)).toBe('0 0');
    expect(await from.readText(project(), start, 'a.txt', 100)).toBe('one\n');
  }, 60_000);
});
