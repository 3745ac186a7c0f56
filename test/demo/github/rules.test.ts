import { expect, test } from 'vitest';
import { acme, asInstallation, withToken } from './setting.ts';

const repo = { owner: 'acme', repo: 'app' };
const name = 'acme/app';

test('a branch without protection says so, and a protected one says everything', async () => {
  const world = await acme();
  const { github, app } = world;
  const { rest } = asInstallation(world);
  const read = (branch: string) => rest.repos.getBranchProtection({ ...repo, branch });
  await expect(read('main')).rejects.toMatchObject({
    status: 404,
    message: expect.stringMatching('Branch not protected'),
  });
  await github.setProtection(name, 'main', {
    requiredChecks: [{ context: 'build', appId: app.appId }],
    strict: true,
    requiredApprovals: 2,
    dismissStale: true,
    enforceAdmins: true,
    restrictPushesTo: ['mia', app.botLogin],
    bypassPullRequest: [app.botLogin],
  });
  expect((await read('main')).data).toMatchObject({
    required_status_checks: { strict: true, checks: [{ context: 'build', app_id: app.appId }] },
    required_pull_request_reviews: {
      required_approving_review_count: 2,
      dismiss_stale_reviews: true,
      bypass_pull_request_allowances: { users: [], apps: [{ slug: 'sluice' }] },
    },
    restrictions: { users: [{ login: 'mia' }], apps: [{ slug: 'sluice' }], teams: [] },
    enforce_admins: { enabled: true },
    allow_force_pushes: { enabled: false },
    lock_branch: { enabled: false },
  });
  expect((await rest.repos.getBranch({ ...repo, branch: 'main' })).data).toMatchObject({ protected: true });
  await github.setProtection(name, 'main', null);
  await expect(read('main')).rejects.toMatchObject({ status: 404 });
  expect(github.violations).toEqual([]);
});

test('a branch lists the rules of all active rulesets with their source, and none of its protection', async () => {
  const world = await acme();
  const { github, app } = world;
  await github.setProtection(name, 'main', { requiredApprovals: 1 });
  const check = { context: 'sluice/gate/main', integration_id: app.appId };
  const one = await github.setRuleset(name, {
    name: 'one',
    rules: [{ type: 'required_status_checks', parameters: { required_status_checks: [check] } }, { type: 'deletion' }],
  });
  const two = await github.setRuleset(name, { name: 'two', include: ['~ALL'], rules: [{ type: 'pull_request' }] });
  await github.setRuleset(name, { name: 'three', enforcement: 'evaluate', rules: [{ type: 'update' }] });
  const { rest } = asInstallation(world);
  const rules = async (branch: string) => (await rest.repos.getBranchRules({ ...repo, branch })).data;
  const source = { ruleset_source_type: 'Repository', ruleset_source: name };
  expect(await rules('main')).toMatchObject([
    {
      type: 'required_status_checks',
      parameters: { strict_required_status_checks_policy: false, required_status_checks: [check] },
      ...source,
      ruleset_id: one,
    },
    { type: 'deletion', ...source, ruleset_id: one },
    { type: 'pull_request', parameters: { required_approving_review_count: 0 }, ...source, ruleset_id: two },
  ]);
  expect((await rules('other')).map(({ type }) => type)).toEqual(['pull_request']);
  const { data: all } = await rest.repos.getRepoRulesets(repo);
  expect(all.map((entry) => [entry.name, entry.enforcement])).toEqual([
    ['one', 'active'],
    ['two', 'active'],
    ['three', 'evaluate'],
  ]);
  expect(github.violations).toEqual([]);
});

test('who may pass by a ruleset is told to who may change it; everyone learns what it means for himself', async () => {
  const world = await acme();
  const { github, app, mia, sam } = world;
  const bypass = [
    { app: app.appId, mode: 'exempt' },
    { role: 'admin', mode: 'pull_request' },
  ] as const;
  const id = await github.setRuleset(name, { name: 'main', rules: [{ type: 'pull_request' }], bypass });
  const read = async ({ rest }: ReturnType<typeof withToken>) =>
    (await rest.repos.getRepoRuleset({ ...repo, ruleset_id: id })).data;
  const mine = await read(withToken(github, mia.token));
  expect(mine).toMatchObject({
    conditions: { ref_name: { include: ['~DEFAULT_BRANCH'], exclude: [] } },
    bypass_actors: [
      { actor_type: 'Integration', actor_id: app.appId, bypass_mode: 'exempt' },
      { actor_type: 'RepositoryRole', actor_id: 5, bypass_mode: 'pull_request' },
    ],
    current_user_can_bypass: 'pull_requests_only',
  });
  const apps = await read(asInstallation(world));
  expect([apps.bypass_actors, apps.current_user_can_bypass]).toEqual([undefined, 'exempt']);
  expect((await read(withToken(github, sam.token))).current_user_can_bypass).toBe('never');
  await github.deleteRuleset(name, id);
  await expect(read(asInstallation(world))).rejects.toMatchObject({ status: 404 });
  expect(github.violations).toEqual([]);
});

test.each`
  rule                                                                                 | method      | said
  ${{ type: 'pull_request', parameters: { required_review_thread_resolution: true } }} | ${'merge'}  | ${'A conversation must be resolved'}
  ${{ type: 'pull_request', parameters: { allowed_merge_methods: ['squash'] } }}       | ${'merge'}  | ${'merge merges are not allowed'}
  ${{ type: 'pull_request', parameters: { allowed_merge_methods: ['squash'] } }}       | ${'squash'} | ${null}
  ${{ type: 'required_linear_history' }}                                               | ${'merge'}  | ${'must not contain merge commits'}
  ${{ type: 'required_linear_history' }}                                               | ${'squash'} | ${null}
  ${{ type: 'update' }}                                                                | ${'merge'}  | ${'Cannot update this protected ref.'}
  ${{ type: 'merge_queue' }}                                                           | ${'merge'}  | ${'through the merge queue'}
`('$rule keeps $method from the merge endpoint: $said', async ({ rule, method, said }) => {
  const world = await acme();
  const { github } = world;
  const pull = await github.openPullRequest({ repo: name, by: 'mia', branch: 'more', files: { a: '1' } });
  await github.reviewComment({ repo: name, number: pull.number, by: 'sam', path: 'a', line: 1, body: 'hm' });
  await github.setRuleset(name, { name: 'main', rules: [rule] });
  const merge = () =>
    asInstallation(world).rest.pulls.merge({ ...repo, pull_number: pull.number, merge_method: method });
  if (said === null) return expect((await merge()).data.merged).toBe(true);
  await expect(merge()).rejects.toMatchObject({ status: 405, message: expect.stringContaining(said) });
  await github.setRuleset(name, {
    name: 'main',
    rules: [rule],
    bypass: [{ app: world.app.appId, mode: 'pull_request' }],
  });
  expect((await merge()).data.merged).toBe(true);
});
