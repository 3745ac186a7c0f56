import { expect, test } from 'vitest';
import { acme, asInstallation, startedReceiver } from './setting.ts';

const repo = { owner: 'acme', repo: 'app' };
const name = 'acme/app';

async function opened(
  options: Partial<Parameters<Awaited<ReturnType<typeof acme>>['github']['openPullRequest']>[0]> = {},
) {
  const world = await acme();
  const pull = await world.github.openPullRequest({
    repo: name,
    by: 'mia',
    branch: 'more',
    files: { a: '1\n' },
    ...options,
  });
  const { rest } = asInstallation(world);
  const look = async () => (await rest.pulls.get({ ...repo, pull_number: pull.number })).data;
  return { ...world, pull, rest, look };
}

test('mergeable is null whenever something moved, and known from the second look on', async () => {
  const { github, look, pull, rest } = await opened();
  const looks = async (): Promise<unknown[]> => [(await look()).mergeable, (await look()).mergeable];
  expect(await looks()).toEqual([null, true]);
  await github.push({ repo: name, by: 'mia', branch: 'main', files: { a: 'theirs\n' } });
  expect(await looks()).toEqual([null, false]);
  expect((await look()).mergeable_state).toBe('dirty');
  await github.push({ repo: name, by: 'mia', branch: 'more', files: { a: '2\n' }, force: true });
  expect(await looks()).toEqual([null, true]);
  const { data } = await rest.git.getRef({ ...repo, ref: `pull/${pull.number}/merge` });
  expect(data.object.sha).toBe((await look()).merge_commit_sha);
  expect(github.violations).toEqual([]);
});

test.each`
  method      | parents | files
  ${'merge'}  | ${2}    | ${['README.md', 'a', 'b', 'c', 'src/main.c']}
  ${'squash'} | ${1}    | ${['README.md', 'a', 'b', 'c', 'src/main.c']}
  ${'rebase'} | ${1}    | ${['README.md', 'a', 'b', 'c', 'src/main.c']}
`('the merge button by $method makes a commit with $parents parents', async ({ method, parents, files }) => {
  const { github, pull, rest } = await opened();
  await github.push({ repo: name, by: 'mia', branch: 'more', files: { b: '1' } });
  await github.push({ repo: name, by: 'mia', branch: 'main', files: { c: '1' } });
  const merged = await github.pressMerge(name, pull.number, 'mia', { method });
  if (merged.kind === 'refused') throw new Error(merged.message);
  const { data } = await rest.git.getCommit({ ...repo, commit_sha: merged.sha });
  expect(data.parents).toHaveLength(parents);
  const { data: tree } = await rest.git.getTree({ ...repo, tree_sha: merged.sha, recursive: '1' });
  expect(tree.tree.filter(({ type }) => type === 'blob').map(({ path }) => path)).toEqual(files);
  expect(await github.pullRequest(name, pull.number)).toMatchObject({
    state: 'closed',
    merged: true,
    mergeCommitSha: merged.sha,
  });
  expect((await rest.pulls.checkIfMerged({ ...repo, pull_number: pull.number })).status).toBe(204);
  expect(github.violations).toEqual([]);
});

test('squashed or rebased outside of GitHub it stays open, until its head is moved to what landed', async () => {
  const { github, pull } = await opened();
  const landed = await github.push({ repo: name, by: 'mia', branch: 'main', files: { a: '1\n' }, message: 'squashed' });
  expect(await github.pullRequest(name, pull.number)).toMatchObject({ state: 'open', merged: false });
  await github.setBranch({ repo: name, by: 'mia', branch: 'more', sha: landed });
  expect(await github.pullRequest(name, pull.number)).toMatchObject({ state: 'closed' });
});

test.each`
  deed                       | state       | merged
  ${'head branch deleted'}   | ${'closed'} | ${false}
  ${'base branch deleted'}   | ${'closed'} | ${false}
  ${'head landed on base'}   | ${'closed'} | ${true}
  ${'other base retargeted'} | ${'open'}   | ${false}
`('after "$deed" a pull request is $state, merged: $merged', async ({ deed, state, merged }) => {
  const { github, pull } = await opened();
  await github.setBranch({ repo: name, by: 'mia', branch: 'release', sha: pull.baseSha });
  const deeds: Record<string, () => Promise<unknown>> = {
    'head branch deleted': () => github.deleteBranch(name, 'more', 'mia'),
    'base branch deleted': () => github.deleteBranch(name, 'main', 'mia'),
    'head landed on base': () => github.setBranch({ repo: name, by: 'mia', branch: 'main', sha: pull.headSha }),
    'other base retargeted': () => github.retarget(name, pull.number, 'release', 'mia'),
  };
  await deeds[deed]?.();
  expect(await github.pullRequest(name, pull.number)).toMatchObject({ state, merged });
});

test('a pull request outlives its fork, with its commits, and can not be reopened from a branch that is gone', async () => {
  const { github, rest } = await opened();
  await github.fork(name, 'sam');
  const foreign = await github.openPullRequest({
    repo: name,
    by: 'sam',
    fork: 'sam/app',
    branch: 'idea',
    files: { b: '1' },
  });
  await github.closePullRequest(name, foreign.number, 'sam');
  await github.deleteRepository('sam/app');
  const { data } = await rest.pulls.get({ ...repo, pull_number: foreign.number });
  expect(data.head).toMatchObject({ repo: null, sha: foreign.headSha });
  expect((await rest.git.getCommit({ ...repo, commit_sha: foreign.headSha })).status).toBe(200);
  await expect(github.reopen(name, foreign.number, 'sam')).rejects.toThrow('branch was deleted');
  expect(github.violations).toEqual([]);
});

test('checks on the head of a fork name no pull request', async () => {
  const { github, rest } = await opened();
  await github.fork(name, 'sam');
  const foreign = await github.openPullRequest({
    repo: name,
    by: 'sam',
    fork: 'sam/app',
    branch: 'idea',
    files: { b: '1' },
  });
  const { data } = await rest.checks.create({ ...repo, name: 'build', head_sha: foreign.headSha });
  expect(data.pull_requests).toEqual([]);
  const { data: of } = await rest.repos.listPullRequestsAssociatedWithCommit({ ...repo, commit_sha: foreign.headSha });
  expect(of.map(({ number }) => number)).toEqual([foreign.number]);
});

test('changed files come with renames under both names, links, modes, and at most 3,000 of them', async () => {
  const { github, rest } = await opened();
  const many = Object.fromEntries(Array.from({ length: 3_100 }, (_, index) => [`many/${index}`, `${index}`]));
  const pull = await github.openPullRequest({
    repo: name,
    by: 'mia',
    branch: 'files',
    files: {
      'src/main.c': null,
      'src/start.c': 'int main() { return 0; }\n',
      'README.md': '# app\nmore\n',
      link: { mode: '120000', text: 'README.md' },
      'run.sh': { mode: '100755', text: '#!/bin/sh\n' },
      'with space/ü "quoted"': 'x\n',
    },
  });
  const { data } = await rest.pulls.listFiles({ ...repo, pull_number: pull.number });
  const rows = data.map(({ filename, status, previous_filename, additions, deletions }) => [
    filename,
    status,
    previous_filename,
    additions,
    deletions,
  ]);
  expect(rows).toEqual([
    ['README.md', 'modified', undefined, 1, 0],
    ['link', 'added', undefined, 1, 0],
    ['run.sh', 'added', undefined, 1, 0],
    ['src/start.c', 'renamed', 'src/main.c', 0, 0],
    ['with space/ü "quoted"', 'added', undefined, 1, 0],
  ]);
  expect(data[0]?.patch).toBe('@@ -1 +1,2 @@\n # app\n+more');
  const big = await github.openPullRequest({ repo: name, by: 'mia', branch: 'big', files: many });
  const octokit = rest.pulls.listFiles;
  const pages = await Promise.all(
    [1, 30, 31].map((page) => octokit({ ...repo, pull_number: big.number, per_page: 100, page })),
  );
  expect(pages.map((answer) => answer.data.length)).toEqual([100, 100, 0]);
  expect((await rest.pulls.get({ ...repo, pull_number: big.number })).data.changed_files).toBe(3_100);
  const { data: compared } = await rest.repos.compareCommitsWithBasehead({
    ...repo,
    basehead: `main...${big.headSha}`,
  });
  expect([compared.status, compared.ahead_by, compared.files?.length]).toEqual(['ahead', 1, 300]);
  expect(github.violations).toEqual([]);
});

test('an edit says what was before; what changes nothing sends nothing', async () => {
  const { github, app, pull } = await opened({ title: 'One', body: 'first' });
  const receiver = await startedReceiver();
  await github.setWebhookUrl(app.appId, receiver.url);
  await github.setBranch({ repo: name, by: 'mia', branch: 'release', sha: pull.baseSha });
  await github.webhooks.settled();
  receiver.received.length = 0;
  await github.editTitle(name, pull.number, 'Two', 'mia');
  await github.editTitle(name, pull.number, 'Two', 'mia');
  await github.editBody(name, pull.number, 'second', 'mia');
  await github.retarget(name, pull.number, 'release', 'mia');
  await github.convertToDraft(name, pull.number, 'mia');
  await github.convertToDraft(name, pull.number, 'mia');
  await github.webhooks.settled();
  expect(receiver.received.map(({ action, payload }) => [action, payload.changes])).toEqual([
    ['edited', { title: { from: 'One' } }],
    ['edited', { body: { from: 'first' } }],
    ['edited', { base: { ref: { from: 'main' }, sha: { from: pull.baseSha } } }],
    ['converted_to_draft', undefined],
  ]);
});

test('required checks and approvals keep the merge button shut', async () => {
  const { github, pull, rest, app } = await opened();
  await github.setRules(name, 'main', {
    requiredChecks: [{ context: 'build', appId: app.appId }],
    requiredApprovals: 1,
  });
  const press = () => github.pressMerge(name, pull.number, 'mia');
  expect(await press()).toMatchObject({
    kind: 'refused',
    status: 405,
    message: expect.stringContaining('"build" is expected'),
  });
  await rest.checks.create({ ...repo, name: 'build', head_sha: pull.headSha, conclusion: 'neutral' });
  expect(await press()).toMatchObject({ kind: 'refused', message: expect.stringContaining('approving review') });
  await github.review({ repo: name, number: pull.number, by: 'sam', state: 'APPROVED' });
  expect(await press()).toMatchObject({ kind: 'refused', message: expect.stringContaining('with write access') });
  await github.setPermission(name, 'sam', 'write');
  expect(await press()).toMatchObject({ kind: 'merged' });
});
