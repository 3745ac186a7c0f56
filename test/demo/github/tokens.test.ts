import { createPrivateKey, generateKeyPairSync, sign } from 'node:crypto';
import { expect, test } from 'vitest';
import { acme, asApp, asInstallation, withToken } from './setting.ts';

const repo = { owner: 'acme', repo: 'app' };
const start = Date.parse('2026-01-01T00:00:00Z');

function jwt(privateKey: string, claims: object, header: object = { alg: 'RS256', typ: 'JWT' }): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${part(header)}.${part(claims)}`;
  return `${signed}.${sign('RSA-SHA256', Buffer.from(signed), createPrivateKey(privateKey)).toString('base64url')}`;
}

test.each`
  what                          | iat     | exp     | status | said
  ${'ten minutes ahead'}        | ${0}    | ${600}  | ${200} | ${'sluice'}
  ${'eleven minutes ahead'}     | ${0}    | ${660}  | ${401} | ${'too far in the future'}
  ${'issued a minute from now'} | ${60}   | ${600}  | ${401} | ${"'Issued at' claim ('iat')"}
  ${'expired'}                  | ${-700} | ${-100} | ${401} | ${"'Expiration time' claim ('exp') must be"}
  ${'without a time at all'}    | ${null} | ${null} | ${401} | ${"'Issued at' claim ('iat')"}
`('a JWT $what is answered $status', async ({ iat, exp, status, said }) => {
  const { github, app } = await acme({ now: () => start });
  const at = start / 1000;
  const token = jwt(app.privateKey, { iss: app.appId, ...(iat !== null && { iat: at + iat, exp: at + exp }) });
  const response = await fetch(`${github.apiUrl}/app`, { headers: { authorization: `Bearer ${token}` } });
  expect(response.status).toBe(status);
  expect(await response.text()).toContain(said);
});

test.each`
  what                    | forge
  ${'another key'}        | ${'key'}
  ${'no algorithm'}       | ${'none'}
  ${'an App that is not'} | ${'app'}
`('a JWT with $what is refused', async ({ forge }) => {
  const { github, app } = await acme({ now: () => start });
  const pair = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const claims = { iss: forge === 'app' ? 1 : app.appId, iat: start / 1000, exp: start / 1000 + 60 };
  const token = jwt(forge === 'key' ? pair.privateKey : app.privateKey, claims, {
    alg: forge === 'none' ? 'none' : 'RS256',
  });
  const response = await fetch(`${github.apiUrl}/app`, { headers: { authorization: `Bearer ${token}` } });
  expect(response.status).toBe(401);
});

test('an installation token works for one hour', async () => {
  let now = start;
  const world = await acme({ now: () => now });
  const octokit = withToken(world.github, await world.github.installationToken(world.installationId));
  now += 3_599_999;
  expect((await octokit.rest.repos.get(repo)).status).toBe(200);
  now += 1;
  await expect(octokit.rest.repos.get(repo)).rejects.toMatchObject({
    status: 401,
    message: expect.stringContaining('Bad credentials'),
  });
});

test('a token is narrowed to repositories and permissions, and never has more than the App', async () => {
  const world = await acme({ private: true });
  const { github, installationId } = world;
  await github.createRepository('acme/second', { private: true });
  const app = asApp(world);
  const give = (wish: object) =>
    app.rest.apps.createInstallationAccessToken({ installation_id: installationId, ...wish });
  const { data } = await give({ repositories: ['app'], permissions: { contents: 'read' } });
  expect(data).toMatchObject({ repository_selection: 'selected', permissions: { contents: 'read', metadata: 'read' } });
  const octokit = withToken(github, data.token);
  expect((await octokit.rest.repos.getBranch({ ...repo, branch: 'main' })).data.commit.sha).toBe(world.repository.head);
  await expect(octokit.rest.repos.get({ owner: 'acme', repo: 'second' })).rejects.toMatchObject({ status: 404 });
  await expect(octokit.rest.pulls.list(repo)).rejects.toMatchObject({
    status: 403,
    message: expect.stringContaining('Resource not accessible by integration'),
  });
  await expect(octokit.rest.git.deleteRef({ ...repo, ref: 'heads/main' })).rejects.toMatchObject({ status: 403 });
  const byId = await give({ repository_ids: [world.repository.id] });
  expect(byId.data.repositories?.map(({ full_name }) => full_name)).toEqual(['acme/app']);
  await expect(give({ permissions: { contents: 'write', workflows: 'write' } })).rejects.toMatchObject({ status: 422 });
  await expect(give({ permissions: { packages: 'read' } })).rejects.toMatchObject({ status: 422 });
  await expect(give({ repositories: ['none'] })).rejects.toMatchObject({ status: 422 });
  expect(github.violations).toEqual([]);
});

test('a suspended installation gets nothing, an uninstalled one is unknown, and both are told to the App', async () => {
  const world = await acme();
  const { github, installationId } = world;
  const octokit = withToken(github, await github.installationToken(installationId));
  await github.suspend(installationId);
  await expect(octokit.rest.repos.get(repo)).rejects.toMatchObject({
    status: 403,
    message: expect.stringContaining('suspended'),
  });
  await expect(asInstallation(world).rest.repos.get(repo)).rejects.toMatchObject({ status: 403 });
  expect(
    (await asApp(world).rest.apps.getInstallation({ installation_id: installationId })).data.suspended_at,
  ).not.toBe(null);
  await github.unsuspend(installationId);
  expect((await octokit.rest.repos.get(repo)).status).toBe(200);
  await github.uninstall(installationId);
  await expect(octokit.rest.repos.get(repo)).rejects.toMatchObject({ status: 401 });
  await expect(asApp(world).rest.apps.getInstallation({ installation_id: installationId })).rejects.toMatchObject({
    status: 404,
  });
});

test.each`
  who           | act          | status
  ${'stranger'} | ${'read'}    | ${200}
  ${'stranger'} | ${'comment'} | ${201}
  ${'stranger'} | ${'label'}   | ${403}
  ${'stranger'} | ${'merge'}   | ${403}
  ${'stranger'} | ${'check'}   | ${403}
  ${'triager'}  | ${'label'}   | ${200}
  ${'triager'}  | ${'merge'}   | ${403}
  ${'writer'}   | ${'merge'}   | ${200}
  ${'writer'}   | ${'check'}   | ${403}
  ${'nobody'}   | ${'read'}    | ${200}
  ${'nobody'}   | ${'comment'} | ${401}
`('in a public repository a $who who would $act is answered $status', async ({ who, act, status }) => {
  const { github } = await acme();
  const pull = await github.openPullRequest({ repo: 'acme/app', by: 'mia', branch: 'more', files: { a: '1' } });
  const { token } = await github.createUser('ann');
  if (who === 'triager') await github.setPermission('acme/app', 'ann', 'triage');
  if (who === 'writer') await github.setPermission('acme/app', 'ann', 'write');
  const { rest } = withToken(github, who === 'nobody' ? undefined : token);
  const number = { issue_number: pull.number };
  const acts: Record<string, () => Promise<{ status: number }>> = {
    read: () => rest.repos.get(repo),
    comment: () => rest.issues.createComment({ ...repo, ...number, body: 'hi' }),
    label: () => rest.issues.addLabels({ ...repo, ...number, labels: ['hold'] }),
    merge: () => rest.pulls.merge({ ...repo, pull_number: pull.number }),
    check: () => rest.checks.create({ ...repo, name: 'mine', head_sha: pull.headSha }),
  };
  const answered = await acts[act]?.().catch((error: { status: number }) => error);
  expect(answered?.status).toBe(status);
});

test('a private repository is not there for those who may not read it', async () => {
  const { github, sam } = await acme({ private: true });
  for (const octokit of [withToken(github, sam.token), withToken(github, undefined)]) {
    await expect(octokit.rest.repos.get(repo)).rejects.toMatchObject({ status: 404 });
  }
});
