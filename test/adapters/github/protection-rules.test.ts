import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Stage, setStage } from './stage.ts';

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

describe('classic protection', () => {
  const source = 'branch protection';
  const free = { allowForcePushes: true, allowDeletions: true };

  it('keeps force pushes and deletions away unless it allows them', async () => {
    await stage.github.setProtection('acme/shop', 'main', {});
    expect(await rules()).toEqual([
      { type: 'non_fast_forward', source, pass: 'none' },
      { type: 'deletion', source, pass: 'none' },
    ]);
    await stage.github.setProtection('acme/shop', 'main', free);
    expect(await rules()).toEqual([]);
  });

  it.each`
    settings                                            | expected
    ${{ linearHistory: true }}                          | ${{ type: 'required_linear_history' }}
    ${{ signatures: true }}                             | ${{ type: 'required_signatures' }}
    ${{ lockBranch: true }}                             | ${{ type: 'lock_branch' }}
    ${{ restrictPushesTo: ['ada'] }}                    | ${{ type: 'restrict_pushes' }}
    ${{ restrictPushesTo: [] }}                         | ${{ type: 'restrict_pushes' }}
    ${{ requiredApprovals: 0 }}                         | ${{ type: 'pull_request', approvals: 0, threads: false }}
    ${{ requiredApprovals: 3, dismissStale: true }}     | ${{ type: 'pull_request', approvals: 3, dismissStale: true, codeOwner: false, lastPushApproval: false, methods: null }}
    ${{ requiredApprovals: 1, codeOwner: true }}        | ${{ type: 'pull_request', approvals: 1, codeOwner: true }}
    ${{ requiredApprovals: 1, lastPushApproval: true }} | ${{ type: 'pull_request', approvals: 1, lastPushApproval: true }}
    ${{ resolvedConversations: true }}                  | ${{ type: 'pull_request', approvals: 0, threads: true }}
    ${{ requiredChecks: [{ context: 'a' }, { context: 'b', appId: 5 }], strict: true }} | ${{ type: 'required_status_checks', strict: true, checks: [{ name: 'a', app: null }, { name: 'b', app: 5 }] }}
  `('with $settings asks for $expected', async ({ settings, expected }) => {
    await stage.github.setProtection('acme/shop', 'main', { ...free, ...settings });
    expect(await rules()).toEqual([expect.objectContaining({ ...expected, source })]);
  });

  it.each`
    settings                                                        | type                        | pass
    ${{ restrictPushesTo: ['ada'] }}                                | ${'restrict_pushes'}        | ${'none'}
    ${{ restrictPushesTo: ['ada', 'sluice[bot]'] }}                 | ${'restrict_pushes'}        | ${'push'}
    ${{ requiredApprovals: 1 }}                                     | ${'pull_request'}           | ${'none'}
    ${{ requiredApprovals: 1, bypassPullRequest: ['sluice[bot]'] }} | ${'pull_request'}           | ${'push'}
    ${{ requiredApprovals: 1, bypassPullRequest: ['ada'] }}         | ${'pull_request'}           | ${'none'}
    ${{ resolvedConversations: true }}                              | ${'pull_request'}           | ${'push'}
    ${{ requiredChecks: [{ context: 'a' }] }}                       | ${'required_status_checks'} | ${'none'}
    ${{ lockBranch: true }}                                         | ${'lock_branch'}            | ${'none'}
  `('with $settings is passed by: $pass', async ({ settings, type, pass }) => {
    await stage.github.setProtection('acme/shop', 'main', { ...free, ...settings });
    expect(await rules()).toEqual([expect.objectContaining({ type, pass })]);
  });

  const amend = async (part: object) => {
    await stage.github.setProtection('acme/shop', 'main', { ...free, requiredChecks: [{ context: 'a' }] });
    stage.answers.change = (path, body) => (path.endsWith('/protection') ? { ...(body as object), ...part } : null);
  };

  it('takes -1 and nothing for any App, and contexts that no check names', async () => {
    await amend({
      required_status_checks: { contexts: ['a', 'b'], checks: [{ context: 'a', app_id: -1 }], strict: false },
    });
    const checks = [
      { name: 'a', app: null },
      { name: 'b', app: null },
    ];
    expect(await rules()).toMatchObject([{ checks, strict: false }]);
  });

  it('asks for one approval where it names no number', async () => {
    await amend({ required_pull_request_reviews: { dismiss_stale_reviews: false, require_code_owner_reviews: false } });
    expect(await rules()).toMatchObject([{ type: 'pull_request', approvals: 1 }, {}]);
  });

  it('with creations blocked asks that', async () => {
    await amend({ block_creations: { enabled: true } });
    expect(await rules()).toContainEqual({ type: 'creation', source, pass: 'none' });
  });

  it('with a part that we do not know is not judged in that part, unless it is switched off', async () => {
    await amend({ required_moon_phase: { enabled: true }, required_tides: { enabled: false }, required_sun: [] });
    expect(await rules()).toMatchObject([
      { type: 'required_status_checks' },
      { type: 'other', name: 'required_moon_phase', source },
      { type: 'other', name: 'required_sun', source },
    ]);
  });

  it('is added to what rulesets ask', async () => {
    await ruleset([{ type: 'deletion' }]);
    await stage.github.setProtection('acme/shop', 'main', { allowForcePushes: true });
    expect(await rules()).toEqual([
      { type: 'deletion', source: 'ruleset guard', pass: 'none' },
      { type: 'deletion', source, pass: 'none' },
    ]);
  });
});
