import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { gitEnvironment } from '../../../src/adapters/git/git-environment.ts';
import { makeCandidate } from '../../../src/adapters/git/make-candidate.ts';
import { createObjectReader, type ObjectReader } from '../../../src/adapters/git/object-reader.ts';
import { createGit } from '../../../src/adapters/git/run-git.ts';
import type { LandingMethod } from '../../../src/model/queue.ts';
import type { Sha } from '../../../src/model/sha.ts';
import { request } from './landing-rig.ts';
import { type FileChange, makeRepository, type Repository } from './repository.ts';

let root: string;
let upstream: Repository;
let objects: ObjectReader;
let started: string[];
const environment = gitEnvironment({ PATH: process.env.PATH ?? '' });
const limits = { timeoutMs: 20_000, maxOutputBytes: 2 ** 20 };
const plain = createGit(environment, limits);

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'sluice-candidates-'));
  upstream = makeRepository(root, 'r.git');
  objects = createObjectReader(upstream.folder, { environment, answerMs: 20_000, idleMs: 60_000, maxBytes: 2 ** 20 });
});

afterAll(() => {
  objects.end();
  rmSync(root, { recursive: true, force: true });
});

function make(method: LandingMethod, parent: Sha, head: Sha) {
  started = [];
  const git: typeof plain = (repository, args, call) => {
    started.push(args[0] ?? '');
    return plain(repository, args, call);
  };
  const place = { git, objects, clone: upstream.folder, maxOutputBytes: 2 ** 20 };
  return makeCandidate(place, request(method, parent, head));
}

/** Runs git in a work tree at `at` and gives the tree it ends with; null when it stops on a conflict. */
function inWorkTree(at: Sha, ...args: string[]): string | null {
  const tree = join(root, 'tree');
  rmSync(tree, { recursive: true, force: true });
  mkdirSync(tree);
  const names = { GIT_AUTHOR_NAME: 'A', GIT_AUTHOR_EMAIL: 'a@b', GIT_COMMITTER_NAME: 'A', GIT_COMMITTER_EMAIL: 'a@b' };
  const env = { ...environment, ...names };
  const git = (...each: string[]) => spawnSync('git', ['-c', 'advice.detachedHead=false', ...each], { cwd: tree, env });
  git('init', '--quiet', '.');
  git('remote', 'add', 'origin', upstream.folder);
  const alternates = join(tree, '.git', 'objects', 'info', 'alternates');
  spawnSync('sh', ['-c', 'echo "$1" > "$2"', 'sh', join(upstream.folder, 'objects'), alternates]);
  if (git('checkout', '--quiet', at).status !== 0) throw new Error(`cannot check out ${at}`);
  if (git(...args).status !== 0) return null;
  return git('rev-parse', 'HEAD^{tree}').stdout.toString().trim();
}

const lines = fc.array(fc.constantFrom('one', 'two', 'three', 'four'), { maxLength: 6 });
const content = lines.map((all) => ['top', 'a', 'b', ...all, 'y', 'z', 'bottom', ''].join('\n'));
const name = fc.constantFrom('a.txt', 'b.txt', 'dir/c.txt', 'dir/d.txt', 'moved/c.txt', 'e', 'ü');
const edit = fc.oneof(
  { weight: 5, arbitrary: content },
  { weight: 1, arbitrary: fc.constant(null) },
  {
    weight: 1,
    arbitrary: content.map((text): FileChange => ({ mode: '100755', content: text })),
  },
);
const edits = fc.dictionary(name, edit, { minKeys: 1, maxKeys: 3, noNullPrototype: true });
const first = fc.dictionary(name, content, { minKeys: 3, maxKeys: 7, noNullPrototype: true });
const branch = fc.array(edits, { minLength: 1, maxLength: 3 });

function grow(on: Sha, steps: readonly Readonly<Record<string, FileChange>>[]): Sha {
  return steps.reduce((at, files) => upstream.commit({ on: at, files }), on);
}

it('a candidate has the tree that git itself makes in a work tree, and a conflict is one for git too', async () => {
  const seen = { made: 0, conflict: 0, contained: 0, impossible: 0, missing: 0, rebased: 0, alone: 0 };
  await fc.assert(
    fc.asyncProperty(first, branch, branch, async (files, ours, theirs) => {
      const start = upstream.commit({ files });
      const [parent, head] = [grow(start, ours), grow(start, theirs)];
      const parentTree = upstream.git('rev-parse', `${parent}^{tree}`);
      const treeOf = (outcome: Awaited<ReturnType<typeof make>>): string | null => {
        seen[outcome.kind] += 1;
        if (outcome.kind === 'contained') return parentTree;
        return outcome.kind === 'made' ? outcome.tree : null;
      };

      const merged = treeOf(await make('merge', parent, head));
      if (merged !== null && started.length === 0) seen.alone += 1;
      expect(merged).toBe(inWorkTree(parent, 'merge', '--no-edit', '--quiet', head));
      expect(treeOf(await make('squash', parent, head))).toBe(merged);

      const rebased = treeOf(await make('rebase', parent, head));
      expect(started.length).toBeLessThanOrEqual(theirs.length);
      expect(rebased).toBe(inWorkTree(head, 'rebase', '--quiet', parent));
      if (rebased !== null) seen.rebased += 1;
    }),
    { numRuns: 40 },
  );
  expect(seen.made).toBeGreaterThan(20);
  expect(seen.conflict).toBeGreaterThan(5);
  expect(seen.rebased).toBeGreaterThan(10);
  expect(seen.alone).toBeGreaterThan(5);
}, 120_000);

it('one candidate starts no process of git where both sides changed different files, else one', async () => {
  const files = { 'x/a': '1\n2\n3\n', 'x/b': '1\n', 'y/c': '1\n' };
  const start = upstream.commit({ files });
  const head = grow(start, [{ 'x/a': '0\n1\n2\n3\n' }, { 'x/new/d': '3\n' }]);
  const beside = grow(start, [{ 'x/b': '2\n', 'y/c': null }]);
  const same = grow(start, [{ 'x/a': '1\n2\n3\n4\n' }]);
  for (const method of ['merge', 'squash', 'rebase'] as const) {
    expect(await make(method, start, head)).toMatchObject({ kind: 'made' });
    expect(started).toEqual([]);
    expect(await make(method, beside, head)).toMatchObject({ kind: 'made' });
    expect(started).toEqual([]);
    expect(await make(method, same, head)).toMatchObject({ kind: 'made' });
    expect(started).toEqual(['merge-tree']);
  }
});
