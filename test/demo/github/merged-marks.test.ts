import { expect, test } from 'vitest';
import { acme, asInstallation, startedReceiver } from './setting.ts';
import { remote, workplace } from './workplace.ts';

const repo = { owner: 'acme', repo: 'app' };
const name = 'acme/app';

/** Two pull requests, both merged by hand in a clone, and the App's push that lands them. */
async function merged(options: Parameters<typeof acme>[0] = {}) {
  const world = await acme(options);
  const { github, app, installationId } = world;
  const ash = await github.openPullRequest({ repo: name, by: 'mia', branch: 'ash', files: { a: '1' } });
  const birch = await github.openPullRequest({ repo: name, by: 'mia', branch: 'birch', files: { b: '1' } });
  const { git } = await workplace();
  const url = remote(github.url, await github.installationToken(installationId));
  await git('clone', '--quiet', url, 'copy');
  await git('-C', 'copy', 'merge', '--quiet', '--no-ff', '-m', 'Merge ash', 'origin/ash');
  const { out: first } = await git('-C', 'copy', 'rev-parse', 'HEAD');
  await git('-C', 'copy', 'merge', '--quiet', '--no-ff', '-m', 'Merge birch', 'origin/birch');
  const { out: second } = await git('-C', 'copy', 'rev-parse', 'HEAD');
  const receiver = await startedReceiver();
  await github.setWebhookUrl(app.appId, receiver.url);
  const land = () => git('-C', 'copy', 'push', url, 'HEAD:main');
  const events = async () => {
    await github.webhooks.settled();
    return receiver.received.filter(({ event }) => event === 'push' || event === 'pull_request');
  };
  return { ...world, ash, birch, first, second, git, url, land, events };
}

test('what a push made reachable is marked merged after the push was told, each by its own merge commit', async () => {
  const world = await merged();
  const { github, ash, birch, first, second, land, events } = world;
  expect(await land()).toMatchObject({ code: 0 });
  const told = (await events()).map(({ event, payload }) => [
    event,
    payload.action,
    (payload.pull_request as { number: number; merged: boolean } | undefined)?.number,
    (payload.pull_request as { number: number; merged: boolean } | undefined)?.merged,
  ]);
  expect(told).toEqual([
    ['push', undefined, undefined, undefined],
    ['pull_request', 'closed', ash.number, true],
    ['pull_request', 'closed', birch.number, true],
  ]);
  const { rest } = asInstallation(world);
  const read = async (n: number) => (await rest.pulls.get({ ...repo, pull_number: n })).data;
  expect(await read(ash.number)).toMatchObject({
    state: 'closed',
    merged: true,
    merged_by: { login: 'sluice[bot]' },
    merge_commit_sha: first,
  });
  expect(await read(birch.number)).toMatchObject({ merged: true, merge_commit_sha: second });
  expect(github.violations).toEqual([]);
});

test('the mark comes later than the push, when it is held back or delayed', async () => {
  const { github, ash, land, events } = await merged();
  github.mergedMarks.hold();
  expect(await land()).toMatchObject({ code: 0 });
  expect((await events()).map(({ event }) => event)).toEqual(['push']);
  expect(await github.pullRequest(name, ash.number)).toMatchObject({ state: 'open', merged: false });
  await github.mergedMarks.release();
  expect(await github.pullRequest(name, ash.number)).toMatchObject({ state: 'closed', merged: true });
  const delayed = await merged({ mergedDelay: 1 });
  await delayed.land();
  await delayed.github.mergedMarks.settled();
  expect(await github.pullRequest(name, delayed.ash.number)).toMatchObject({ merged: true });
});

test('a head that moved between the push and the mark is not merged', async () => {
  const { github, ash, birch, land } = await merged();
  github.mergedMarks.hold();
  await land();
  await github.push({ repo: name, by: 'mia', branch: 'ash', files: { a: '2' } });
  await github.mergedMarks.release();
  expect(await github.pullRequest(name, ash.number)).toMatchObject({ state: 'open', merged: false });
  expect(await github.pullRequest(name, birch.number)).toMatchObject({ state: 'closed', merged: true });
});

test('a push that was squashed leaves its pull request open until somebody closes it', async () => {
  const world = await merged();
  const { github, ash, git, url } = world;
  await git('-C', 'copy', 'reset', '--quiet', '--hard', 'origin/main');
  await git('-C', 'copy', 'merge', '--quiet', '--squash', 'origin/ash');
  await git('-C', 'copy', 'commit', '--quiet', '-m', 'squashed');
  expect(await git('-C', 'copy', 'push', url, 'HEAD:main')).toMatchObject({ code: 0 });
  expect(await github.pullRequest(name, ash.number)).toMatchObject({ state: 'open', merged: false });
  const { rest } = asInstallation(world);
  const { data } = await rest.pulls.update({ ...repo, pull_number: ash.number, state: 'closed' });
  expect(data).toMatchObject({ state: 'closed', merged: false, merged_by: null });
});

test('a base branch that an administrator reset backwards merges nothing, and can be landed on again', async () => {
  const { github, ash, repository, land } = await merged();
  github.mergedMarks.hold();
  await land();
  await github.setBranch({ repo: name, by: 'mia', branch: 'main', sha: repository.head });
  await github.mergedMarks.release();
  expect(await github.pullRequest(name, ash.number)).toMatchObject({ state: 'open' });
  expect(await land()).toMatchObject({ code: 0 });
  expect(await github.pullRequest(name, ash.number)).toMatchObject({ merged: true });
});
