import { createAppAuth } from '@octokit/auth-app';
import { retry } from '@octokit/plugin-retry';
import { throttling } from '@octokit/plugin-throttling';
import { Octokit } from '@octokit/rest';
import { expect, test } from 'vitest';
import { acme, asApp, asInstallation, withToken } from './setting.ts';

const repo = { owner: 'acme', repo: 'app' };

test('Octokit pages through more than a hundred of anything, by 100 and by 30', async () => {
  const world = await acme();
  const { github } = world;
  const pull = await github.openPullRequest({ repo: 'acme/app', by: 'mia', branch: 'more', files: { a: '1' } });
  for (let n = 1; n <= 215; n += 1) await github.comment('acme/app', pull.number, 'sam', `comment ${n}`);
  const octokit = asInstallation(world);
  const bodies = (comments: { body?: string | undefined }[]) => comments.map(({ body }) => body);
  const byHundred = await octokit.paginate(octokit.rest.issues.listComments, {
    ...repo,
    issue_number: pull.number,
    per_page: 100,
  });
  const byThirty = await octokit.paginate(octokit.rest.issues.listComments, { ...repo, issue_number: pull.number });
  expect(bodies(byHundred)).toEqual(Array.from({ length: 215 }, (_, index) => `comment ${index + 1}`));
  expect(bodies(byThirty)).toEqual(bodies(byHundred));
  const asked = github.requests.filter(({ operation }) => operation === 'issues/list-comments');
  expect(asked).toHaveLength(3 + 8);
  expect(
    (await octokit.rest.issues.listComments({ ...repo, issue_number: pull.number, per_page: 1000 })).data,
  ).toHaveLength(100);
  expect(github.violations).toEqual([]);
});

test('Octokit pages through wrapped lists too, which say their total', async () => {
  const world = await acme();
  const octokit = asInstallation(world);
  for (let n = 0; n < 105; n += 1) {
    await octokit.rest.checks.create({ ...repo, name: `job ${n}`, head_sha: world.repository.head });
  }
  const runs = await octokit.paginate(octokit.rest.checks.listForRef, { ...repo, ref: 'main', per_page: 100 });
  expect(new Set(runs.map(({ name }) => name)).size).toBe(105);
  const { data } = await octokit.rest.checks.listForRef({ ...repo, ref: world.repository.head, check_name: 'job 7' });
  expect(data).toMatchObject({ total_count: 1, check_runs: [{ name: 'job 7', status: 'queued', conclusion: null }] });
  expect(world.github.violations).toEqual([]);
});

test('an answer that has not changed is 304 and costs nothing', async () => {
  const { github, mia } = await acme();
  const octokit = withToken(github, mia.token);
  const { headers } = await octokit.rest.repos.get(repo);
  const again = octokit.rest.repos.get({ ...repo, headers: { 'if-none-match': headers.etag ?? '' } });
  await expect(again).rejects.toMatchObject({ status: 304 });
  expect(github.requests.map(({ status, counted }) => [status, counted])).toEqual([
    [200, true],
    [304, false],
  ]);
  await github.renameRepository('acme/app', 'engine');
  const changed = await octokit.rest.repos.get({
    ...repo,
    repo: 'engine',
    headers: { 'if-none-match': headers.etag ?? '' },
  });
  expect(changed.data.name).toBe('engine');
  expect((await octokit.rest.rateLimit.get()).data.rate).toMatchObject({ limit: 5000, used: 2, remaining: 4998 });
  expect(github.violations).toEqual([]);
});

test('who has used up the hour is refused until it ends', async () => {
  let now = Date.parse('2026-01-01T00:00:00Z');
  const { github, mia } = await acme({ now: () => now, rateLimit: 2 });
  const octokit = withToken(github, mia.token);
  await octokit.rest.repos.get(repo);
  await octokit.rest.repos.get(repo);
  const refused = octokit.rest.repos.get(repo);
  await expect(refused).rejects.toMatchObject({
    status: 403,
    response: { headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(now / 1000 + 3600) } },
  });
  now += 3_600_000;
  expect((await octokit.rest.repos.get(repo)).status).toBe(200);
});

test('a former name leads Octokit to a renamed repository, for reads', async () => {
  const { github, mia } = await acme();
  await github.renameRepository('acme/app', 'engine');
  const { data } = await withToken(github, mia.token).rest.repos.get(repo);
  expect(data.full_name).toBe('acme/engine');
  expect(github.requests.map(({ status }) => status)).toEqual([301, 200]);
  expect(github.violations).toEqual([]);
});

test('the throttling and retry plug-ins of Octokit understand the refusals', async () => {
  const { github, app, installationId } = await acme();
  const seen: string[] = [];
  const Patient = Octokit.plugin(throttling, retry);
  const octokit = new Patient({
    baseUrl: github.apiUrl,
    authStrategy: createAppAuth,
    auth: { appId: app.appId, privateKey: app.privateKey, installationId },
    retry: { retryAfterBaseValue: 1 },
    throttle: {
      fallbackSecondaryRateRetryAfter: 0,
      retryAfterBaseValue: 1,
      onRateLimit: () => Boolean(seen.push('primary')),
      onSecondaryRateLimit: () => Boolean(seen.push('secondary')),
    },
  });
  const path = /\/repos\/acme\/app$/;
  github.faults.add({ path, does: { kind: 'status', status: 502, when: 'before' } });
  github.faults.add({ path, does: { kind: 'secondary-limit', status: 429, retryAfter: 1 } });
  github.faults.add({ path, does: { kind: 'secondary-limit', status: 403, retryAfter: 1 } });
  github.faults.add({ path, does: { kind: 'primary-limit' } });
  const answers: number[] = [];
  for (let n = 0; n < 4; n += 1) answers.push((await octokit.rest.repos.get(repo)).status);
  expect(answers).toEqual([200, 200, 200, 200]);
  expect(seen).toEqual(['secondary', 'secondary', 'primary']);
});

test('an App whose clock is a minute ahead is told the time and gets in', async () => {
  const world = await acme({ now: () => Date.now() - 120_000 });
  expect((await asApp(world).rest.apps.getAuthenticated()).data?.id).toBe(world.app.appId);
  expect(world.github.requests.map(({ status }) => status)).toEqual([401, 200]);
});
