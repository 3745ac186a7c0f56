import { describe, expect, test } from 'vitest';
import { hookErrors } from './hook-schemas.ts';
import { acme, asInstallation, type Received, startedReceiver, withToken } from './setting.ts';

const name = 'acme/app';

/** Everything that can happen to a repository and its pull requests, once. */
async function everything(): Promise<Received[]> {
  const world = await acme();
  const { github, app, installationId, sam } = world;
  const receiver = await startedReceiver();
  await github.setWebhookUrl(app.appId, receiver.url);
  await github.ping(app.appId);
  const octokit = asInstallation(world);

  const pull = await github.openPullRequest({
    repo: name,
    by: 'mia',
    branch: 'one',
    files: { a: '1' },
    body: 'first',
    draft: true,
  });
  const n = pull.number;
  await github.readyForReview(name, n, 'mia');
  await github.convertToDraft(name, n, 'mia');
  await github.readyForReview(name, n, 'mia');
  await github.editTitle(name, n, 'Other', 'mia');
  await github.editBody(name, n, 'second', 'mia');
  await github.push({ repo: name, by: 'mia', branch: 'release', files: { r: '1' } });
  await github.retarget(name, n, 'release', 'mia');
  await github.retarget(name, n, 'main', 'mia');
  await github.label(name, n, 'hold', 'mia');
  await github.unlabel(name, n, 'hold', 'mia');
  const head = await github.push({ repo: name, by: 'mia', branch: 'one', files: { a: '2' }, force: true });

  const created = await octokit.rest.checks.create({
    owner: 'acme',
    repo: 'app',
    name: 'build',
    head_sha: head,
    actions: [{ label: 'Cancel', description: 'Stops it', identifier: 'cancel' }],
  });
  await github.pressCheckAction(name, created.data.id, 'cancel', 'mia');
  await octokit.rest.checks.update({
    owner: 'acme',
    repo: 'app',
    check_run_id: created.data.id,
    conclusion: 'failure',
    output: {
      title: 'no',
      summary: 'broken',
      annotations: [{ path: 'a', start_line: 1, end_line: 1, annotation_level: 'failure', message: 'x' }],
    },
  });
  await github.pressRerun(name, { checkRun: created.data.id }, 'mia');
  const [run] = await github.checkRuns(name, head);
  await github.pressRerun(name, { checkSuite: run?.suiteId ?? 0 }, 'mia');
  await octokit.rest.repos.createCommitStatus({
    owner: 'acme',
    repo: 'app',
    sha: head,
    state: 'success',
    context: 'other',
  });

  const comment = await github.comment(name, n, 'sam', '/test all');
  await github.editComment(name, comment, '/test none', 'mia');
  await github.deleteComment(name, comment, 'mia');
  const review = await github.review({ repo: name, number: n, by: 'mia', state: 'APPROVED', body: 'ok' });
  await github.editReview(name, n, review, '/gate', 'mia');
  await github.dismissReview(name, n, review, 'no', 'mia');
  const line = await github.reviewComment({ repo: name, number: n, by: 'mia', path: 'a', line: 1, body: 'hm' });
  await github.resolveThread(name, n, line, 'mia');
  await github.unresolveThread(name, n, line, 'mia');
  await github.enableAutoMerge(name, n, 'mia');
  await github.disableAutoMerge(name, n, 'mia');
  await github.closePullRequest(name, n, 'mia');
  await github.reopen(name, n, 'mia');
  await github.pressMerge(name, n, 'mia');

  await github.fork(name, 'sam');
  const foreign = await github.openPullRequest({
    repo: name,
    by: 'sam',
    fork: 'sam/app',
    branch: 'two',
    files: { b: '1' },
  });
  await github.push({ repo: 'sam/app', by: 'sam', branch: 'two', files: { b: '2' } });
  await withToken(github, sam.token).rest.pulls.update({
    owner: 'acme',
    repo: 'app',
    pull_number: foreign.number,
    state: 'closed',
  });
  await github.deleteRepository('sam/app');

  await github.pushTag({ repo: name, by: 'mia', tag: 'v1' });
  await github.pushTag({ repo: name, by: 'mia', tag: 'v2', message: 'two' });
  await github.deleteBranch(name, 'release', 'mia');
  await github.setPermission(name, 'sam', 'write');
  await github.setPermission(name, 'sam', 'triage');
  await github.createRepository('acme/second');
  await github.renameRepository('acme/second', 'third');
  await github.setPrivate('acme/third', true, 'mia');
  await github.setPrivate('acme/third', false, 'mia');
  await github.createOrganization('other');
  await github.transfer('acme/third', 'other');
  await github.createRepository('acme/fourth');
  await github.deleteRepository('acme/fourth');
  await github.suspend(installationId);
  await github.unsuspend(installationId);
  await github.uninstall(installationId);
  await github.webhooks.settled();
  expect(github.violations).toEqual([]);
  return receiver.received;
}

describe('what the stand-in sends', async () => {
  test('is what GitHub says that it sends, for every event there is', { timeout: 60_000 }, async () => {
    const received = await everything();
    const errors = received.flatMap(({ event, action, payload }) => hookErrors(event, action, payload));
    expect([...new Set(errors)]).toEqual([]);
    const names = new Set(received.map(({ event, action }) => (action ? `${event}.${action}` : event)));
    expect([...names].toSorted()).toMatchInlineSnapshot(`
      [
        "check_run.completed",
        "check_run.created",
        "check_run.requested_action",
        "check_run.rerequested",
        "check_suite.completed",
        "check_suite.requested",
        "check_suite.rerequested",
        "create",
        "delete",
        "fork",
        "installation.deleted",
        "installation.suspend",
        "installation.unsuspend",
        "installation_repositories.added",
        "installation_repositories.removed",
        "issue_comment.created",
        "issue_comment.deleted",
        "issue_comment.edited",
        "label.created",
        "member.added",
        "member.edited",
        "ping",
        "pull_request.auto_merge_disabled",
        "pull_request.auto_merge_enabled",
        "pull_request.closed",
        "pull_request.converted_to_draft",
        "pull_request.edited",
        "pull_request.labeled",
        "pull_request.opened",
        "pull_request.ready_for_review",
        "pull_request.reopened",
        "pull_request.synchronize",
        "pull_request.unlabeled",
        "pull_request_review.dismissed",
        "pull_request_review.edited",
        "pull_request_review.submitted",
        "pull_request_review_comment.created",
        "pull_request_review_thread.resolved",
        "pull_request_review_thread.unresolved",
        "push",
        "repository.created",
        "repository.deleted",
        "repository.privatized",
        "repository.publicized",
        "repository.renamed",
        "status",
      ]
    `);
  });
});
