import { expect, test } from 'vitest';
import { acme, asInstallation, startedReceiver } from './setting.ts';

const repo = { owner: 'acme', repo: 'app' };
const name = 'acme/app';

async function opened() {
  const world = await acme();
  const { github, app } = world;
  const pull = await github.openPullRequest({ repo: name, by: 'mia', branch: 'more', files: { a: '1' } });
  const receiver = await startedReceiver();
  await github.setWebhookUrl(app.appId, receiver.url);
  const { rest } = asInstallation(world);
  const told = async (event: string) => {
    await github.webhooks.settled();
    return receiver.received.filter((hook) => hook.event === event);
  };
  return { ...world, pull, rest, told };
}

test('labels are made once, put on and taken off, and told with who did it', async () => {
  const { github, pull, rest, told } = await opened();
  const read = rest.issues.getLabel({ ...repo, name: 'gate' });
  await expect(read).rejects.toMatchObject({ status: 404 });
  await rest.issues.createLabel({ ...repo, name: 'gate', color: '0e8a16' });
  await expect(rest.issues.createLabel({ ...repo, name: 'Gate' })).rejects.toThrow('already_exists');
  expect((await rest.issues.getLabel({ ...repo, name: 'GATE' })).data).toMatchObject({ name: 'gate', color: '0e8a16' });
  const issue = { ...repo, issue_number: pull.number };
  await rest.issues.addLabels({ ...issue, labels: ['gate'] });
  await rest.issues.addLabels({ ...issue, labels: ['gate'] });
  expect((await rest.issues.removeLabel({ ...issue, name: 'gate' })).data).toEqual([]);
  await expect(rest.issues.removeLabel({ ...issue, name: 'gate' })).rejects.toThrow('Label does not exist');
  await github.label(name, pull.number, 'gate', 'mia');
  const events = (await told('pull_request')).map(({ action, payload }) => [
    action,
    (payload.label as { name: string }).name,
    (payload.sender as { login: string }).login,
  ]);
  expect(events).toEqual([
    ['labeled', 'gate', 'sluice[bot]'],
    ['unlabeled', 'gate', 'sluice[bot]'],
    ['labeled', 'gate', 'mia'],
  ]);
  expect(github.violations).toEqual([]);
});

test('the merge endpoint takes the head, the title and the message that it is given', async () => {
  const { github, pull, rest } = await opened();
  const wish = { ...repo, pull_number: pull.number, merge_method: 'squash' as const };
  await expect(rest.pulls.merge({ ...wish, sha: pull.baseSha })).rejects.toMatchObject({ status: 409 });
  const texts = { commit_title: 'Title', commit_message: 'Change: 1' };
  const { data } = await rest.pulls.merge({ ...wish, ...texts, sha: pull.headSha });
  expect(data.merged).toBe(true);
  const { data: commit } = await rest.git.getCommit({ ...repo, commit_sha: data.sha });
  expect(commit.message).toBe('Title\n\nChange: 1');
  await expect(rest.pulls.merge(wish)).rejects.toMatchObject({ status: 405 });
  expect(github.violations).toEqual([]);
});

test('a base branch that is renamed takes its pull requests, its protection and the default along', async () => {
  const { github, pull, rest, told } = await opened();
  await github.setProtection(name, 'main', { requiredApprovals: 1 });
  await github.renameBranch(name, 'main', 'trunk', 'mia');
  expect(await github.pullRequest(name, pull.number)).toMatchObject({ state: 'open', baseRef: 'trunk' });
  expect((await rest.repos.get(repo)).data.default_branch).toBe('trunk');
  expect((await rest.repos.getBranch({ ...repo, branch: 'trunk' })).data.protected).toBe(true);
  expect(await github.branchSha(name, 'main')).toBe(null);
  expect((await told('pull_request')).map(({ action, payload }) => [action, payload.changes])).toEqual([
    ['edited', { base: { ref: { from: 'main' }, sha: { from: pull.baseSha } } }],
  ]);
  expect((await told('repository')).map(({ action, payload }) => [action, payload.changes])).toEqual([
    ['edited', { default_branch: { from: 'main' } }],
  ]);
  expect(github.violations).toEqual([]);
});

test('after a transfer the former installation no longer reaches the pull request', async () => {
  const { github, pull, rest } = await opened();
  await github.createOrganization('other');
  await github.transfer(name, 'other');
  await expect(rest.pulls.update({ ...repo, pull_number: pull.number, state: 'closed' })).rejects.toMatchObject({
    status: expect.toBeOneOf([307, 403, 404]),
  });
  expect(await github.pullRequest('other/app', pull.number)).toMatchObject({ state: 'open' });
});
