import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { acme, asInstallation, withToken } from './setting.ts';
import { remote, workplace } from './workplace.ts';

const repo = { owner: 'acme', repo: 'app' };
const name = 'acme/app';

/** `main` cloned with one commit on top of it, and who may push it. */
async function onTop(options: Parameters<typeof acme>[0] = {}) {
  const world = await acme(options);
  const { github, mia, installationId } = world;
  const ian = await github.createUser('ian', { email: 'ian@example.com' });
  await github.setPermission(name, 'ian', 'write');
  const { git, folder } = await workplace();
  await git('clone', '--quiet', remote(github.url, mia.token), 'copy');
  await writeFile(join(folder, 'copy', 'a'), '1');
  await git('-C', 'copy', 'add', '.');
  await git('-C', 'copy', 'commit', '--quiet', '-m', 'one');
  const { out: next } = await git('-C', 'copy', 'rev-parse', 'HEAD');
  const urls = {
    app: remote(github.url, await github.installationToken(installationId)),
    mia: remote(github.url, mia.token),
    ian: remote(github.url, ian.token),
  };
  const push = (who: keyof typeof urls, ...args: string[]) => git('-C', 'copy', 'push', urls[who], ...args);
  return { ...world, git, folder, next, push };
}

const pullRequest = { type: 'pull_request' };

test('a push against a ruleset is refused in GitHub’s words, and nothing moves', async () => {
  const { github, push, repository } = await onTop();
  await github.setRuleset(name, { name: 'main', rules: [pullRequest, { type: 'update' }] });
  const refused = await push('app', 'HEAD:main');
  expect(refused.code).toBe(1);
  expect(refused.err).toContain('remote: error: GH013: Repository rule violations found for refs/heads/main.');
  expect(refused.err).toContain('remote: - Changes must be made through a pull request.');
  expect(refused.err).toContain('remote: - Cannot update this protected ref.');
  expect(refused.err).toContain('! [remote rejected] HEAD -> main (push declined due to repository rule violations)');
  expect(await github.branchSha(name, 'main')).toBe(repository.head);
});

test('a push against a protection is refused in GitHub’s words', async () => {
  const { github, push } = await onTop();
  await github.setProtection(name, 'main', { requiredApprovals: 1, requiredChecks: [{ context: 'build' }] });
  const refused = await push('ian', 'HEAD:main');
  expect(refused.err).toContain('remote: error: GH006: Protected branch update failed for refs/heads/main.');
  expect(refused.err).toContain('remote: - Required status check "build" is expected.');
  expect(refused.err).toContain('! [remote rejected] HEAD -> main (protected branch hook declined)');
});

test('one refused ref of an atomic push refuses all; without --atomic the others land', async () => {
  const { github, push, next, repository } = await onTop();
  await github.setRuleset(name, { name: 'main', rules: [pullRequest] });
  const refs = ['HEAD:main', 'HEAD:side', 'HEAD:refs/sluice/ledger/main'];
  const refused = await push('app', '--atomic', ...refs);
  expect(refused.err).toContain('HEAD -> main (push declined due to repository rule violations)');
  expect(refused.err).toContain('HEAD -> side (atomic push failure)');
  expect(refused.err).toContain('HEAD -> refs/sluice/ledger/main (atomic push failure)');
  expect(await github.branchSha(name, 'side')).toBe(null);
  expect((await push('app', ...refs)).code).toBe(1);
  expect(await github.branchSha(name, 'side')).toBe(next);
  expect(await github.branchSha(name, 'main')).toBe(repository.head);
});

test.each`
  bypass                             | who      | lands
  ${'the App, always'}               | ${'app'} | ${true}
  ${'the App, always'}               | ${'mia'} | ${false}
  ${'the App, exempt'}               | ${'app'} | ${true}
  ${'the App, by pull request'}      | ${'app'} | ${false}
  ${'another App'}                   | ${'app'} | ${false}
  ${'administrators'}                | ${'mia'} | ${true}
  ${'administrators'}                | ${'ian'} | ${false}
  ${'administrators'}                | ${'app'} | ${false}
  ${'writers'}                       | ${'ian'} | ${true}
  ${'administrators of the account'} | ${'mia'} | ${true}
  ${'ian'}                           | ${'ian'} | ${true}
  ${'a team of ian'}                 | ${'ian'} | ${true}
`('with a bypass for $bypass, a push of $who lands: $lands', async ({ bypass, who, lands }) => {
  const { github, push, app } = await onTop();
  await github.createTeam('acme', 'landers', ['ian']);
  const bypasses: Record<string, Parameters<typeof github.setRuleset>[1]['bypass']> = {
    'the App, always': [{ app: app.appId }],
    'the App, exempt': [{ app: app.appId, mode: 'exempt' }],
    'the App, by pull request': [{ app: app.appId, mode: 'pull_request' }],
    'another App': [{ app: app.appId + 1 }],
    administrators: [{ role: 'admin' }],
    writers: [{ role: 'write' }],
    'administrators of the account': [{ organizationAdmin: true }],
    ian: [{ user: 'ian' }],
    'a team of ian': [{ team: 'landers' }],
  };
  await github.setRuleset(name, { name: 'main', rules: [pullRequest], bypass: bypasses[bypass] ?? [] });
  expect((await push(who, 'HEAD:main')).code === 0).toBe(lands);
});

test.each`
  enforcement   | include                | exclude          | lands
  ${'active'}   | ${['~DEFAULT_BRANCH']} | ${[]}            | ${false}
  ${'evaluate'} | ${['~DEFAULT_BRANCH']} | ${[]}            | ${true}
  ${'disabled'} | ${['~DEFAULT_BRANCH']} | ${[]}            | ${true}
  ${'active'}   | ${['~ALL']}            | ${[]}            | ${false}
  ${'active'}   | ${['~ALL']}            | ${['main']}      | ${true}
  ${'active'}   | ${['ma*']}             | ${[]}            | ${false}
  ${'active'}   | ${['release/**/*']}    | ${[]}            | ${true}
  ${'active'}   | ${['**/*']}            | ${['release/*']} | ${false}
`('a ruleset that is $enforcement for $include without $exclude lets a push land: $lands', async (row) => {
  const { github, push } = await onTop();
  const { enforcement, include, exclude, lands } = row;
  await github.setRuleset(name, { name: 'r', rules: [pullRequest], enforcement, include, exclude });
  expect((await push('ian', 'HEAD:main')).code === 0).toBe(lands);
});

test('a required check counts on the very commit that is pushed, and only by the App that is named', async () => {
  const world = await onTop();
  const { github, push, app, next } = world;
  const check = { context: 'sluice/gate/main', integration_id: app.appId };
  const rule = { type: 'required_status_checks', parameters: { required_status_checks: [check] } };
  await github.setRuleset(name, { name: 'main', rules: [rule] });
  expect((await push('app', 'HEAD:main')).err).toContain('Required status check "sluice/gate/main" is expected.');
  expect(await push('app', 'HEAD:refs/sluice/candidate/1')).toMatchObject({ code: 0 });
  const { rest } = asInstallation(world);
  const other = await github.createApp({ owner: 'acme', name: 'Other', permissions: { checks: 'write' }, events: [] });
  const { installationId } = await github.installApp(other.appId, 'acme');
  const foreign = asInstallation({ github, app: other, installationId });
  const run = { ...repo, name: check.context, head_sha: next };
  await foreign.rest.checks.create({ ...run, conclusion: 'success' });
  expect((await push('app', 'HEAD:main')).err).toContain('is expected');
  await rest.checks.create({ ...run, conclusion: 'failure' });
  expect((await push('app', 'HEAD:main')).err).toContain('is failing');
  await rest.checks.create({ ...run, conclusion: 'success' });
  expect(await push('app', 'HEAD:main')).toMatchObject({ code: 0 });
  expect(github.violations).toEqual([]);
});

test.each`
  rule                         | what                 | said
  ${'non_fast_forward'}        | ${['+HEAD~1:other']} | ${'Cannot force-push to this branch'}
  ${'deletion'}                | ${[':other']}        | ${'Cannot delete this branch'}
  ${'creation'}                | ${['HEAD:fresh']}    | ${'Cannot create ref due to creations being restricted.'}
  ${'update'}                  | ${['HEAD:main']}     | ${'Cannot update this protected ref.'}
  ${'required_linear_history'} | ${['MERGE:main']}    | ${'This branch must not contain merge commits.'}
  ${'required_signatures'}     | ${['HEAD:main']}     | ${'Commits must have verified signatures.'}
  ${'merge_queue'}             | ${['HEAD:main']}     | ${'Changes must be made through the merge queue'}
`('$rule: $said', async ({ rule, what, said }) => {
  const { github, push, git } = await onTop();
  await github.push({ repo: name, by: 'mia', branch: 'other', files: { b: '1' } });
  await git('-C', 'copy', 'fetch', '--quiet');
  await git('-C', 'copy', 'branch', 'before');
  await git('-C', 'copy', 'merge', '--quiet', '--no-ff', '-m', 'merge', 'origin/other');
  const { out: merge } = await git('-C', 'copy', 'rev-parse', 'HEAD');
  await git('-C', 'copy', 'reset', '--quiet', '--hard', 'before');
  await github.setRuleset(name, { name: 'all', include: ['~ALL'], rules: [{ type: rule }] });
  const refused = await push('ian', ...what.map((ref: string) => ref.replace('MERGE', merge)));
  expect(refused.err).toContain(`remote: - ${said}`);
  await github.setRuleset(name, { name: 'all', include: ['~ALL'], rules: [] });
  expect((await push('ian', ...what.map((ref: string) => ref.replace('MERGE', merge)))).code).toBe(0);
});

test.each`
  protection                                                      | who      | what           | said
  ${{ restrictPushesTo: ['sluice[bot]'] }}                        | ${'ian'} | ${'HEAD:main'} | ${"You're not authorized to push to this branch."}
  ${{ restrictPushesTo: ['sluice[bot]'] }}                        | ${'app'} | ${'HEAD:main'} | ${null}
  ${{ lockBranch: true }}                                         | ${'ian'} | ${'HEAD:main'} | ${'Cannot change this locked branch'}
  ${{ lockBranch: true }}                                         | ${'mia'} | ${'HEAD:main'} | ${null}
  ${{ requiredApprovals: 1 }}                                     | ${'mia'} | ${'HEAD:main'} | ${null}
  ${{ requiredApprovals: 1, enforceAdmins: true }}                | ${'mia'} | ${'HEAD:main'} | ${'Changes must be made through a pull request.'}
  ${{ requiredApprovals: 1, bypassPullRequest: ['sluice[bot]'] }} | ${'app'} | ${'HEAD:main'} | ${null}
  ${{ requiredApprovals: 1 }}                                     | ${'app'} | ${'HEAD:main'} | ${'Changes must be made through a pull request.'}
  ${{ linearHistory: true }}                                      | ${'ian'} | ${'HEAD:main'} | ${null}
  ${{ signatures: true }}                                         | ${'ian'} | ${'HEAD:main'} | ${'Commits must have verified signatures.'}
  ${{}}                                                           | ${'mia'} | ${':main'}     | ${'Cannot delete this branch'}
  ${{ allowDeletions: true }}                                     | ${'mia'} | ${':main'}     | ${null}
`('protected by $protection, $who pushes $what: $said', async ({ protection, who, what, said }) => {
  const { github, push } = await onTop();
  await github.setProtection(name, 'ma?n', protection);
  const pushed = await push(who, what);
  expect(pushed.code === 0).toBe(said === null);
  expect(pushed.err).toContain(said ?? '');
});

test('a signed commit of somebody with an account is verified', async () => {
  const { github, push, git, folder } = await onTop();
  await github.setRuleset(name, { name: 'main', rules: [{ type: 'required_signatures' }] });
  const { out: body } = await git('-C', 'copy', 'cat-file', 'commit', 'HEAD');
  const signature = 'gpgsig -----BEGIN PGP SIGNATURE-----\n \n x\n -----END PGP SIGNATURE-----';
  await writeFile(join(folder, 'signed'), `${body.replace(/\n\n/, `\n${signature}\n\n`)}\n`);
  const { out: sha } = await git('-C', 'copy', 'hash-object', '-w', '-t', 'commit', '../signed');
  expect(await push('ian', `${sha}:main`)).toMatchObject({ code: 0 });
});

test('refs below refs/sluice can be pushed and fetched with contents:write, and not pushed with contents:read', async () => {
  const world = await onTop();
  const { github, push, git, next, app } = world;
  await github.setRuleset(name, { name: 'all', include: ['~ALL'], rules: [pullRequest, { type: 'creation' }] });
  expect(await push('app', 'HEAD:refs/sluice/candidate/x')).toMatchObject({ code: 0 });
  const reader = await github.createApp({ owner: 'acme', name: 'R', permissions: { contents: 'read' }, events: [] });
  const { installationId } = await github.installApp(reader.appId, 'acme');
  const url = remote(github.url, await github.installationToken(installationId));
  const { out } = await git('ls-remote', url, 'refs/sluice/*');
  expect(out).toBe(`${next}\trefs/sluice/candidate/x`);
  await git('init', '--quiet', 'bare');
  expect(await git('-C', 'bare', 'fetch', '--quiet', url, 'refs/sluice/*:refs/sluice/*')).toMatchObject({ code: 0 });
  const refused = await git('-C', 'copy', 'push', url, 'HEAD:refs/sluice/candidate/y');
  expect(refused.err).toContain('403');
  const asked = github.requests.filter(({ path }) => path.endsWith('receive-pack') || path.endsWith('info/refs'));
  expect(asked.at(-1)).toMatchObject({ status: 403 });
  expect(app.appId).not.toBe(reader.appId);
});

test.each`
  operation                                        | parameters                                      | status
  ${'POST /repos/{owner}/{repo}/git/refs'}         | ${{ ref: 'refs/heads/fresh', sha: 'HEAD' }}     | ${422}
  ${'PATCH /repos/{owner}/{repo}/git/refs/{ref}'}  | ${{ ref: 'heads/main', sha: 'MORE' }}           | ${422}
  ${'DELETE /repos/{owner}/{repo}/git/refs/{ref}'} | ${{ ref: 'heads/main' }}                        | ${422}
  ${'PUT /repos/{owner}/{repo}/contents/{path}'}   | ${{ path: 'x', message: 'm', content: 'eA==' }} | ${409}
  ${'POST /repos/{owner}/{repo}/merges'}           | ${{ base: 'main', head: 'more' }}               | ${409}
`('$operation is held to the rules too: $status', async ({ operation, parameters, status }) => {
  const world = await acme();
  const { github, mia, repository } = world;
  const pull = await github.openPullRequest({ repo: name, by: 'mia', branch: 'more', files: { a: '1' } });
  await github.setRuleset(name, {
    name: 'all',
    include: ['~ALL'],
    rules: [pullRequest, { type: 'creation' }, { type: 'deletion' }],
    bypass: [{ role: 'admin' }],
  });
  const sha = parameters.sha === 'MORE' ? pull.headSha : repository.head;
  const filled = { ...repo, ...parameters, ...(parameters.sha && { sha }) };
  const refused = asInstallation(world).request(operation, filled);
  await expect(refused).rejects.toMatchObject({ status });
  await expect(refused).rejects.toThrow('Repository rule violations found');
  expect((await withToken(github, mia.token).request(operation, filled)).status).toBeLessThan(300);
  expect(github.violations).toEqual([]);
});
