import { expect, test } from 'vitest';
import { operations } from '../../../src/demo/github/openapi.ts';
import { routes } from '../../../src/demo/github/routes.ts';
import { acme, asApp, asInstallation, withToken } from './setting.ts';

const repo = { owner: 'acme', repo: 'app' };
const name = 'acme/app';

/** A repository in which something of every kind has happened. */
async function busy() {
  const world = await acme();
  const { github } = world;
  await github.createTeam('acme', 'owners', ['mia'], { [name]: 'maintain' });
  const pull = await github.openPullRequest({
    repo: name,
    by: 'mia',
    branch: 'more',
    files: { 'dir/a': '1\n' },
    body: 'first',
  });
  await github.commitStatus({ repo: name, by: 'mia', sha: pull.headSha, context: 'lint', state: 'success' });
  const comment = await github.comment(name, pull.number, 'sam', 'hello');
  const line = await github.reviewComment({
    repo: name,
    number: pull.number,
    by: 'sam',
    path: 'dir/a',
    line: 1,
    body: 'hm',
  });
  const review = await github.review({ repo: name, number: pull.number, by: 'sam', state: 'APPROVED' });
  await github.label(name, pull.number, 'hold', 'mia');
  await github.label(name, pull.number, 'other', 'mia');
  await github.editTitle(name, pull.number, 'Else', 'mia');
  await github.closePullRequest(name, pull.number, 'mia');
  await github.reopen(name, pull.number, 'mia');
  const tag = await github.pushTag({ repo: name, by: 'mia', tag: 'v1', message: 'one' });
  await github.setRules(name, 'main', { requiredChecks: [{ context: 'build' }], requiredApprovals: 1 });
  return { ...world, pull, comment, line, review, tag };
}

function inPath(path: string, values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([variable]) => path.includes(`{${variable}}`)));
}

test('everything that is built answers by the description', async () => {
  const world = await busy();
  const { github, app, installationId, mia, pull, comment, line, review, tag, repository } = world;
  const octokit = asInstallation(world);
  const n = { pull_number: pull.number, issue_number: pull.number };
  const run = (await octokit.rest.checks.create({ ...repo, name: 'build', head_sha: pull.headSha })).data;
  const { data: tree } = await octokit.rest.git.getTree({ ...repo, tree_sha: 'main', recursive: '1' });
  const status = await octokit.rest.repos.createCommitStatus({ ...repo, sha: pull.headSha, state: 'pending' });
  expect(status.status).toBe(201);
  const [ruleset] = (await octokit.rest.repos.getRepoRulesets(repo)).data;
  const put = await octokit.rest.repos.createOrUpdateFileContents({
    ...repo,
    path: 'x/y z',
    message: 'm',
    content: btoa('hi'),
    branch: 'more',
  });
  await github.setWebhookUrl(app.appId, 'http://127.0.0.1:1/');
  await github.ping(app.appId);
  await github.webhooks.settled();
  const [delivery] = github.webhooks.deliveries(app.appId);
  const values: Record<string, unknown> = {
    ref: 'more',
    delivery_id: delivery?.id,
    ...repo,
    ...n,
    org: 'acme',
    username: 'mia',
    team_slug: 'owners',
    branch: 'main',
    check_run_id: run.id,
    check_suite_id: run.check_suite?.id,
    comment_id: comment,
    commit_sha: pull.headSha,
    basehead: 'main...more',
    path: 'x/y z',
    tag_sha: tag,
    file_sha: tree.tree.find(({ type }) => type === 'blob')?.sha,
    tree_sha: repository.head,
    installation_id: installationId,
    account_id: mia.id,
    ruleset_id: ruleset?.id,
    review_id: review,
    name: 'hold',
    reaction_id: 0,
    sha: pull.headSha,
    code: 'none',
  };
  expect(put.data.commit.sha).toBe(await github.branchSha(name, 'more'));
  const perOperation: Record<string, Record<string, unknown>> = {
    'git/get-ref': { ref: 'heads/more' },
    'git/list-matching-refs': { ref: 'heads/' },
    'repos/get-content': { ref: 'more' },
    'reactions/list-for-pull-request-review-comment': { comment_id: line },
  };
  const reads = operations.filter(({ id, method }) => method === 'GET' && id in routes);
  const answered: Record<string, number> = {};
  for (const { id, path } of reads) {
    const asker =
      path.startsWith('/app') || path.endsWith('/installation')
        ? asApp({ github, app })
        : id === 'users/get-authenticated'
          ? withToken(github, mia.token)
          : octokit;
    const answer = await asker
      .request(`GET ${path}`, { ...inPath(path, values), ...perOperation[id] })
      .catch((error: { status: number }) => error);
    answered[id] = answer.status;
  }
  const notOk = Object.fromEntries(Object.entries(answered).filter(([, code]) => code !== 200));
  expect(notOk).toEqual({
    'orgs/check-membership-for-user': 204,
    'pulls/check-if-merged': 404,
    'repos/get-org-rulesets': 403,
  });
  expect(github.violations).toEqual([]);
});

test('everything that an App writes is written', async () => {
  const world = await busy();
  const { github, pull, comment, line, repository } = world;
  const { rest } = asInstallation(world);
  const [ruleset] = (await rest.repos.getRepoRulesets(repo)).data;
  await github.deleteRuleset(name, ruleset?.id ?? 0);
  await github.setProtection(name, 'main', null);
  const issue = { ...repo, issue_number: pull.number };
  const main = (await github.branchSha(name, 'main')) ?? '';
  await rest.git.createRef({ ...repo, ref: 'refs/heads/side', sha: main });
  await rest.git.updateRef({ ...repo, ref: 'heads/side', sha: pull.headSha });
  expect(await github.branchSha(name, 'side')).toBe(pull.headSha);
  await rest.git.updateRef({ ...repo, ref: 'heads/side', sha: main, force: true });
  await rest.git.deleteRef({ ...repo, ref: 'heads/side' });
  expect(await github.branchSha(name, 'side')).toBe(null);
  const { data: tag } = await rest.git.createTag({
    ...repo,
    tag: 'v9',
    message: 'nine',
    object: repository.head,
    type: 'commit',
  });
  await rest.git.createRef({ ...repo, ref: 'refs/tags/v9', sha: tag.sha });
  expect((await rest.repos.listTags(repo)).data.map((entry) => [entry.name, entry.commit.sha])).toEqual([
    ['v9', repository.head],
    ['v1', repository.head],
  ]);

  const { data: said } = await rest.issues.createComment({ ...issue, body: 'one' });
  expect(said).toMatchObject({
    user: { login: 'sluice[bot]', type: 'Bot' },
    performed_via_github_app: { slug: 'sluice' },
  });
  await rest.issues.updateComment({ ...repo, comment_id: said.id, body: 'two' });
  await expect(rest.issues.updateComment({ ...repo, comment_id: comment, body: 'not mine' })).rejects.toMatchObject({
    status: 403,
  });
  await rest.reactions.createForIssueComment({ ...repo, comment_id: comment, content: '+1' });
  const again = await rest.reactions.createForIssueComment({ ...repo, comment_id: comment, content: '+1' });
  expect(again.status).toBe(200);
  await rest.reactions.createForIssue({ ...issue, content: 'eyes' });
  await rest.reactions.createForPullRequestReviewComment({ ...repo, comment_id: line, content: 'eyes' });
  expect(
    (await github.comments(name, pull.number)).map(({ author, body, reactions }) => [author, body, reactions]),
  ).toEqual([
    ['sam', 'hello', ['+1']],
    ['sluice[bot]', 'two', []],
  ]);
  await rest.issues.deleteComment({ ...repo, comment_id: said.id });

  await rest.issues.removeLabel({ ...issue, name: 'other' });
  await rest.issues.addLabels({ ...issue, labels: ['gate'] });
  await rest.issues.createLabel({ ...repo, name: 'extra', color: 'ff0000' });
  await rest.pulls.update({ ...repo, pull_number: pull.number, title: 'New', body: 'new', state: 'closed' });
  expect(await github.pullRequest(name, pull.number)).toMatchObject({
    title: 'New',
    body: 'new',
    state: 'closed',
    labels: ['hold', 'gate'],
  });
  await rest.pulls.update({ ...repo, pull_number: pull.number, state: 'open' });
  await rest.pulls.createReview({ ...repo, pull_number: pull.number, event: 'APPROVE' });
  await rest.pulls.createReviewComment({
    ...repo,
    pull_number: pull.number,
    body: 'x',
    commit_id: pull.headSha,
    path: 'dir/a',
    line: 1,
  });
  await github.push({ repo: name, by: 'mia', branch: 'main', files: { late: '1' } });
  await rest.pulls.updateBranch({ ...repo, pull_number: pull.number });
  expect(await github.readFile(name, 'more', 'late')).toBe('1');
  const { data: merged } = await rest.repos.merge({ ...repo, base: 'main', head: 'more' });
  expect(await github.branchSha(name, 'main')).toBe(merged.sha);
  expect((await rest.repos.merge({ ...repo, base: 'main', head: 'more' })).status).toBe(204);
  const made = await rest.pulls
    .create({ ...repo, title: 'T', head: 'second', base: 'main', draft: true })
    .catch((error: { status: number }) => error);
  expect(made.status).toBe(422);
  await rest.repos.createDispatchEvent({ ...repo, event_type: 'go' });
  const { data: opened } = await rest.issues.create({ ...repo, title: 'Broken' });
  await rest.issues.update({ ...repo, issue_number: opened.number, state: 'closed' });
  expect((await rest.issues.listForRepo({ ...repo, state: 'closed' })).data.map(({ title }) => title)).toEqual([
    'Broken',
    'New',
  ]);
  expect(github.violations).toEqual([]);
});

test.each`
  login    | given         | permission | role
  ${'mia'} | ${null}       | ${'admin'} | ${'admin'}
  ${'sam'} | ${null}       | ${'read'}  | ${'read'}
  ${'sam'} | ${'triage'}   | ${'read'}  | ${'triage'}
  ${'sam'} | ${'maintain'} | ${'write'} | ${'maintain'}
`(
  '$login, given $given, has the permission $permission in the role $role',
  async ({ login, given, permission, role }) => {
    const world = await acme();
    if (given) await world.github.setPermission(name, login, given);
    const { data } = await asInstallation(world).rest.repos.getCollaboratorPermissionLevel({
      ...repo,
      username: login,
    });
    expect(data).toMatchObject({ permission, role_name: role, user: { login } });
    expect(world.github.violations).toEqual([]);
  },
);

test('the same seed and clock give the same commits and secrets', async () => {
  const make = async () => {
    const { github, repository, mia, app } = await acme({ now: () => 0, seed: 'x' });
    const pull = await github.openPullRequest({ repo: name, by: 'mia', branch: 'more', files: { a: '1' } });
    return [repository.head, pull.headSha, mia.token, app.webhookSecret];
  };
  expect(await make()).toEqual(await make());
});
