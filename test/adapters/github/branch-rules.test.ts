import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AppPermissions, appPermissions, type Stage, setStage } from './stage.ts';

let stage: Stage;

beforeEach(async () => {
  stage = await setStage();
  stage.sent.length = 0;
});

afterEach(() => finish(stage));

async function finish(of: Stage): Promise<void> {
  const broken = of.github.violations.filter(({ kind }) => kind !== 'response');
  await of.close();
  expect(broken).toEqual([]);
}

const rules = async (of: Stage = stage, branch = 'main') => (await of.gate.branchRules(of.project, branch)).rules;
const ruleset = (list: readonly { type: string; parameters?: Record<string, unknown> }[], more: object = {}) =>
  stage.github.setRuleset('acme/shop', { name: 'guard', rules: list, ...more });
const status = (path: RegExp, code: number, count = 9) =>
  stage.github.faults.add({ path, count, does: { kind: 'status', status: code, when: 'before' } });

const review = {
  dismiss_stale_reviews_on_push: true,
  require_code_owner_review: false,
  require_last_push_approval: true,
  required_approving_review_count: 2,
  required_review_thread_resolution: true,
};

describe('a branch that asks nothing', () => {
  it('has no rules, which takes two calls', async () => {
    expect(await rules()).toEqual([]);
    const calls = stage.sent.filter(({ path }) => path.includes('/repos/'));
    expect(calls.map(({ path }) => path.replace(/^.*shop\//, '').replace(/\?.*/, '')).sort()).toEqual([
      'branches/main/protection',
      'rules/branches/main',
    ]);
  });

  it('has none by a ruleset that only watches, or holds for another branch', async () => {
    await ruleset([{ type: 'deletion' }], { enforcement: 'evaluate' });
    await ruleset([{ type: 'deletion' }], { name: 'other', include: ['refs/heads/release/*'] });
    expect(await rules()).toEqual([]);
  });

  it('may have a slash in its name', async () => {
    const push = { repo: 'acme/shop', by: 'ada', branch: 'release/1.x', files: { b: 'b' } };
    await stage.github.push(push);
    await ruleset([{ type: 'deletion' }], { include: ['refs/heads/release/*'] });
    await stage.github.setProtection('acme/shop', 'release/*', {
      allowDeletions: true,
      allowForcePushes: true,
      lockBranch: true,
    });
    expect(await rules(stage, 'release/1.x')).toEqual([
      { type: 'deletion', source: 'ruleset guard', pass: 'none' },
      { type: 'lock_branch', source: 'branch protection', pass: 'none' },
    ]);
  });

  it('that is not there has no answer', async () => {
    stage.answers.change = (path) => (path.endsWith('/protection') ? { message: 'Branch not found' } : null);
    await expect(rules(stage, 'nowhere')).rejects.toThrow(/Branch not found/);
  });
});

describe('a ruleset', () => {
  it.each([
    'required_signatures',
    'required_linear_history',
    'merge_queue',
    'update',
    'creation',
    'deletion',
    'non_fast_forward',
  ])('with %s asks that by its name', async (type) => {
    await ruleset([{ type }]);
    expect(await rules()).toEqual([{ type, source: 'ruleset guard', pass: 'none' }]);
  });

  it.each([
    'required_deployments',
    'commit_message_pattern',
    'commit_author_email_pattern',
    'committer_email_pattern',
    'branch_name_pattern',
    'tag_name_pattern',
    'workflows',
    'code_scanning',
    'copilot_code_review',
    'license_compliance_scanning',
    'file_path_restriction',
    'max_file_path_length',
    'file_extension_restriction',
    'max_file_size',
    'invented_next_year',
    'lock_branch',
    'other',
  ])('with %s is one that we do not know how to judge', async (type) => {
    await ruleset([{ type }]);
    expect(await rules()).toEqual([{ type: 'other', name: type, source: 'ruleset guard', pass: 'none' }]);
  });

  it('asks for reviews in all that it may ask', async () => {
    const asked = {
      type: 'pull_request',
      source: 'ruleset guard',
      pass: 'none',
      approvals: 2,
      dismissStale: true,
      codeOwner: false,
      lastPushApproval: true,
      threads: true,
    };
    await ruleset([{ type: 'pull_request', parameters: { ...review, allowed_merge_methods: ['squash'] } }]);
    stage.answers.change = (path, body) =>
      path.includes('/rules/branches/') ? (body as object[]).map((rule) => ({ ...rule, parameters: review })) : null;
    expect(await rules()).toEqual([{ ...asked, methods: null }]);
    stage.answers.change = null;
    expect(await rules()).toEqual([{ ...asked, methods: ['squash'] }]);
  });

  it('that asks for certain reviewers is not judged in that part', async () => {
    const reviewer = { file_patterns: ['*'], minimum_approvals: 1, reviewer: { id: 1, type: 'Team' } };
    await ruleset([{ type: 'pull_request', parameters: { ...review, required_reviewers: [reviewer] } }]);
    expect(await rules()).toMatchObject([
      { type: 'pull_request', approvals: 2 },
      { type: 'other', name: 'pull_request: required_reviewers' },
    ]);
    await ruleset([{ type: 'pull_request', parameters: { ...review, required_reviewers: [] } }]);
    expect(await rules()).toHaveLength(1);
  });

  it('asks for checks of any App, or of one', async () => {
    const required_status_checks = [{ context: 'unit' }, { context: 'gate', integration_id: 5 }];
    const parameters = { required_status_checks, strict_required_status_checks_policy: true };
    await ruleset([{ type: 'required_status_checks', parameters }]);
    const checks = [
      { name: 'unit', app: null },
      { name: 'gate', app: 5 },
    ];
    expect(await rules()).toEqual([
      { type: 'required_status_checks', source: 'ruleset guard', pass: 'none', checks, strict: true },
    ]);
  });

  it.each([
    ['pull_request', undefined],
    ['pull_request', { ...review, required_approving_review_count: 'two' }],
    ['pull_request', { ...review, require_last_push_approval: null }],
    ['pull_request', { ...review, allowed_merge_methods: ['teleport'] }],
    ['required_status_checks', undefined],
    ['required_status_checks', { required_status_checks: [{}], strict_required_status_checks_policy: false }],
    ['required_status_checks', { required_status_checks: [] }],
  ])('with %s that is not as described (%j) is not judged', async (type, parameters) => {
    await ruleset([{ type: 'deletion' }]);
    stage.answers.change = (path, body) =>
      path.includes('/rules/branches/') ? (body as object[]).map((rule) => ({ ...rule, type, parameters })) : null;
    expect(await rules()).toEqual([{ type: 'other', name: type, source: 'ruleset guard', pass: 'none' }]);
  });

  it('that the forge does not show is called by its number, and nobody says whether we pass by it', async () => {
    const id = await ruleset([{ type: 'deletion' }], { bypass: [{ app: stage.app.appId }] });
    status(/\/rulesets\/\d+$/, 404);
    expect(await rules()).toEqual([{ type: 'deletion', source: `ruleset ${id}`, pass: null }]);
  });

  it.each`
    mode              | pass
    ${'always'}       | ${'push'}
    ${'exempt'}       | ${'push'}
    ${'pull_request'} | ${'merge'}
  `('that lets our App past by $mode is passed by: $pass', async ({ mode, pass }) => {
    await ruleset([{ type: 'update' }], { bypass: [{ app: stage.app.appId, mode }] });
    expect(await rules()).toEqual([{ type: 'update', source: 'ruleset guard', pass }]);
  });

  it('that lets another App or people past is not passed by ours', async () => {
    await ruleset([{ type: 'update' }], { bypass: [{ app: stage.app.appId + 1 }, { role: 'write' }] });
    expect(await rules()).toMatchObject([{ pass: 'none' }]);
  });

  it.each([undefined, 'sometimes', 7])('that says %j of our passing by it says nothing', async (said) => {
    await ruleset([{ type: 'update' }]);
    stage.answers.change = (path, body) =>
      /\/rulesets\/\d+$/.test(path) ? { ...(body as object), current_user_can_bypass: said } : null;
    expect(await rules()).toMatchObject([{ pass: null }]);
  });

  it('has more than a hundred rules on two pages: all of them, or a throw', async () => {
    const types = Array.from({ length: 101 }, (_, index) => ({ type: `kind_${index}` }));
    await ruleset(types);
    expect(await rules()).toHaveLength(101);
    stage.github.faults.add({
      path: /\/rules\/branches/,
      skip: 1,
      count: 9,
      does: { kind: 'status', status: 502, when: 'before' },
    });
    await expect(rules()).rejects.toThrow();
  });
});

describe('what cannot be known', () => {
  it.each([/\/rules\/branches/, /\/rulesets\/\d+$/, /\/protection$/])(
    'is a throw when %s gives no answer',
    async (path) => {
      await ruleset([{ type: 'deletion' }]);
      status(path, 502);
      await expect(rules()).rejects.toThrow();
    },
  );

  it('is no rule where the plan of the owner has none', async () => {
    status(/\/rules\/branches|\/protection$/, 403);
    const message = 'Upgrade to GitHub Pro or make this repository public to enable this feature.';
    stage.answers.change = (path) => (/rules\/branches|protection$/.test(path) ? { message } : null);
    expect(await rules()).toEqual([]);
    stage.answers.change = null;
    await expect(rules()).rejects.toThrow();
  });

  describe('without administration: read', () => {
    const { administration: _, ...fewer } = appPermissions;
    const lacks =
      /^the protection of main of acme\/shop cannot be read: give the App the permission administration: read$/;
    let other: Stage;

    beforeEach(async () => {
      other = await setStage(fewer as AppPermissions);
    });

    afterEach(() => finish(other));

    it('is nothing on a branch that is not protected at all', async () => {
      expect(await rules(other)).toEqual([]);
    });

    it.each([{ requiredChecks: [{ context: 'a' }] }, { requiredApprovals: 1 }, {}])(
      'is a throw on one with %j',
      async (settings) => {
        await other.github.setProtection('acme/shop', 'main', settings);
        await expect(rules(other)).rejects.toThrow(lacks);
      },
    );

    it('is a throw on one that only rulesets protect: nobody says that it is only they', async () => {
      await other.github.setRuleset('acme/shop', { name: 'guard', rules: [{ type: 'deletion' }] });
      await expect(rules(other)).rejects.toThrow(lacks);
    });

    it('is a throw when the branch itself gives no answer', async () => {
      other.github.faults.add({
        path: /branches\/main$/,
        count: 9,
        does: { kind: 'status', status: 502, when: 'before' },
      });
      await expect(rules(other)).rejects.toThrow();
    });
  });

  it('is a throw with the same words when the token is given and the answer refused', async () => {
    await stage.github.setProtection('acme/shop', 'main', {});
    for (const code of [403, 404]) {
      status(/\/protection$/, code, 1);
      await expect(rules()).rejects.toThrow(/give the App the permission administration: read/);
    }
  });

  it('is a throw that tells of a limit, not of a permission', async () => {
    stage.github.faults.add({ path: /\/protection$/, does: { kind: 'secondary-limit', status: 403, retryAfter: 30 } });
    await expect(rules()).rejects.toThrow(/secondary rate limit/);
  });
});
