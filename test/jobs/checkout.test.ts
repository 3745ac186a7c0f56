import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { lstat, readFile, readlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Sha } from '../../src/model/sha.ts';
import { type CheckoutStage, openCheckoutStage } from './checkout-stage.ts';

let stage: CheckoutStage;

beforeEach(async () => {
  stage = await openCheckoutStage();
});

afterEach(async () => {
  await stage.end();
});

function gitIn(folder: string, ...args: string[]): string {
  const env = { PATH: process.env.PATH ?? '', HOME: '/nonexistent', GIT_CONFIG_NOSYSTEM: '1' };
  return execFileSync('git', ['-C', folder, ...args], { env, encoding: 'utf8' }).trim();
}

describe('the checkout step', () => {
  it('writes the planned tree of a merge, and nothing of git for an image build', async () => {
    const { base, head } = stage.branched(
      { 'main.txt': 'm' },
      { 'a.txt': 'ONE\ntwo\nthree\nfour\nfive\nsix\nseven\n' },
    );
    const end = await stage.checkout({ base, heads: [head], tree: stage.plan(base, head) });
    expect(end).toMatchObject({ code: 0, result: '' });
    expect(readdirSync(end.folder).sort()).toEqual(['a.txt', 'b.txt', 'main.txt']);
    expect(await readFile(join(end.folder, 'a.txt'), 'utf8')).toMatch(/^ONE\ntwo/);
    expect(end.log).toContain(`Checked out tree ${stage.plan(base, head)}: 3 files`);
  });

  it('merges what was renamed on one side and edited on the other as the worker does', async () => {
    const root = stage.origin.commit({
      files: { 'old/a.txt': 'one\ntwo\nthree\nfour\nfive\nsix\n', 'old/b.txt': 'b\n' },
    });
    const base = stage.origin.commit({
      on: root,
      files: {
        'old/a.txt': null,
        'old/b.txt': null,
        'new/a.txt': 'one\ntwo\nthree\nfour\nfive\nsix\n',
        'new/b.txt': 'b\n',
      },
    });
    const head = stage.origin.commit({ on: root, files: { 'old/a.txt': 'one\ntwo\nthree\nfour\nfive\nSIX\n' } });
    stage.origin.setRef('refs/heads/main', base);
    stage.origin.setRef('refs/pull/1/head', head);
    const end = await stage.checkout({ base, heads: [head], tree: stage.plan(base, head) });
    expect(end.code, end.log).toBe(0);
    expect(await readFile(join(end.folder, 'new/a.txt'), 'utf8')).toContain('SIX');
  });

  it('builds the base itself where no head is named', async () => {
    const base = stage.origin.commit({ files: { 'a.txt': 'a' } });
    stage.origin.setRef('refs/heads/main', base);
    const end = await stage.checkout({ base, tree: stage.treeOf(base) });
    expect(end.code).toBe(0);
    expect(readdirSync(end.folder)).toEqual(['a.txt']);
  });

  it('merges several heads in order', async () => {
    const { base, head } = stage.branched({ 'main.txt': 'm' }, { 'one.txt': '1' });
    const other = stage.origin.commit({ on: base, files: { 'two.txt': '2' } });
    stage.origin.setRef('refs/pull/2/head', other);
    const first = stage.plan(base, head);
    const joined = stage.origin.git('commit-tree', first, '-p', base, '-p', head, '-m', 'x') as Sha;
    const end = await stage.checkout({ base, heads: [head, other], tree: stage.plan(joined, other) });
    expect(end.code, end.log).toBe(0);
    expect(readdirSync(end.folder).sort()).toEqual(['a.txt', 'b.txt', 'main.txt', 'one.txt', 'two.txt']);
  });

  it('fetches all of a history that is too long for the first try, because only that proves the merge', async () => {
    const root = stage.origin.commit({ files: { 'a.txt': 'a', 'b.txt': 'b' } });
    let base = root;
    for (let index = 0; index < 130; index += 1)
      base = stage.origin.commit({ on: base, files: { 'n.txt': `${index}` } });
    const head = stage.origin.commit({ on: root, files: { 'b.txt': 'B' } });
    stage.origin.setRef('refs/heads/main', base);
    stage.origin.setRef('refs/pull/1/head', head);
    const end = await stage.checkout({ base, heads: [head], tree: stage.plan(base, head) });
    expect(end.code, end.log).toBe(0);
    expect(end.log).toContain('Fetching the rest of the history');
  });

  it('gives two checkouts of one commit the same times and modes, those of the head', async () => {
    const { base, head } = stage.branched({ 'x/m.txt': 'm' }, { 'y/z/h.txt': 'h' });
    const ends = [
      await stage.checkout({ base, heads: [head], tree: stage.plan(base, head) }),
      await stage.checkout({ base, heads: [head], tree: stage.plan(base, head) }),
    ];
    const time = Number(stage.origin.git('show', '-s', '--format=%ct', head));
    for (const { folder } of ends) {
      for (const path of ['a.txt', 'x', 'x/m.txt', 'y/z', 'y/z/h.txt']) {
        const found = await lstat(join(folder, path));
        expect([path, found.mtimeMs / 1000]).toEqual([path, time]);
        expect((found.mode & 0o7777).toString(8)).toBe(found.isDirectory() ? '755' : '644');
      }
    }
  });

  it('keeps a clean repository without remote and without credential for commands', async () => {
    const { base, head } = stage.branched({ 'main.txt': 'm' }, { 'head.txt': 'h' });
    const token = join(stage.folder, 'token');
    await writeFile(token, 'tok-1234567890\n');
    const end = await stage.checkout({
      base,
      heads: [head],
      tree: stage.plan(base, head),
      keepGit: true,
      tokenFile: token,
    });
    expect(end.code, end.log).toBe(0);
    expect(gitIn(end.folder, 'status', '--porcelain')).toBe('');
    expect(gitIn(end.folder, 'rev-parse', 'HEAD^{tree}')).toBe(stage.plan(base, head));
    expect(gitIn(end.folder, 'log', '-1', '--format=%P')).toBe(`${base} ${head}`);
    expect(gitIn(end.folder, 'remote')).toBe('');
    const pattern = 'tok-1234567890|eC1hY2Nlc3M|127\\.0\\.0\\.1';
    const { stdout } = spawnSync('grep', ['-rlaE', pattern, join(end.folder, '.git')], { encoding: 'utf8' });
    expect(stdout).toBe('');
  });

  it('shows its token to the server alone', async () => {
    const base = stage.origin.commit({ files: { 'a.txt': 'a' } });
    stage.origin.setRef('refs/heads/main', base);
    const token = join(stage.folder, 'token');
    await writeFile(token, 'tok-1234567890\n');
    const end = await stage.checkout({ base, tree: stage.treeOf(base), tokenFile: token });
    expect(end.code).toBe(0);
    const sent = Buffer.from('x-access-token:tok-1234567890').toString('base64');
    expect(stage.server.requests.map((each) => each.authorization)).toContain(`Basic ${sent}`);
    expect(end.log).not.toMatch(/tok-1234567890|Basic/);
  });

  it('leaves names that are no UTF-8, executables and harmless links as they are', async () => {
    const odd = Buffer.from([0x66, 0xff, 0x66]);
    const base = stage.origin.commit({
      files: new Map<string | Buffer, string | { mode: '100755' | '120000'; content: string }>([
        [odd, 'odd'],
        ['run.sh', { mode: '100755', content: '#!/bin/sh\n' }],
        ['deep/in/side', { mode: '120000', content: '../../run.sh' }],
        ['dangling', { mode: '120000', content: 'not/there' }],
      ]),
    });
    stage.origin.setRef('refs/heads/main', base);
    const end = await stage.checkout({ base, tree: stage.treeOf(base) });
    expect(end.code, end.log).toBe(0);
    expect(readdirSync(end.folder, { encoding: 'buffer' }).map((name) => name.toString('hex'))).toContain('66ff66');
    expect((await lstat(join(end.folder, 'run.sh'))).mode & 0o777).toBe(0o755);
    expect(await readlink(join(end.folder, 'deep/in/side'))).toBe('../../run.sh');
  });
});
