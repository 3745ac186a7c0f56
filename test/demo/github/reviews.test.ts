import { expect, test } from 'vitest';
import { documentErrors } from './graphql-schema.ts';
import { acme, asInstallation, startedReceiver } from './setting.ts';

const repo = { owner: 'acme', repo: 'app' };
const name = 'acme/app';

const document = `query Gate($owner: String!, $name: String!, $number: Int!) {
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) {
      reviewDecision
      autoMergeRequest { mergeMethod enabledAt enabledBy { login } }
      reviewThreads(first: 100) { totalCount nodes { isResolved resolvedBy { login } } pageInfo { hasNextPage endCursor } }
      latestOpinionatedReviews(first: 100) { nodes { state author { login } commit { oid } } }
      commits(last: 2) {
        totalCount
        pageInfo { hasPreviousPage startCursor }
        nodes { commit { oid signature { isValid } author { email user { login } } } }
      }
    }
  }
}`;

const asked = { owner: 'acme', name: 'app', number: 1 };

interface Gate {
  readonly repository: { readonly pullRequest: Readonly<Record<string, unknown>> };
}

async function opened() {
  const world = await acme({ documents: { Gate: document } });
  const { github, app } = world;
  const pull = await github.openPullRequest({ repo: name, by: 'mia', branch: 'more', files: { a: '1' } });
  await github.setPermission(name, 'sam', 'write');
  const receiver = await startedReceiver();
  await github.setWebhookUrl(app.appId, receiver.url);
  const octokit = asInstallation(world);
  const gate = async () => (await octokit.graphql<Gate>(document, asked)).repository.pullRequest;
  const events = async (...wanted: string[]) => {
    await github.webhooks.settled();
    return receiver.received.filter(({ event }) => wanted.includes(event));
  };
  return { ...world, pull, octokit, gate, events };
}

test('the document of this test keeps to the schema that GitHub publishes', () => {
  expect(documentErrors(document)).toEqual([]);
});

test('the last opinion of each reviewer counts, a comment takes nothing back, a dismissal does', async () => {
  const { github, pull, gate, events } = await opened();
  await github.setProtection(name, 'main', { requiredApprovals: 1 });
  const decision = async () => (await gate()).reviewDecision;
  const review = (by: string, state: 'APPROVED' | 'CHANGES_REQUESTED' | 'COMMENTED') =>
    github.review({ repo: name, number: pull.number, by, state });
  expect(await decision()).toBe('REVIEW_REQUIRED');
  await review('sam', 'CHANGES_REQUESTED');
  expect(await decision()).toBe('CHANGES_REQUESTED');
  const approval = await review('sam', 'APPROVED');
  await review('sam', 'COMMENTED');
  expect(await decision()).toBe('APPROVED');
  expect((await gate()).latestOpinionatedReviews).toEqual({
    nodes: [{ state: 'APPROVED', author: { login: 'sam' }, commit: { oid: pull.headSha } }],
  });
  await github.dismissReview(name, pull.number, approval, 'too early', 'mia');
  expect(await decision()).toBe('REVIEW_REQUIRED');
  const told = await events('pull_request_review');
  expect(told.map(({ action, payload }) => [action, (payload.review as { state: string }).state])).toEqual([
    ['submitted', 'changes_requested'],
    ['submitted', 'approved'],
    ['submitted', 'commented'],
    ['dismissed', 'dismissed'],
  ]);
  await github.setProtection(name, 'main', null);
  expect(await decision()).toBe(null);
  expect(github.violations).toEqual([]);
});

test('an approval by somebody who may not write counts for nothing', async () => {
  const { github, pull, gate } = await opened();
  await github.setProtection(name, 'main', { requiredApprovals: 1 });
  await github.createUser('eve');
  await github.review({ repo: name, number: pull.number, by: 'eve', state: 'APPROVED' });
  expect((await gate()).reviewDecision).toBe('REVIEW_REQUIRED');
});

test.each`
  demand          | state
  ${'protection'} | ${'DISMISSED'}
  ${'ruleset'}    | ${'DISMISSED'}
  ${'none'}       | ${'APPROVED'}
`('where the $demand dismisses stale reviews, an approval is $state after a push', async ({ demand, state }) => {
  const { github, pull, octokit, events } = await opened();
  if (demand === 'protection') {
    await github.setProtection(name, 'main', { requiredApprovals: 1, dismissStale: true });
  }
  const parameters = { dismiss_stale_reviews_on_push: true };
  if (demand === 'ruleset') {
    await github.setRuleset(name, { name: 'main', rules: [{ type: 'pull_request', parameters }] });
  }
  await github.review({ repo: name, number: pull.number, by: 'sam', state: 'APPROVED' });
  await github.push({ repo: name, by: 'mia', branch: 'more', files: { a: '2' } });
  const { data } = await octokit.rest.pulls.listReviews({ ...repo, pull_number: pull.number });
  expect(data).toMatchObject([{ state, commit_id: pull.headSha, user: { login: 'sam' } }]);
  const told = (await events('pull_request', 'pull_request_review')).map(({ action }) => action);
  expect(told).toEqual(['submitted', 'synchronize', ...(state === 'DISMISSED' ? ['dismissed'] : [])]);
  expect(github.violations).toEqual([]);
});

test('a review is dismissed over REST once, and a comment never', async () => {
  const { github, pull, octokit } = await opened();
  const approval = await github.review({ repo: name, number: pull.number, by: 'sam', state: 'APPROVED' });
  const comment = await github.review({ repo: name, number: pull.number, by: 'sam', state: 'COMMENTED' });
  const dismiss = (review_id: number) =>
    octokit.rest.pulls.dismissReview({ ...repo, pull_number: pull.number, review_id, message: 'no' });
  expect((await dismiss(approval)).data.state).toBe('DISMISSED');
  await expect(dismiss(approval)).rejects.toMatchObject({ status: 422 });
  await expect(dismiss(comment)).rejects.toThrow('Can not dismiss a commented pull request review');
  const read = { ...repo, pull_number: pull.number, review_id: approval };
  expect((await octokit.rest.pulls.getReview(read)).data.state).toBe('DISMISSED');
  const { data } = await octokit.rest.issues.listEvents({ ...repo, issue_number: pull.number });
  expect(data.map(({ event }) => event)).toEqual(['review_dismissed']);
  expect(github.violations).toEqual([]);
});

test('conversations are resolved and opened again, and the merge button waits for them', async () => {
  const { github, pull, gate, events } = await opened();
  const demand = { required_review_thread_resolution: true };
  await github.setRuleset(name, { name: 'main', rules: [{ type: 'pull_request', parameters: demand }] });
  const line = { repo: name, number: pull.number, by: 'sam', path: 'a', line: 1 };
  const first = await github.reviewComment({ ...line, body: 'one' });
  const second = await github.reviewComment({ ...line, body: 'two' });
  await github.resolveThread(name, pull.number, first, 'mia');
  await github.resolveThread(name, pull.number, first, 'mia');
  expect((await gate()).reviewThreads).toEqual({
    totalCount: 2,
    nodes: [
      { isResolved: true, resolvedBy: { login: 'mia' } },
      { isResolved: false, resolvedBy: null },
    ],
    pageInfo: { hasNextPage: false, endCursor: expect.any(String) },
  });
  expect(await github.pressMerge(name, pull.number, 'mia')).toMatchObject({ kind: 'refused', status: 405 });
  await github.unresolveThread(name, pull.number, first, 'sam');
  await github.resolveThread(name, pull.number, first, 'mia');
  await github.resolveThread(name, pull.number, second, 'mia');
  expect(await github.pressMerge(name, pull.number, 'mia')).toMatchObject({ kind: 'merged' });
  const told = await events('pull_request_review_thread');
  expect(told.map(({ action }) => action)).toEqual(['resolved', 'unresolved', 'resolved', 'resolved']);
});

test('auto-merge is a flag that everyone sees', async () => {
  const { github, pull, gate, octokit, events } = await opened();
  await github.enableAutoMerge(name, pull.number, 'mia', 'squash');
  const read = async () => (await octokit.rest.pulls.get({ ...repo, pull_number: pull.number })).data.auto_merge;
  expect(await read()).toMatchObject({ merge_method: 'squash', enabled_by: { login: 'mia' } });
  expect((await gate()).autoMergeRequest).toMatchObject({ mergeMethod: 'SQUASH', enabledBy: { login: 'mia' } });
  await github.disableAutoMerge(name, pull.number, 'mia');
  await github.disableAutoMerge(name, pull.number, 'mia');
  expect([await read(), (await gate()).autoMergeRequest]).toEqual([null, null]);
  const told = (await events('pull_request')).map(({ action }) => action);
  expect(told).toEqual(['auto_merge_enabled', 'auto_merge_disabled']);
  expect(github.violations).toEqual([]);
});

test('the last commits come with their author and whether they are signed', async () => {
  const { github, gate, mia } = await opened();
  await github.push({ repo: name, by: 'mia', branch: 'more', files: { a: '2' } });
  const head = await github.push({ repo: name, by: 'mia', branch: 'more', files: { a: '3' }, signed: true });
  const { commits } = (await gate()) as { commits: { nodes: unknown[] } };
  expect(commits).toMatchObject({
    totalCount: 3,
    pageInfo: { hasPreviousPage: true },
    nodes: [
      { commit: { signature: null, author: { email: 'mia@example.com', user: { login: mia.login } } } },
      { commit: { oid: head, signature: { isValid: true } } },
    ],
  });
});

test('statuses of a commit are listed newest first, and the latest of each name make the combined one', async () => {
  const { github, pull, octokit, events } = await opened();
  const status = { repo: name, by: 'sam', sha: pull.headSha };
  await github.commitStatus({ ...status, context: 'lint', state: 'failure' });
  await github.commitStatus({ ...status, context: 'lint', state: 'success', description: 'fine' });
  await octokit.rest.repos.createCommitStatus({ ...repo, sha: pull.headSha, context: 'own', state: 'pending' });
  const { data } = await octokit.rest.repos.listCommitStatusesForRef({ ...repo, ref: 'more' });
  expect(data.map(({ context, state, creator }) => [context, state, creator?.login])).toEqual([
    ['own', 'pending', 'sluice[bot]'],
    ['lint', 'success', 'sam'],
    ['lint', 'failure', 'sam'],
  ]);
  const { data: combined } = await octokit.rest.repos.getCombinedStatusForRef({ ...repo, ref: 'more' });
  expect([combined.state, combined.statuses.length]).toEqual(['pending', 2]);
  const told = (await events('status')).map(({ payload }) => [payload.context, payload.state]);
  expect(told).toEqual([
    ['lint', 'failure'],
    ['lint', 'success'],
    ['own', 'pending'],
  ]);
  expect(github.violations).toEqual([]);
});

test('what another App says of a head is heard and read by ours', async () => {
  const { github, pull, octokit, events } = await opened();
  const other = await github.createApp({
    owner: 'acme',
    name: 'Scanner',
    permissions: { checks: 'write' },
    events: [],
  });
  const check = { repo: name, app: other.appId, sha: pull.headSha, name: 'scan' };
  const first = await github.reportCheck(check);
  expect(await github.reportCheck({ ...check, conclusion: 'failure', title: 'Found 2' })).toBe(first);
  const again = await github.reportCheck({ ...check, conclusion: 'success' });
  expect(again).not.toBe(first);
  const { data } = await octokit.rest.checks.listForRef({ ...repo, ref: pull.headSha });
  expect(data.check_runs.map((run) => [run.id, run.app?.id, run.conclusion])).toEqual([
    [again, other.appId, 'success'],
  ]);
  const told = (await events('check_run', 'check_suite')).map(({ event, action }) => `${event}.${action}`);
  expect(told).toEqual([
    'check_run.created',
    'check_run.completed',
    'check_suite.completed',
    'check_run.created',
    'check_run.completed',
  ]);
  expect(github.violations).toEqual([]);
});
