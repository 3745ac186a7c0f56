import { describe, expect, it } from 'vitest';
import type { SetupPoint } from '../../src/model/setup.ts';
import { appPermissions } from '../adapters/github/stage.ts';
import { sluice } from './cli-fixture.ts';
import { repo, scratchRefs, type VerifyStage, verifyStage } from './verify-stage.ts';

const all = { ...appPermissions, workflows: 'write' } as const;

const unfine = (points: readonly SetupPoint[]) =>
  points.filter(({ verdict }) => verdict !== 'fine').map(({ about, verdict }) => `${about} ${verdict}`);
const saying = (points: readonly SetupPoint[], about: SetupPoint['about']) =>
  points.filter((point) => point.about === about && point.verdict !== 'fine').map(({ says }) => says);

function leavesNothing({ refs }: VerifyStage, branches: readonly string[] = ['main']): void {
  expect(refs()).toEqual(branches.map((branch) => `refs/heads/${branch}`));
}

/** `main` as it should be: no push but the gate's, no merge past the gate. */
async function guarded({ github, appId }: VerifyStage): Promise<void> {
  await github.setProtection(repo, 'main', {
    requiredChecks: [{ context: 'sluice/gate/main', appId }],
    requiredApprovals: 1,
    bypassPullRequest: ['sluice[bot]'],
    restrictPushesTo: ['sluice[bot]'],
  });
  await github.setRuleset(repo, { name: 'guard', rules: [{ type: 'update' }], bypass: [{ app: appId }] });
}

describe('sluice setup --verify', () => {
  it('on a guarded branch whose rules let the App past says that nothing stands in the way, and leaves nothing', async () => {
    const stage = await verifyStage(all, { isPrivate: true });
    await guarded(stage);
    const { code, out, err } = await stage.run();
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).not.toMatch(/^ {2}[✗!]/m);
    expect(out).toMatch(/^sluice \(App \d+\) on main of acme\/shop, landing: push, method: merge\n/);
    expect(out).toContain('✓ One atomic push moved the branch and its ledger, both old ids named');
    expect(out).toContain('\nNothing stands in the way of landing on main of acme/shop.\n');
    expect(out).toContain('GitHub has no dry run for a push to a protected branch.');
    expect(stage.github.violations).toEqual([]);
    leavesNothing(stage);
  });

  it('on a branch without rules says what is missing to guard it, and that the App can land', async () => {
    const stage = await verifyStage();
    const { code, found } = await stage.look();
    expect(code).toBe(0);
    expect(found).toMatchObject({ canLand: true, repository: repo, branch: 'main', landing: 'push', method: 'merge' });
    expect(unfine(found.points)).toEqual(['permission look', 'gate-check look']);
    expect(saying(found.points, 'gate-check')).toEqual([
      `The check \`sluice/gate/main\` is not required: whoever may merge can press the button on what nobody tested. Add it to the required checks of the branch, of App ${stage.appId}.`,
    ]);
    expect(found.points.filter(({ shown }) => shown === 'done')).toHaveLength(7);
  });

  it('asks about another branch by --branch, and names one that is not there', async () => {
    const stage = await verifyStage(all);
    stage.setRef('refs/heads/release/1.x');
    expect((await stage.look(['--branch', 'release/1.x'])).found).toMatchObject({
      canLand: true,
      branch: 'release/1.x',
    });
    const { code, found } = await stage.look(['--branch', 'nowhere']);
    expect(code).toBe(1);
    expect(saying(found.points, 'branch')).toEqual(['There is no branch nowhere: name one by --branch.']);
    leavesNothing(stage, ['main', 'release/1.x']);
  });
});

describe('what stands in the way is named with what to do', () => {
  it.each`
    what                 | ruleset                                   | says
    ${'update'}          | ${{ rules: [{ type: 'update' }] }}        | ${/`update` \(`ruleset guard`\).*Let App \d+ bypass it\.$/}
    ${'pull requests'}   | ${{ rules: [{ type: 'pull_request' }] }}  | ${/merged by the forge.*Let App \d+ bypass it, or choose `landing: merge-endpoint`\.$/}
    ${'a merge queue'}   | ${{ rules: [{ type: 'merge_queue' }] }}   | ${/two queues cannot land.*Take the rule away\.$/}
    ${'an unknown rule'} | ${{ rules: [{ type: 'code_scanning' }] }} | ${/`code_scanning`.*does not know how to judge it/}
  `('a ruleset with $what', async ({ ruleset, says }) => {
    const stage = await verifyStage(all);
    await stage.github.setRuleset(repo, { name: 'guard', ...ruleset });
    const { code, found } = await stage.look();
    expect({ code, canLand: found.canLand }).toEqual({ code: 1, canLand: false });
    expect(saying(found.points, 'rule')).toEqual([expect.stringMatching(says)]);
    leavesNothing(stage);
  });

  it('a ruleset that lets the App past for pull requests only', async () => {
    const stage = await verifyStage(all);
    const bypass = [{ app: stage.appId, mode: 'pull_request' as const }];
    await stage.github.setRuleset(repo, { name: 'guard', rules: [{ type: 'update' }], bypass });
    const { found } = await stage.look();
    expect(saying(found.points, 'rule')).toEqual([expect.stringContaining('bypass it always: now it may for pull')]);
  });

  it('protection that lets others push alone', async () => {
    const stage = await verifyStage(all);
    await stage.github.setProtection(repo, 'main', { restrictPushesTo: ['ada'] });
    const { code, out } = await stage.run();
    expect(code).toBe(1);
    expect(out).toMatch(/✗ The rule `restrict_pushes` \(`branch protection`\).*only those whom it names may push to/);
    expect(out).toContain('\nOne thing stands in the way of landing on main of acme/shop.\n');
  });

  it.each`
    required         | verdict   | says
    ${undefined}     | ${'look'} | ${/required of any App/}
    ${'another App'} | ${'stop'} | ${/required of App 7, and it is App \d+ that writes it/}
  `('the gate as a check that is required of $required', async ({ required, verdict, says }) => {
    const stage = await verifyStage(all);
    const check = { context: 'sluice/gate/main', ...(required !== undefined && { appId: 7 }) };
    await stage.github.setProtection(repo, 'main', { requiredChecks: [check] });
    const { found } = await stage.look();
    const point = found.points.find(({ about }) => about === 'gate-check');
    expect(point).toMatchObject({ verdict, says: expect.stringMatching(says) });
  });

  it('a merge button that has not the method it is to press', async () => {
    const stage = await verifyStage(all, { gate: 'gate: { landing: merge-endpoint, method: squash }\n' });
    await stage.github.setRepository(repo, { allowSquashMerge: false });
    const { code, found } = await stage.look();
    expect([code, saying(found.points, 'method')]).toEqual([
      1,
      [expect.stringContaining('the repository does not allow squash merging')],
    ]);
  });

  it('a file that is not valid, and one that has nothing for the gate', async () => {
    const broken = await verifyStage(all, { gate: 'gate: { method: teleport }\n' });
    expect(saying((await broken.look()).found.points, 'configuration')).toEqual([
      expect.stringMatching(/^\.sluice\.yaml on the branch is not valid \(line 4: .*"sluice check" says more\.$/),
    ]);
    const files = { '.sluice.yaml': 'apiVersion: sluice/v1\n' };
    await broken.github.push({ repo, by: 'ada', branch: 'main', files });
    const { code, found } = await broken.look();
    expect([code, saying(found.points, 'configuration')]).toEqual([
      0,
      [expect.stringMatching(/^No job is for the gate yet.* unless acme\/\.sluice has one for it\.$/)],
    ]);
    const building = { '.sluice.yaml': 'extends: go@v1\njobs: { unit: { timeout: 5m } }\n' };
    await broken.github.push({ repo, by: 'ada', branch: 'main', files: building });
    expect(saying((await broken.look()).found.points, 'configuration')).toEqual([
      expect.stringMatching(/builds on templates of acme\/\.sluice, which is not read here/),
    ]);
  });
});

describe('an App that', () => {
  it('is not installed there, or was suspended, is told where to install it or take it up again', async () => {
    const stage = await verifyStage(all, { installed: false });
    const { code, out } = await stage.run();
    expect(code).toBe(1);
    expect(out).toContain(`✗ The App sluice is not installed on acme/shop, or there is no such repository: `);
    expect(out).toContain('/apps/sluice/installations/new');
    await stage.github.addToInstallation(stage.installation, repo);
    await stage.github.suspend(stage.installation);
    expect((await stage.run()).out).toMatch(/✗ Its installation is suspended: take it up again at http/);
  });

  it('may not write contents names that, with the page, and tries nothing', async () => {
    const stage = await verifyStage({ ...all, contents: 'read' });
    const { code, found } = await stage.look();
    expect(code).toBe(1);
    expect(saying(found.points, 'permission')).toEqual([
      expect.stringMatching(
        /^The permission contents: write is missing \(.*\)\. Add it to the App at http.*\/organizations\/acme\/settings\/apps\/sluice\/permissions, then accept it at http/,
      ),
    ]);
    expect(found.points.filter(({ shown }) => shown === 'done')).toEqual([]);
  });

  it('may not read protection names that, and what it therefore does not know', async () => {
    const { administration: _, ...fewer } = all;
    const stage = await verifyStage(fewer);
    await stage.github.setProtection(repo, 'main', {});
    const { found } = await stage.look();
    expect(unfine(found.points)).toEqual(['permission stop', 'rule stop']);
    expect(saying(found.points, 'rule')[0]).toMatch(/^The rules of main cannot be read: the protection of main/);
  });
});

describe('the scratch branch', () => {
  it('that a killed run left is taken away by the next, and told', async () => {
    const stage = await verifyStage(all);
    for (const ref of scratchRefs) stage.setRef(ref);
    const { code, out } = await stage.run();
    expect(code).toBe(0);
    expect(out).toContain('✓ 2 refs that an earlier run had left below sluice-setup-verify/ were taken away.');
    leavesNothing(stage);
  });

  it('is taken away when the person presses Ctrl-C in the middle', async () => {
    const stage = await verifyStage(all);
    let atLanding: readonly string[] = [];
    const session = stage.start((step, interrupt) => {
      if (step !== 'landing on it') return;
      atLanding = stage.refs();
      interrupt();
    });
    expect(await session.code).toBe(1);
    expect(session.printed.err).toContain('interrupted; what was begun on a scratch branch was taken away');
    expect(atLanding).toHaveLength(3);
    leavesNothing(stage);
  });

  it.each([
    { kind: 'push-refused', reason: 'declined', says: ['no atomic pushes today'] },
    { kind: 'reset', when: 'after' },
  ] as const)('is taken away when the landing on it meets %j, which is told', async (does) => {
    const stage = await verifyStage(all);
    stage.github.faults.add({ path: /git-receive-pack$/, method: 'POST', skip: 2, does });
    const { code, found } = await stage.look();
    expect(code).toBe(1);
    const [said = ''] = saying(found.points, 'scratch');
    expect(said).toMatch(/^The atomic push of branch and ledger was not taken: ./);
    if (does.kind === 'push-refused') expect(said).toContain('no atomic pushes today');
    leavesNothing(stage);
  });

  it('is not made where a rule for all branches would keep it from being taken away', async () => {
    const stage = await verifyStage(all);
    await stage.github.setRuleset(repo, { name: 'keep', include: ['~ALL'], rules: [{ type: 'deletion' }] });
    const { code, found } = await stage.look();
    expect([code, saying(found.points, 'scratch')]).toEqual([
      0,
      [expect.stringContaining('Nothing was tried: the rule')],
    ]);
    expect(stage.github.requests.filter(({ operation }) => operation === 'git/git-receive-pack')).toEqual([]);
  });

  it('that a rule for all branches forbids is told in the words of the forge', async () => {
    const stage = await verifyStage(all);
    await stage.github.setRuleset(repo, { name: 'all', include: ['~ALL'], rules: [{ type: 'creation' }] });
    const { found } = await stage.look();
    expect(saying(found.points, 'scratch')).toEqual([
      expect.stringMatching(/^No scratch branch could be made: .*creations being restricted/),
    ]);
    leavesNothing(stage);
  });
});

describe('what keeps it from verifying at all', () => {
  it('is a GitHub that gives no answer: 3', async () => {
    const stage = await verifyStage(all);
    stage.github.faults.add({ path: /./, count: 99, does: { kind: 'status', status: 502, when: 'before' } });
    const { code, out, err } = await stage.run();
    expect([code, out, err]).toEqual([3, '', expect.stringMatching(/does not say what is needed: 502/)]);
  });

  it('is a command line that makes no sense: 2', async () => {
    expect(await sluice(['setup', '--verify', 'shop'])).toMatchObject({ code: 2 });
    const { code, err } = await sluice(['setup', '--branch', 'main']);
    expect([code, err]).toEqual([2, expect.stringContaining('--branch and --json go with --verify OWNER/NAME')]);
  });
});
