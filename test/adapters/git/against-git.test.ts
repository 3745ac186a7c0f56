import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { changedFiles } from '../../../src/adapters/git/changed-files.ts';
import { gitEnvironment } from '../../../src/adapters/git/git-environment.ts';
import { findMergeBase } from '../../../src/adapters/git/merge-base.ts';
import { createObjectReader, type ObjectReader, ObjectTooLarge } from '../../../src/adapters/git/object-reader.ts';
import { createGit, type Git } from '../../../src/adapters/git/run-git.ts';
import { type Sha, toSha } from '../../../src/model/sha.ts';
import { makeRepository, type Repository } from './repository.ts';

let root: string;
let repository: Repository;
let objects: ObjectReader;
const environment = gitEnvironment({ PATH: process.env.PATH ?? '' });
const limits = { timeoutMs: 20_000, maxOutputBytes: 2 ** 20 };
/** Refuses to answer, so that an answer shows that git was not asked. */
const noGit: Git = async () => {
  throw new Error('git was asked');
};

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'sluice-against-git-'));
  repository = makeRepository(root, 'r.git');
  objects = createObjectReader(repository.folder, { environment, answerMs: 20_000, idleMs: 60_000, maxBytes: 2 ** 20 });
});

afterAll(() => {
  objects.end();
  rmSync(root, { recursive: true, force: true });
});

/** A history as git makes it: each commit on one or two earlier ones, times as they come, also out of order. */
function history(steps: readonly (readonly [number, number, number])[]): Sha[] {
  const tree = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';
  const commits: Sha[] = [];
  for (const [index, [a, b, time]] of steps.entries()) {
    const parents = [...new Set([commits[a % Math.max(1, index)], commits[b % Math.max(1, index)]])].filter(Boolean);
    const body = [
      `tree ${tree}`,
      ...parents.map((parent) => `parent ${parent}`),
      `author A <a@example.org> ${1_700_000_000 + time} +0000`,
      `committer A <a@example.org> ${1_700_000_000 + time} +0000`,
      '',
      `${index} ${steps.length}`,
      '',
    ].join('\n');
    commits.push(toSha(repository.write('commit', Buffer.from(body))));
  }
  return commits;
}

describe('what we find out by ourselves is what git says', () => {
  it('on merge bases, over histories with merges, criss-crosses and clocks that go wrong', async () => {
    const git = createGit(environment, limits);
    let walked = 0;
    const step = fc.tuple(fc.nat(30), fc.nat(30), fc.integer({ min: 0, max: 40 }));
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 14 }), fc.nat(13), fc.nat(13), async (steps, a, b) => {
        const commits = history(steps);
        const [base, head] = [commits[a % commits.length], commits[b % commits.length]];
        if (!base || !head) return;
        const asked = await git(repository.folder, ['merge-base', '--all', base, head]);
        const all = asked.stdout.toString().trim().split('\n').filter(Boolean);
        const alone = await findMergeBase(noGit, objects, repository.folder, base, head).catch(() => 'left to git');
        const whole = await findMergeBase(git, objects, repository.folder, base, head);
        if (alone !== 'left to git') walked += 1;
        expect(alone === 'left to git' || all.includes(String(alone))).toBe(true);
        expect(all.length === 0 ? whole : all.includes(String(whole))).toBe(all.length === 0 ? null : true);
      }),
      { numRuns: 60 },
    );
    expect(walked).toBeGreaterThan(20);
  });

  it('on changed files, over trees with folders that become files, modes and removals', async () => {
    const name = fc.constantFrom('a', 'a.txt', 'b', 'dir', 'dir/a', 'dir/deep/x', 'a/b', 'ü', 'z z');
    const content = fc.constantFrom('one\n', 'two\n', '');
    const files = fc.dictionary(name, content, { maxKeys: 7, noNullPrototype: true });
    const distinct = (all: Record<string, string>): Record<string, string> =>
      Object.fromEntries(
        Object.entries(all).filter(([path]) => !Object.keys(all).some((other) => other.startsWith(`${path}/`))),
      );
    await fc.assert(
      fc.asyncProperty(files, files, async (before, after) => {
        const [from, to] = [
          repository.commit({ files: distinct(before) }),
          repository.commit({ files: distinct(after) }),
        ];
        const told = repository.git('diff-tree', '-r', '-z', '--no-renames', '--name-only', from, to);
        const expected = told.split('\0').filter(Boolean);
        expect(await changedFiles(objects, from, to, 10_000)).toEqual({ known: true, paths: expected });
      }),
      { numRuns: 25 },
    );
  });
});

describe('the process that reads objects', () => {
  it('answers many questions at once, each its own, large ones and missing ones among them', async () => {
    const texts = Array.from({ length: 200 }, (_, index) => `${index} `.repeat(index * 40));
    const ids = texts.map((text) => repository.write('blob', Buffer.from(text)));
    const missing = 'f'.repeat(40);
    const asked = ids.flatMap((id) => [objects.blob(id, 2 ** 20), objects.info(missing)]);
    const answers = await Promise.all(asked);
    expect(answers.filter((_, index) => index % 2 === 0).map(String)).toEqual(texts);
    expect(answers.filter((_, index) => index % 2 === 1).every((answer) => answer === null)).toBe(true);
  });

  it('sees what was written after it started', async () => {
    const id = 'ce013625030ba8dba906f756967f9e9ca394464a';
    expect(await objects.info(id)).toBeNull();
    expect(repository.write('blob', Buffer.from('hello\n'))).toBe(id);
    expect(await objects.info(id)).toMatchObject({ type: 'blob', bytes: 6 });
  });

  it('starts anew after it ended or was killed in the middle', async () => {
    const id = repository.write('blob', Buffer.from('again'));
    const pending = objects.blob(id, 100);
    objects.end();
    await expect(pending).rejects.toThrow(/cannot read objects/);
    expect(String(await objects.blob(id, 100))).toBe('again');
  });

  it('does not read what is larger than it may hold, and takes full ids only', async () => {
    const id = repository.write('blob', Buffer.alloc(2_000));
    await expect(objects.blob(id, 1_000)).rejects.toBeInstanceOf(ObjectTooLarge);
    await expect(objects.info('HEAD\ncontents HEAD')).rejects.toThrow(/not an object id/);
  });
});
