import { expect, test } from 'vitest';
import { acme, asInstallation } from './setting.ts';
import { remote, workplace } from './workplace.ts';

const repo = { owner: 'acme', repo: 'app' };
const name = 'acme/app';

test('a branch that moved is seen where it was for as many reads as said, over git and REST', async () => {
  const world = await acme();
  const { github, mia, repository } = world;
  const { rest } = asInstallation(world);
  const { git } = await workplace();
  const url = remote(github.url, mia.token);
  const overGit = async () => (await git('ls-remote', url, 'refs/heads/main')).out.slice(0, 40);
  const overRest = async () => (await rest.git.getRef({ ...repo, ref: 'heads/main' })).data.object.sha;
  await github.lagBehind(name, 'main', 3);
  expect([await overGit(), await overRest()]).toEqual([repository.head, repository.head]);
  const next = await github.push({ repo: name, by: 'mia', branch: 'main', files: { a: '1' } });
  expect([await overGit(), await overRest()]).toEqual([repository.head, repository.head]);
  await git('init', '--quiet', 'copy');
  const fetch = async () => {
    expect(await git('-C', 'copy', 'fetch', '--quiet', url, 'main')).toMatchObject({ code: 0 });
    return (await git('-C', 'copy', 'rev-parse', 'FETCH_HEAD')).out;
  };
  expect([await fetch(), await fetch(), await overRest()]).toEqual([repository.head, next, next]);
});

test('a push that a fault refuses moves nothing and says why', async () => {
  const { github, mia, repository } = await acme();
  const { git } = await workplace();
  const url = remote(github.url, mia.token);
  await git('clone', '--quiet', url, 'copy');
  github.faults.add({
    method: 'POST',
    path: /git-receive-pack$/,
    does: { kind: 'push-refused', reason: 'Internal Server Error', says: ['error: GH000: try again'] },
  });
  const push = () => git('-C', 'copy', 'push', '--atomic', url, 'HEAD:refs/heads/x', 'HEAD:refs/sluice/y');
  const refused = await push();
  expect(refused.err).toContain('remote: error: GH000: try again');
  expect(refused.err).toMatch(/! \[remote rejected\] HEAD -> x \(Internal Server Error\)/);
  expect(await github.branchSha(name, 'x')).toBe(null);
  expect(await push()).toMatchObject({ code: 0 });
  expect(await github.branchSha(name, 'x')).toBe(repository.head);
});
