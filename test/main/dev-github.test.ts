import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Octokit } from '@octokit/rest';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { devGithub } from '../../src/dev-github.ts';
import { machineWith, type OwnTemporary, ownTemporary, repositoryAt } from './local-repository.ts';

let temporary: OwnTemporary;

beforeAll(async () => {
  temporary = await ownTemporary();
});
afterAll(() => temporary.remove());

it("can be used by Octokit and git with the person's token, and leaves nothing", async () => {
  const github = await devGithub({ port: 0, folder: null }, machineWith());
  try {
    const [owner = '', repo = ''] = github.repository.split('/');
    const octokit = new Octokit({ baseUrl: github.apiUrl, auth: github.token });
    expect((await octokit.rest.users.getAuthenticated()).data.login).toBe(github.login);
    expect((await octokit.rest.repos.get({ owner, repo })).data.default_branch).toBe('main');
    const clone = repositoryAt(join(tmpdir(), 'sluice-test-main-clone'));
    await mkdir(clone.folder);
    const url = `http://${github.login}:${github.token}@${new URL(github.url).host}/${github.repository}.git`;
    await clone.git('clone', '--quiet', url, '.');
    await clone.commit({ 'new.txt': 'new\n' });
    await clone.git('push', '--quiet', 'origin', 'HEAD:refs/heads/mine');
    expect((await octokit.rest.repos.getBranch({ owner, repo, branch: 'mine' })).data.name).toBe('mine');
    expect(await readdir(clone.folder)).toContain('Dockerfile');
  } finally {
    await github.close();
  }
  expect(await temporary.leftBehind()).toEqual([]);
});

it('keeps its repositories in an empty folder that is named, and takes no other', async () => {
  const folder = join(tmpdir(), 'sluice-test-main-kept');
  const github = await devGithub({ port: 0, folder }, machineWith());
  await github.close();
  expect((await readdir(folder)).length).toBeGreaterThan(0);
  await writeFile(join(folder, 'mine.txt'), 'mine\n');
  await expect(devGithub({ port: 0, folder }, machineWith())).rejects.toMatchObject({
    kind: 'usage',
    message: expect.stringContaining('is not empty'),
  });
});
