import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { acme } from './setting.ts';

const repo = 'acme/app';

async function merging() {
  const parts = await acme();
  const { github } = parts;
  const folder = await github.gitFolder(repo);
  const git = (...args: string[]) => execFileSync('git', args, { cwd: folder, encoding: 'utf8' }).trim();
  const files = { 'ash.txt': 'ash\n' };
  await github.setPermission(repo, 'sam', 'write');
  const ash = await github.openPullRequest({ repo, by: 'sam', branch: 'ash', files, message: 'Plant an ash' });
  const birch = await github.openPullRequest({ repo, by: 'mia', branch: 'birch', files: { 'birch.txt': 'b\n' } });
  const treeOf = (at: string) => git('rev-parse', `${at}^{tree}`);
  const right = (base: string, head: string) => git('merge-tree', '--write-tree', base, head);
  return { ...parts, git, ash, birch, treeOf, right };
}

describe('the merge button', () => {
  it.each`
    method      | author   | committer   | parents
    ${'merge'}  | ${'mia'} | ${'GitHub'} | ${2}
    ${'squash'} | ${'sam'} | ${'GitHub'} | ${1}
    ${'rebase'} | ${'sam'} | ${'mia'}    | ${1}
  `('$method: $author wrote it and $committer committed it', async ({ method, author, committer, parents }) => {
    const { github, git, ash, birch, treeOf, right } = await merging();
    await github.pressMerge(repo, birch.number, 'mia');
    const tree = right('main', ash.headSha);
    const merged = await github.pressMerge(repo, ash.number, 'mia', { method });
    const sha = git('rev-parse', 'main');
    expect(merged).toEqual({ kind: 'merged', sha });
    expect(git('log', '-1', '--format=%an %cn', sha)).toBe(`${author} ${committer}`);
    expect(git('log', '-1', '--format=%P', sha).split(' ')).toHaveLength(parents);
    expect(treeOf(sha)).toBe(tree);
  });

  it('keeps the time of the author when it rebases', async () => {
    const { github, git, ash, birch } = await merging();
    const written = git('log', '-1', '--format=%at', ash.headSha);
    await github.pressMerge(repo, birch.number, 'mia');
    await github.pressMerge(repo, ash.number, 'mia', { method: 'rebase' });
    expect(git('log', '-1', '--format=%at %s', 'main')).toBe(`${written} Plant an ash`);
  });

  it.each(['merge', 'squash', 'rebase'] as const)(
    '%s: once miscomputed, loses what landed since the fork',
    async (method) => {
      const { github, git, ash, birch, treeOf, right } = await merging();
      await github.pressMerge(repo, birch.number, 'mia');
      const tree = right('main', ash.headSha);
      await github.miscomputeMerges(repo);
      expect(await github.pressMerge(repo, ash.number, 'mia', { method })).toMatchObject({ kind: 'merged' });
      expect(treeOf('main')).not.toBe(tree);
      expect(git('ls-tree', '--name-only', 'main').split('\n')).not.toContain('birch.txt');
      expect(await github.pullRequest(repo, ash.number)).toMatchObject({ merged: true });
    },
  );

  it('miscomputed right on the fork loses the change itself, and only as often as asked', async () => {
    const { github, ash, birch, treeOf, right } = await merging();
    const before = treeOf('main');
    await github.miscomputeMerges(repo);
    await github.pressMerge(repo, ash.number, 'mia');
    expect(treeOf('main')).toBe(before);
    const tree = right('main', birch.headSha);
    await github.pressMerge(repo, birch.number, 'mia');
    expect(treeOf('main')).toBe(tree);
  });

  it('is held to the required checks of the head, by the App that the rule names', async () => {
    const { github, ash, app } = await merging();
    const { appId } = app;
    await github.setProtection(repo, 'main', { requiredChecks: [{ context: 'gate', appId }], enforceAdmins: true });
    const press = () => github.pressMerge(repo, ash.number, 'mia');
    expect(await press()).toEqual({
      kind: 'refused',
      status: 405,
      message: 'Required status check "gate" is expected.',
    });
    await github.commitStatus({ repo, by: 'mia', sha: ash.headSha, context: 'gate', state: 'success' });
    expect(await press()).toMatchObject({ kind: 'refused' });
    await github.reportCheck({ repo, app: appId, sha: ash.headSha, name: 'gate', conclusion: 'success' });
    expect(await press()).toMatchObject({ kind: 'merged' });
  });

  it('refuses another head than the one named, whatever else holds', async () => {
    const { github, ash, birch } = await merging();
    expect(await github.pressMerge(repo, ash.number, 'mia', { sha: birch.headSha })).toMatchObject({ status: 409 });
  });

  it('moves the branch at once while its mark is held back, and marks it with the same commit later', async () => {
    const { github, git, ash } = await merging();
    github.mergedMarks.hold();
    const merged = await github.pressMerge(repo, ash.number, 'mia', { method: 'squash' });
    const sha = git('rev-parse', 'main');
    expect(merged).toEqual({ kind: 'merged', sha });
    expect(await github.pullRequest(repo, ash.number)).toMatchObject({ merged: false, state: 'open' });
    await github.mergedMarks.release();
    expect(await github.pullRequest(repo, ash.number)).toMatchObject({ merged: true, mergeCommitSha: sha });
  });

  it('is seen late by reads of the branch that lag', async () => {
    const { github, git, ash } = await merging();
    const before = git('rev-parse', 'main');
    await github.lagBehind(repo, 'main', 2);
    await github.pressMerge(repo, ash.number, 'mia');
    const seen = [];
    for (let reads = 0; reads < 3; reads += 1) {
      const answer = await fetch(`${github.apiUrl}/repos/${repo}/git/ref/heads/main`);
      seen.push(((await answer.json()) as { object: { sha: string } }).object.sha);
    }
    expect(seen).toEqual([before, before, git('rev-parse', 'main')]);
  });
});
