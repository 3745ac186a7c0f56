import { existsSync } from 'node:fs';
import { lstat, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Sha } from '../../src/model/sha.ts';
import { type FileChange, makeRepository, type Repository } from '../adapters/git/repository.ts';
import { type CheckoutStage, openCheckoutStage } from './checkout-stage.ts';

let stage: CheckoutStage;
let lib: Repository;

beforeEach(async () => {
  stage = await openCheckoutStage();
  lib = makeRepository(stage.folder, 'acme/lib.git');
});

afterEach(() => stage.end());

function sibling(files: Record<string, FileChange>): Sha {
  const commit = lib.commit({ files });
  lib.setRef('refs/heads/main', commit);
  return commit;
}

function beside(commit: string, more: object = {}) {
  return {
    name: 'acme/lib',
    cloneUrl: `${stage.server.url}/acme/lib.git`,
    commit,
    ref: null,
    tokenFile: null,
    ...more,
  };
}

function checkout(own: Record<string, FileChange>, siblings: readonly object[], context = '.') {
  const base = stage.onMain(own);
  return stage.checkout({ base, tree: stage.treeOf(base), context, siblings });
}

const link = (content: string): FileChange => ({ mode: '120000', content });

describe('a sibling is checked out', () => {
  it('into the context, at exactly its commit, without history, with times and modes of its commit', async () => {
    const commit = sibling({ 'src/l.txt': 'l' });
    lib.setRef('refs/heads/main', lib.commit({ on: commit, files: { 'src/l.txt': 'newer' } }));
    const end = await checkout({ 'svc/Dockerfile': 'FROM scratch\n' }, [beside(commit)], 'svc');
    expect(end.code, end.log).toBe(0);
    const place = join(end.folder, 'svc/.siblings/acme/lib');
    expect(await readdir(place)).toEqual(['src']);
    expect(await readFile(join(place, 'src/l.txt'), 'utf8')).toBe('l');
    expect(existsSync(join(end.folder, '.git'))).toBe(false);
    const time = Number(lib.git('show', '-s', '--format=%ct', commit));
    expect((await lstat(join(place, 'src/l.txt'))).mtimeMs / 1000).toBe(time);
    expect(((await lstat(join(end.folder, 'svc/.siblings/acme'))).mode & 0o7777).toString(8)).toBe('755');
    expect(end.log).toContain(`Checked out sibling acme/lib at ${commit}`);
  });

  it('beside what the project keeps of its own below .siblings, its submodules as empty folders', async () => {
    const commit = sibling({ 'l.txt': 'l', sub: { mode: '160000', content: '1'.repeat(40) } });
    const end = await checkout({ '.siblings/acme/other/o.txt': 'o' }, [beside(commit)]);
    expect(end.code, end.log).toBe(0);
    expect((await readdir(join(end.folder, '.siblings/acme'))).sort()).toEqual(['lib', 'other']);
    expect(await readdir(join(end.folder, '.siblings/acme/lib/sub'))).toEqual([]);
  });

  it('with its own token, which is shown for its repository alone', async () => {
    const commit = sibling({ 'l.txt': 'l' });
    const tokenFile = join(stage.folder, 'token');
    await writeFile(tokenFile, 'tok-of-lib-12345\n');
    const end = await checkout({ 'a.txt': 'a' }, [beside(commit, { tokenFile })]);
    expect(end.code, end.log).toBe(0);
    const shown = stage.server.requests.filter(({ authorization }) => authorization !== undefined);
    expect(shown.length).toBeGreaterThan(0);
    expect(shown.every(({ line }) => line.includes('/acme/lib.git/'))).toBe(true);
    expect(end.log).not.toContain('tok-of-lib');
  });

  it('by the ref that holds a candidate, and not when that holds another commit by now', async () => {
    const commit = sibling({ 'l.txt': 'l' });
    const candidate = lib.commit({ on: commit, files: { 'l.txt': 'tested' } });
    lib.setRef('refs/sluice/candidate/x', candidate);
    const good = await checkout({ 'a.txt': 'a' }, [beside(candidate, { ref: 'refs/sluice/candidate/x' })]);
    expect(await readFile(join(good.folder, '.siblings/acme/lib/l.txt'), 'utf8')).toBe('tested');
    lib.setRef('refs/sluice/candidate/x', commit);
    const moved = await checkout({ 'a.txt': 'a' }, [beside(candidate, { ref: 'refs/sluice/candidate/x' })]);
    expect([moved.code, moved.result]).toEqual([12, expect.stringContaining('does not hold')]);
  });
});

describe('a sibling is refused', () => {
  it.each([
    [
      'its place is taken by a folder',
      { '.siblings/acme/lib/own.txt': 'o' },
      '.siblings/acme/lib is in the repository',
    ],
    ['its place is taken by a link', { '.siblings/acme/lib': link('x') }, '.siblings/acme/lib is in the repository'],
    ['.siblings is a link', { '.siblings': link('x'), 'x/y': 'y' }, '.siblings is in the repository'],
    ['its owner is a link', { '.siblings/acme': link('../x'), 'x/y': 'y' }, '.siblings/acme is in the repository'],
    ['.siblings is a file', { '.siblings': 'text' }, '.siblings is in the repository'],
  ] as const)("as the author's matter where %s", async (_why, own, words) => {
    const end = await checkout(own, [beside(sibling({ 'l.txt': 'l' }))]);
    expect([end.code, end.result]).toEqual([17, expect.stringContaining(words)]);
  });

  it.each([
    ['a link of its own leaves it', {}, { evil: link('../../../a.txt') }, /evil.*leaves the sibling/],
    ['a link of its own is absolute', {}, { evil: link('/etc/passwd') }, /evil.*leaves the sibling/],
    [
      'a link of the project leads out through one of its own',
      { 'a/b': link('../.siblings/acme/lib/x/y/z/../../../../../../..') },
      { 'x/y/z': link('../..') },
      /a\/b.*leaves the repository/,
    ],
  ] as const)('where %s', async (_why, own, files, words) => {
    const end = await checkout({ 'a.txt': 'a', ...own }, [beside(sibling({ 'l.txt': 'l', ...files }))]);
    expect(end.code, end.log).toBe(13);
    expect(end.result).toMatch(words);
  });

  it.each([['../../etc/x'], ['acme/..'], ['acme/.git'], ['acme/a/b'], ['acme'], ['/acme/lib'], ['a b/c']])(
    'where its name is %s',
    async (name) => {
      const end = await checkout({ 'a.txt': 'a' }, [beside('1'.repeat(40), { name })]);
      expect([end.code, end.result]).toEqual([14, expect.stringContaining('name that cannot be a folder')]);
    },
  );

  it('as ours to repeat where its commit is not to be had', async () => {
    sibling({ 'l.txt': 'l' });
    const end = await checkout({ 'a.txt': 'a' }, [beside('1'.repeat(40))]);
    expect(end.code).toBe(12);
  });
});
