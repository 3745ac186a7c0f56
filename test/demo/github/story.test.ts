import { expect, test } from 'vitest';
import { acme, asApp, asInstallation, startedReceiver } from './setting.ts';

const repo = { owner: 'acme', repo: 'app' };

test('a pull request is opened, checked, pushed to, and merged, and the App hears of all of it', async () => {
  const world = await acme();
  const { github, app } = world;
  const receiver = await startedReceiver();
  await github.setWebhookUrl(app.appId, receiver.url);
  const octokit = asInstallation(world);

  const pull = await github.openPullRequest({
    repo: 'acme/app',
    by: 'mia',
    branch: 'more',
    files: { 'src/main.c': 'int main() { return 1; }\n' },
    title: 'More',
  });
  const { data: asked } = await octokit.rest.pulls.get({ ...repo, pull_number: pull.number });
  const { data: known } = await octokit.rest.pulls.get({ ...repo, pull_number: pull.number });
  expect([asked.mergeable, known.mergeable]).toEqual([null, true]);

  const { data: run } = await octokit.rest.checks.create({
    ...repo,
    name: 'build',
    head_sha: pull.headSha,
    status: 'in_progress',
  });
  await octokit.rest.checks.update({
    ...repo,
    check_run_id: run.id,
    conclusion: 'success',
    output: { title: 'fine', summary: 'all *good*' },
  });
  expect(await github.checkRuns('acme/app', pull.headSha)).toMatchObject([
    { name: 'build', conclusion: 'success', title: 'fine' },
  ]);

  const head = await github.push({ repo: 'acme/app', by: 'mia', branch: 'more', files: { new: 'x' } });
  expect(await github.pullRequest('acme/app', pull.number)).toMatchObject({ headSha: head });
  await github.comment('acme/app', pull.number, 'mia', '/test all');
  const { data: merged } = await octokit.rest.pulls.merge({ ...repo, pull_number: pull.number, sha: head });
  expect(await github.branchSha('acme/app', 'main')).toBe(merged.sha);

  await github.webhooks.settled();
  expect(receiver.names()).toEqual([
    'create',
    'push',
    'check_suite.requested',
    'pull_request.opened',
    'check_run.created',
    'check_run.completed',
    'check_suite.completed',
    'push',
    'check_suite.requested',
    'pull_request.synchronize',
    'issue_comment.created',
    'pull_request.closed',
    'push',
    'check_suite.requested',
  ]);
  expect((await asApp(world).rest.apps.getAuthenticated()).data?.slug).toBe('sluice');
  expect(github.violations).toEqual([]);
});
