import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { acme, startedReceiver } from './setting.ts';
import { remote, workplace } from './workplace.ts';

test('anyone clones a public repository, and fetches any commit by its full SHA, shallow', async () => {
  const { github, repository } = await acme();
  const { sha } = { sha: await github.push({ repo: 'acme/app', by: 'mia', branch: 'main', files: { a: '1' } }) };
  const { git, folder } = await workplace();
  await git('clone', '--quiet', repository.cloneUrl, 'copy');
  expect((await git('-C', 'copy', 'rev-parse', 'HEAD')).out).toBe(sha);
  await git('init', '--quiet', 'bare');
  const fetched = await git('-C', 'bare', 'fetch', '--quiet', '--depth=1', repository.cloneUrl, repository.head);
  expect(fetched).toMatchObject({ code: 0 });
  expect((await git('-C', 'bare', 'rev-parse', 'FETCH_HEAD')).out).toBe(repository.head);
  expect(folder).toBeTruthy();
});

test('a private repository asks for a token that may read it', async () => {
  const { github, repository, sam, installationId } = await acme({ private: true });
  const { git } = await workplace();
  expect((await git('ls-remote', repository.cloneUrl)).err).toContain('could not read Username');
  expect((await git('ls-remote', remote(github.url, sam.token))).err).toContain('not found');
  expect(await git('ls-remote', remote(github.url, await github.installationToken(installationId)))).toMatchObject({
    code: 0,
  });
});

test('a push to the head branch moves the pull request and is told before git has its answer', async () => {
  const { github, app, mia } = await acme();
  const receiver = await startedReceiver();
  const pull = await github.openPullRequest({ repo: 'acme/app', by: 'mia', branch: 'more', files: { a: '1' } });
  await github.setWebhookUrl(app.appId, receiver.url);
  const { git, folder } = await workplace();
  await git('clone', '--quiet', '--branch=more', remote(github.url, mia.token), 'copy');
  await writeFile(join(folder, 'copy', 'a'), '2');
  await git('-C', 'copy', 'commit', '--quiet', '-am', 'two');
  const { out: head } = await git('-C', 'copy', 'rev-parse', 'HEAD');
  expect(await git('-C', 'copy', 'push', '--quiet')).toMatchObject({ code: 0 });
  expect(await github.pullRequest('acme/app', pull.number)).toMatchObject({ headSha: head });
  await github.webhooks.settled();
  expect(receiver.names()).toEqual(['push', 'check_suite.requested', 'pull_request.synchronize']);
  expect(receiver.received[2]?.payload).toMatchObject({ before: pull.headSha, after: head, sender: { login: 'mia' } });
});

test('an atomic push with leases lands all refs or none, and says which lease was stale', async () => {
  const { github, installationId, repository } = await acme();
  const url = remote(github.url, await github.installationToken(installationId));
  const { git, folder } = await workplace();
  await git('clone', '--quiet', url, 'copy');
  await writeFile(join(folder, 'copy', 'a'), '1');
  await git('-C', 'copy', 'add', '.');
  await git('-C', 'copy', 'commit', '--quiet', '-m', 'one');
  const { out: next } = await git('-C', 'copy', 'rev-parse', 'HEAD');
  const land = (tip: string) =>
    git(
      '-C',
      'copy',
      'push',
      '--atomic',
      '--porcelain',
      `--force-with-lease=refs/heads/main:${tip}`,
      '--force-with-lease=refs/sluice/ledger/main:',
      url,
      `${next}:refs/heads/main`,
      `${next}:refs/sluice/ledger/main`,
    );
  const other = await github.push({ repo: 'acme/app', by: 'mia', branch: 'main', files: { b: '1' } });
  const stale = await land(repository.head);
  expect(stale.code).toBe(1);
  expect(stale.out).toContain('stale info');
  expect(await github.branchSha('acme/app', 'main')).toBe(other);
  await github.setBranch({ repo: 'acme/app', by: 'mia', branch: 'main', sha: repository.head });
  expect(await land(repository.head)).toMatchObject({ code: 0 });
  expect(await github.branchSha('acme/app', 'main')).toBe(next);
});

test('an App without `workflows: write` cannot push a workflow, and nothing else of an atomic push lands', async () => {
  const { github, installationId } = await acme();
  const url = remote(github.url, await github.installationToken(installationId));
  const { git, folder } = await workplace();
  await git('clone', '--quiet', url, 'copy');
  await mkdir(join(folder, 'copy', '.github', 'workflows'), { recursive: true });
  await writeFile(join(folder, 'copy', '.github', 'workflows', 'ci.yml'), 'on: push');
  await git('-C', 'copy', 'add', '.');
  await git('-C', 'copy', 'commit', '--quiet', '-m', 'one');
  const refused = await git('-C', 'copy', 'push', '--atomic', url, 'HEAD:refs/heads/main', 'HEAD~1:refs/heads/side');
  expect(refused.err).toContain(
    'refusing to allow a GitHub App to create or update workflow `.github/workflows/ci.yml` without `workflows` permission',
  );
  expect(await github.branchSha('acme/app', 'side')).toBe(null);
});

test.each`
  who                         | branch                 | said
  ${'a stranger'}             | ${'refs/heads/x'}      | ${'Write access to repository not granted'}
  ${'a maintainer'}           | ${'refs/pull/1/head'}  | ${'deny updating a hidden ref'}
  ${'a maintainer'}           | ${'refs/heads/locked'} | ${'Protected branch update failed'}
  ${'a token of former days'} | ${'refs/heads/x'}      | ${'Authentication failed'}
`('$who cannot push to $branch: $said', async ({ who, branch, said }) => {
  let now = Date.parse('2026-01-01T00:00:00Z');
  const { github, mia, sam, repository, installationId } = await acme({ now: () => now });
  await github.setRules('acme/app', 'locked', { restrictPushesTo: ['nobody'] });
  const old = await github.installationToken(installationId);
  now += 3_600_001;
  const tokens: Record<string, string> = {
    'a stranger': sam.token,
    'a maintainer': mia.token,
    'a token of former days': old,
  };
  const { git } = await workplace();
  await git('clone', '--quiet', repository.cloneUrl, 'copy');
  const pushed = await git('-C', 'copy', 'push', remote(github.url, tokens[who] ?? ''), `HEAD:${branch}`);
  expect(pushed.code).not.toBe(0);
  expect(pushed.err).toContain(said);
});

test('a stranger opens a pull request from a fork, whose commits can be fetched from the parent', async () => {
  const { github, repository } = await acme();
  await github.fork('acme/app', 'sam');
  const pull = await github.openPullRequest({
    repo: 'acme/app',
    by: 'sam',
    fork: 'sam/app',
    branch: 'idea',
    files: { a: '1' },
  });
  const head = await github.push({ repo: 'sam/app', by: 'sam', branch: 'idea', files: { a: '2' } });
  expect(await github.pullRequest('acme/app', pull.number)).toMatchObject({ headSha: head });
  const { git } = await workplace();
  const { out } = await git('ls-remote', repository.cloneUrl, `refs/pull/${pull.number}/head`);
  expect(out).toBe(`${head}\trefs/pull/${pull.number}/head`);
  await git('init', '--quiet', 'bare');
  expect(await git('-C', 'bare', 'fetch', '--quiet', repository.cloneUrl, head)).toMatchObject({ code: 0 });
});

test('a former name still leads to a renamed repository, for clones and pushes', async () => {
  const { github, mia, repository } = await acme();
  await github.renameRepository('acme/app', 'engine');
  const { git } = await workplace();
  expect(await git('clone', '--quiet', repository.cloneUrl, 'copy')).toMatchObject({ code: 0 });
  expect(await git('-C', 'copy', 'push', '--quiet', remote(github.url, mia.token), 'HEAD:refs/heads/x')).toMatchObject({
    code: 0,
  });
  expect(await github.branchSha('acme/engine', 'x')).toBe(repository.head);
});

test('a pull request counts as merged once its head is reachable from the base, however it came there', async () => {
  const { github, mia } = await acme();
  const pull = await github.openPullRequest({ repo: 'acme/app', by: 'mia', branch: 'more', files: { a: '1' } });
  const { git } = await workplace();
  await git('clone', '--quiet', remote(github.url, mia.token), 'copy');
  await git('-C', 'copy', 'merge', '--quiet', '--no-ff', '-m', 'by hand', 'origin/more');
  const { out: merge } = await git('-C', 'copy', 'rev-parse', 'HEAD');
  await git('-C', 'copy', 'push', '--quiet', 'origin', 'HEAD:main');
  expect(await github.pullRequest('acme/app', pull.number)).toMatchObject({
    state: 'closed',
    merged: true,
    mergeCommitSha: merge,
  });
});

test('a push of several megabytes goes through, as does its clone', async () => {
  const { github, mia, repository } = await acme();
  const { git, folder } = await workplace();
  await git('clone', '--quiet', remote(github.url, mia.token), 'copy');
  const noise = Array.from({ length: 200_000 }, (_, n) => createHash('sha256').update(`${n}`).digest('base64')).join(
    '\n',
  );
  await writeFile(join(folder, 'copy', 'noise'), noise);
  await git('-C', 'copy', 'add', '.');
  await git('-C', 'copy', 'commit', '--quiet', '-m', 'noise');
  expect(await git('-C', 'copy', 'push', '--quiet', 'origin', 'HEAD:main')).toMatchObject({ code: 0 });
  await git('clone', '--quiet', repository.cloneUrl, 'again');
  expect((await git('-C', 'again', 'cat-file', '-s', 'HEAD:noise')).out).toBe(String(noise.length));
});
