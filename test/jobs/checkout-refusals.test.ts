import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { lstat, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { toSha } from '../../src/model/sha.ts';
import { type CheckoutStage, openCheckoutStage } from './checkout-stage.ts';
import { runStep } from './run-step.ts';

let stage: CheckoutStage;

beforeEach(async () => {
  stage = await openCheckoutStage();
});

afterEach(async () => {
  await stage.end();
});

const link = (content: string) => ({ mode: '120000', content }) as const;

describe('the checkout step ends with an exit code of its own', () => {
  it('10 for a conflict, naming the files', async () => {
    const { base, head } = stage.branched({ 'b.txt': 'main\n' }, { 'b.txt': 'branch\n' });
    const end = await stage.checkout({ base, heads: [head], tree: stage.treeOf(base) });
    expect(end).toMatchObject({ code: 10, result: `${head} cannot be merged onto ${base}, in conflict: b.txt` });
    expect(await readdir(end.folder)).toEqual(['.git']);
  });

  it('10 for heads without common history', async () => {
    const base = stage.onMain({ 'a.txt': 'a' });
    const head = stage.origin.commit({ files: { 'z.txt': 'z' } });
    stage.origin.setRef('refs/pull/1/head', head);
    expect(await stage.checkout({ base, heads: [head], tree: stage.treeOf(base) })).toMatchObject({
      code: 10,
      result: expect.stringContaining('they have no history in common'),
    });
  });

  it('11 for another tree than the planned one', async () => {
    const { base, head } = stage.branched({ 'm.txt': 'm' }, { 'h.txt': 'h' });
    const end = await stage.checkout({ base, heads: [head], tree: stage.treeOf(head) });
    expect(end).toMatchObject({ code: 11, result: expect.stringContaining(`has the tree ${stage.plan(base, head)}`) });
  });

  it('12 for a server that fails, after three tries', async () => {
    const base = stage.onMain({ 'a.txt': 'a' });
    stage.server.failWith = 503;
    const end = await stage.checkout({ base, tree: stage.treeOf(base) });
    expect(end.code, end.log).toBe(12);
    expect(end.result).toContain('503');
    expect(stage.server.requests).toHaveLength(3);
  });

  it('12 for a server that recovers is success', async () => {
    const base = stage.onMain({ 'a.txt': 'a' });
    stage.server.failWith = 503;
    const ending = stage.checkout({ base, tree: stage.treeOf(base) });
    while (stage.server.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    stage.server.failWith = null;
    expect((await ending).code).toBe(0);
  });

  it.each([401, 403, 404])('12 at once where the server answers %i', async (status) => {
    const base = stage.onMain({ 'a.txt': 'a' });
    stage.server.failWith = status;
    expect((await stage.checkout({ base, tree: stage.treeOf(base) })).code).toBe(12);
    expect(stage.server.requests).toHaveLength(1);
  });

  it('12 for a commit that the server does not have', async () => {
    const base = stage.onMain({ 'a.txt': 'a' });
    const gone = toSha('c'.repeat(40));
    const end = await stage.checkout({ base, heads: [gone], tree: stage.treeOf(base) });
    expect(end.code, end.log).toBe(12);
    expect(end.log).toContain(`not our ref ${gone}`);
  });

  it('12 when fetching takes too long', async () => {
    const base = stage.onMain({ 'a.txt': 'x'.repeat(50_000), 'b.bin': randomText(400_000) });
    stage.server.bytesPerSecond = 20_000;
    const limits = { packBytes: 1e9, files: 10, bytes: 1e9, fetchSeconds: 1 };
    const end = await stage.checkout({ base, tree: stage.treeOf(base), limits });
    expect(end).toMatchObject({ code: 12, result: 'Fetching took longer than 1 s' });
  });

  it.each([
    ['an absolute link', { 'docs/passwd': link('/etc/passwd') }, 'docs/passwd', '/etc/passwd'],
    ['a link above the root', { 'a/b': link('../../x') }, 'a/b', '../../x'],
    ['a link that comes back in', { 'a/b': link('../../src-1/a') }, 'a/b', '../../src-1/a'],
    ['a link by way of another', { 'd/up': link('..'), x: link('d/up/../y') }, 'x', 'd/up/../y'],
  ])('13 for %s', async (_, files, path, target) => {
    const base = stage.onMain(files);
    const end = await stage.checkout({ base, tree: stage.treeOf(base) });
    expect(end).toMatchObject({ code: 13, result: `The symbolic link ${path} (to ${target}) leaves the repository` });
    expect(end.log.trimEnd().split('\n').at(-1)).toBe(end.result);
    expect(await readdir(end.folder)).toEqual(['.git']);
  });

  it('13 for a link out of the context, and only for an image with that context', async () => {
    const base = stage.onMain({ 'shared/x': 'x', 'api/x': link('../shared/x') });
    const tree = stage.treeOf(base);
    expect(await stage.checkout({ base, tree, context: 'api' })).toMatchObject({
      code: 13,
      result: 'The symbolic link api/x (to ../shared/x) leaves the context',
    });
    expect((await stage.checkout({ base, tree, context: 'shared' })).code).toBe(0);
    expect((await stage.checkout({ base, tree })).code).toBe(0);
  });

  it('15 for more files, more bytes or more history than allowed', async () => {
    const base = stage.onMain({ a: 'a', b: 'b', 'big.bin': randomText(600_000) });
    const tree = stage.treeOf(base);
    const limits = { packBytes: 1e9, files: 10, bytes: 1e9, fetchSeconds: 30 };
    expect(await stage.checkout({ base, tree, limits: { ...limits, files: 2 } })).toMatchObject({
      code: 15,
      result: 'The repository has more than the 2 files allowed',
    });
    expect(await stage.checkout({ base, tree, limits: { ...limits, bytes: 500_000 } })).toMatchObject({
      code: 15,
      result: 'The files are larger than the 500000 bytes allowed',
    });
    stage.server.bytesPerSecond = 300_000;
    expect(await stage.checkout({ base, tree, limits: { ...limits, packBytes: 100_000 } })).toMatchObject({
      code: 15,
      result: 'The history is larger than the 100000 bytes allowed',
    });
  });
});

describe('the checkout step refuses its input with 14', () => {
  const shas = { base: 'a'.repeat(40), tree: 'b'.repeat(40) };

  it.each([
    ['another protocol', { cloneUrl: 'file:///etc' }, 'SLUICE_STEP.cloneUrl'],
    ['the ext transport', { cloneUrl: 'ext::sh -c id' }, 'SLUICE_STEP.cloneUrl'],
    ['ssh', { cloneUrl: 'git@github.com:acme/api.git' }, 'SLUICE_STEP.cloneUrl'],
    ['a credential in the URL', { cloneUrl: 'https://me:pw@127.0.0.1/x.git' }, 'SLUICE_STEP.cloneUrl'],
    ['an option for a commit', { base: '--upload-pack=id' }, 'SLUICE_STEP.base'],
    ['an abbreviated commit', { heads: ['abc1234'] }, 'SLUICE_STEP.heads'],
    ['no tree', { tree: null }, 'SLUICE_STEP.tree'],
    ['limits that are text', { limits: { packBytes: 'many' } }, 'SLUICE_STEP.limits.packBytes'],
  ])('%s', async (_, wrong, place) => {
    const end = await stage.checkout({ ...shas, ...wrong });
    expect(end).toMatchObject({ code: 14, result: expect.stringContaining(`${place} is not`) });
    expect(stage.server.requests).toEqual([]);
  });

  it.each([
    ['no JSON', '{'],
    ['no map', '[]'],
    ['a map without a result', '{}'],
  ])('%s', async (_, json) => {
    expect((await runStep('checkout', json)).code).toBe(14);
  });

  it('a step that is not there', async () => {
    const end = await runStep('toString', '{}');
    expect(end.code).toBe(14);
    expect(end.log).toContain(
      'There is no step "toString"; there are checkout, own, measure, upload, promote, keep, take, build-with-buildah, canary',
    );
  });

  it('a context that is not there', async () => {
    const base = stage.onMain({ api: 'a file' });
    expect((await stage.checkout({ base, tree: stage.treeOf(base), context: 'api' })).code).toBe(14);
  });
});

describe('the checkout step carries nothing out that a repository asks for', () => {
  it('no filter, no other encoding, no submodule, no hook', async () => {
    const module = stage.origin.commit({ files: { x: 'x' } });
    const pointer = 'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n';
    const base = stage.onMain({
      '.gitattributes': '*.bin filter=lfs diff=lfs\n*.txt filter=evil\n*.utf text working-tree-encoding=UTF-16\n',
      '.gitmodules': '[submodule "sub"]\n\tpath = sub\n\turl = ext::sh -c "touch /tmp/sluice-hacked"\n',
      'a.bin': pointer,
      'a.txt': 'plain',
      'a.utf': 'text',
      sub: { mode: '160000', content: module },
      'hooks/post-checkout': { mode: '100755', content: '#!/bin/sh\ntouch hooked\n' },
    });
    const end = await stage.checkout({ base, tree: stage.treeOf(base), keepGit: true });
    expect(end.code, end.log).toBe(0);
    expect(await readFile(join(end.folder, 'a.bin'), 'utf8')).toBe(pointer);
    expect(await readFile(join(end.folder, 'a.utf'), 'utf8')).toBe('text');
    expect(await readdir(join(end.folder, 'sub'))).toEqual([]);
    expect(await readdir(join(end.folder, '.git'))).not.toContain('hooks');
  });

  it('no configuration of the machine or its user', async () => {
    const home = join(stage.folder, 'home');
    mkdirSync(home);
    writeFileSync(join(home, '.gitconfig'), '[core]\n\tautocrlf = true\n[url "file:///"]\n\tinsteadOf = http://\n');
    const base = stage.onMain({ 'a.txt': 'one\ntwo\n' });
    const folder = join(stage.folder, 'own');
    mkdirSync(folder);
    const input = {
      cloneUrl: `${stage.server.url}/acme/api.git`,
      base,
      heads: [],
      tree: stage.treeOf(base),
      folder,
      tokenFile: null,
      context: '.',
      keepGit: false,
      siblings: [],
      result: join(stage.folder, 'own-result'),
      limits: { packBytes: 1e9, files: 10, bytes: 1e9, fetchSeconds: 30 },
    };
    const hostile = {
      HOME: home,
      GIT_SSH_COMMAND: 'touch /tmp/sluice-hacked',
      GIT_EXEC_PATH: '/nonexistent',
      GIT_TRACE: '1',
    };
    const end = await runStep('checkout', input, hostile);
    expect(end.code, end.log).toBe(0);
    expect(await readFile(join(folder, 'a.txt'), 'utf8')).toBe('one\ntwo\n');
    expect(end.log).not.toContain('trace');
  });

  it('no tree that would write into .git', async () => {
    const blob = stage.origin.git('hash-object', '-w', join(stage.origin.folder, 'config'));
    const inner = join(stage.folder, 'inner');
    writeFileSync(inner, `100644 blob ${blob}\tconfig\n`);
    const treeOfLines = (lines: string) => {
      writeFileSync(inner, lines);
      return mktree(stage, inner);
    };
    const evil = treeOfLines(`040000 tree ${treeOfLines(`100644 blob ${blob}\tconfig\n`)}\t.git\n`);
    const base = toSha(stage.origin.git('commit-tree', evil, '-m', 'evil'));
    stage.origin.setRef('refs/heads/main', base);
    const end = await stage.checkout({ base, tree: evil });
    expect(end.code, end.log).toBe(14);
    expect(end.log).toMatch(/invalid path '\.git/);
    expect(await lstat(end.folder)).toBeDefined();
  });
});

function mktree(stage: CheckoutStage, file: string): string {
  return stage.origin.git('-c', 'alias.mk=!git mktree <"$1" #', 'mk', file);
}

function randomText(bytes: number): string {
  const parts: string[] = [];
  for (let index = 0; parts.length * 44 < bytes; index += 1)
    parts.push(createHash('sha256').update(String(index)).digest('base64'));
  return parts.join('');
}
