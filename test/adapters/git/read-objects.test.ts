import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createSource } from '../../../src/adapters/git/source.ts';
import { type Sha, toSha } from '../../../src/model/sha.ts';
import type { Source } from '../../../src/ports/source.ts';
import { type FileChange, makeRepository, type Repository } from './repository.ts';
import { type GitServer, serveGit } from './serve-git.ts';

const hostile = [
  'new\nline.txt',
  '-leading',
  '--output=x',
  '"quoted".txt',
  "it's",
  '$(id)',
  ':(glob)*',
  'a*b?[c]',
  'tab\there',
  'back\\slash',
  ' blank ',
  'ünïcode-🦀',
  '\u202Egnp.exe',
];

let root: string;
let server: GitServer;
let upstream: Repository;
let commit: Sha;
let from: Source;

function project() {
  const cloneUrl = `${server.url}/shop.git`;
  return { id: 1, owner: 'acme', name: 'shop', private: false, defaultBranch: 'main', installation: 1, cloneUrl };
}

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'sluice-objects-'));
  server = await serveGit(join(root, 'served'));
  upstream = makeRepository(join(root, 'served'), 'shop.git');
  const files: Record<string, FileChange> = {
    'run.sh': { mode: '100755', content: '#!/bin/sh\n' },
    'dir/file.txt': 'deep\n',
    'dir/other.txt': 'other\n',
    link: { mode: '120000', content: '../../etc/passwd' },
    'long-link': { mode: '120000', content: 'x/'.repeat(4_000) },
    '.sluice.yaml': { mode: '120000', content: '/etc/passwd' },
    'linked-dir': { mode: '120000', content: 'dir' },
    module: { mode: '160000', content: 'a'.repeat(40) },
    empty: '',
    'binary.bin': 'a\0b',
    big: 'x'.repeat(5_000),
  };
  commit = upstream.commit({
    files: new Map([...Object.entries(files), ...hostile.map((name) => [name, name] as const)]),
  });
  upstream.setRef('refs/heads/main', commit);
  from = createSource({ folder: join(root, 'clones'), credentials: async () => null });
});

afterAll(async () => {
  await server.close();
  rmSync(root, { recursive: true, force: true });
});

it.each`
  path                     | expected
  ${'run.sh'}              | ${{ kind: 'file', executable: true, bytes: 10 }}
  ${'dir/file.txt'}        | ${{ kind: 'file', executable: false, bytes: 5 }}
  ${'dir'}                 | ${{ kind: 'folder' }}
  ${'.'}                   | ${{ kind: 'folder' }}
  ${''}                    | ${{ kind: 'folder' }}
  ${'link'}                | ${{ kind: 'symlink', target: '../../etc/passwd' }}
  ${'long-link'}           | ${{ kind: 'symlink', target: '' }}
  ${'linked-dir'}          | ${{ kind: 'symlink', target: 'dir' }}
  ${'linked-dir/file.txt'} | ${{ kind: 'missing' }}
  ${'module'}              | ${{ kind: 'submodule' }}
  ${'module/x'}            | ${{ kind: 'missing' }}
  ${'nothing'}             | ${{ kind: 'missing' }}
  ${'empty'}               | ${{ kind: 'file', executable: false, bytes: 0 }}
  ${'../etc/passwd'}       | ${{ kind: 'missing' }}
  ${'/etc/passwd'}         | ${{ kind: 'missing' }}
  ${'dir/'}                | ${{ kind: 'missing' }}
  ${'dir//file.txt'}       | ${{ kind: 'missing' }}
  ${'./run.sh'}            | ${{ kind: 'missing' }}
  ${'a\0b'}                | ${{ kind: 'missing' }}
`('at $path stands $expected', async ({ path, expected }) => {
  const entries = await from.entries(project(), commit, [path]);
  expect([...entries]).toEqual([[path, expected]]);
});

it('answers a folder and what is in it together', async () => {
  const entries = await from.entries(project(), commit, ['dir/file.txt', 'dir', 'dir/nothing', 'run.sh']);
  expect([...entries.values()].map((entry) => entry.kind)).toEqual(['file', 'folder', 'missing', 'file']);
});

it('answers nothing when nothing is asked', async () => {
  expect((await from.entries(project(), commit, [])).size).toBe(0);
});

it.each(hostile)('takes the name %j as it is', async (name) => {
  expect((await from.entries(project(), commit, [name])).get(name)).toMatchObject({ kind: 'file' });
  expect(await from.readText(project(), commit, name, 1_000)).toBe(name);
});

it.each(['.sluice.yaml', 'link', 'dir', 'module', 'nothing', '../etc/passwd', 'dir/', '.', ''])(
  'has no text at %j',
  async (path) => {
    expect(await from.readText(project(), commit, path, 1_000)).toBeNull();
  },
);

it('reads a text up to the limit and throws above it', async () => {
  expect(await from.readText(project(), commit, 'big', 5_000)).toHaveLength(5_000);
  await expect(from.readText(project(), commit, 'big', 4_999)).rejects.toThrow('big at');
  expect(await from.readText(project(), commit, 'empty', 0)).toBe('');
  expect(await from.readText(project(), commit, 'binary.bin', 10)).toBe('a\0b');
});

it('reads from a tree as from a commit, and from a merge that only exists here', async () => {
  const head = upstream.commit({ on: commit, files: { 'run.sh': 'changed' } });
  upstream.setRef('refs/pull/3/head', head);
  upstream.setRef('refs/heads/release', upstream.commit({ on: commit, files: { empty: 'not any more' } }));
  const prepared = await from.prepare(project(), 3, 'release', head);
  if (prepared?.merge.kind !== 'merged') throw new Error('expected a clean merge');
  expect(await from.readText(project(), prepared.merge.tree, 'run.sh', 100)).toBe('changed');
  expect(await from.readText(project(), prepared.merge.tree, 'empty', 100)).toBe('not any more');
});

it('lists hostile names as changed, each as it is', async () => {
  const names = hostile.map((name) => `sub/${name}`);
  const head = upstream.commit({ on: commit, files: new Map(names.map((name) => [name, 'x'])) });
  upstream.setRef('refs/pull/4/head', head);
  const prepared = await from.prepare(project(), 4, 'main', head);
  if (!prepared?.changed.known) throw new Error('expected a known list');
  expect([...prepared.changed.paths].sort()).toEqual([...names].sort());
});

it('calls the list unknown when a changed name is no UTF-8, and shows such a name in a conflict', async () => {
  const name = Buffer.from([0x61, 0xff, 0x0a, 0x62]);
  const head = upstream.commit({ on: commit, files: new Map([[name, 'mine']]) });
  upstream.setRef('refs/pull/5/head', head);
  upstream.setRef('refs/heads/odd', upstream.commit({ on: commit, files: new Map([[name, 'theirs']]) }));
  expect(await from.prepare(project(), 5, 'odd', head)).toMatchObject({
    merge: { kind: 'conflict', paths: ['a\\xff\\x0ab'] },
    changed: { known: false, because: 'the name of a changed file is not UTF-8: a\\xff\\x0ab' },
  });
});

it('fetches a commit that is not here yet, and throws for one that nobody has', async () => {
  const fresh = createSource({ folder: join(root, 'other-clones'), credentials: async () => null });
  expect(await fresh.readText(project(), commit, 'run.sh', 100)).toBe('#!/bin/sh\n');
  const nowhere = toSha('e'.repeat(40));
  await expect(fresh.readText(project(), nowhere, 'run.sh', 100)).rejects.toThrow('was not prepared here');
});
