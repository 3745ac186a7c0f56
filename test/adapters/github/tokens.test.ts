import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { toSha } from '../../../src/model/sha.ts';
import { type Stage, setStage } from './stage.ts';

let stage: Stage;

beforeEach(async () => {
  stage = await setStage();
});

afterEach(() => stage.close());

// A moved clock makes the forge refuse the first signature, which mints nothing.
const mints = (of: Stage = stage) =>
  of.sent.filter(({ path, status }) => path.endsWith('/access_tokens') && status === 201);

describe('a token', () => {
  it.each`
    purpose                      | doing                                                | body
    ${'the list of projects'}    | ${(s: Stage) => s.forge.projects()}                  | ${() => ({ permissions: { metadata: 'read' } })}
    ${'the work in one of them'} | ${(s: Stage) => s.forge.openPullRequests(s.project)} | ${(s: Stage) => ({ repository_ids: [s.project.id], permissions: { checks: 'write', issues: 'write', pull_requests: 'write', metadata: 'read' } })}
    ${'a checkout'}              | ${(s: Stage) => s.forge.checkoutToken(s.project)}    | ${(s: Stage) => ({ repository_ids: [s.project.id], permissions: { contents: 'read' } })}
  `('for $purpose can do no more than that', async ({ doing, body }) => {
    const fresh = await stage.anotherApp();
    fresh.sent.length = 0;
    fresh.time.now += 2 * 3_600_000;
    await doing(fresh);
    expect(mints(fresh).map((mint) => mint.body)).toEqual([body(fresh)]);
    await fresh.close();
  });

  it('for members is a second one beside the work', async () => {
    stage.sent.length = 0;
    const ada = await stage.github.createUser('grace');
    await stage.forge.rights(stage.project, { id: ada.id, login: 'grace', kind: 'user' });
    expect(mints().map((mint) => mint.body)).toEqual([
      {
        repository_ids: [stage.project.id],
        permissions: { checks: 'write', issues: 'write', pull_requests: 'write', metadata: 'read' },
      },
      { repository_ids: [stage.project.id], permissions: { members: 'read', metadata: 'read' } },
    ]);
  });

  it('for a checkout is new each time and reads only this repository', async () => {
    await stage.github.createRepository('acme/private', { private: true, files: { a: 'a' } });
    const [one, two] = [await stage.forge.checkoutToken(stage.project), await stage.forge.checkoutToken(stage.project)];
    expect(one).not.toBe(two);
    const get = (path: string) =>
      fetch(`${stage.github.apiUrl}/repos/acme/${path}`, { headers: { authorization: `token ${one}` } });
    expect((await get('shop/contents/README.md')).status).toBe(200);
    expect((await get('private/contents/a')).status).toBe(404);
    const check = {
      method: 'POST',
      headers: { authorization: `token ${one}` },
      body: JSON.stringify({ name: 'x', head_sha: 'a'.repeat(40) }),
    };
    expect((await fetch(`${stage.github.apiUrl}/repos/acme/shop/check-runs`, check)).status).toBe(403);
  });

  it('is minted once for callers at the same time, and again shortly before its hour is over', async () => {
    const read = () => stage.forge.openPullRequests(stage.project);
    stage.sent.length = 0;
    await Promise.all([read(), read(), read()]);
    expect(mints()).toHaveLength(1);
    stage.time.now += 54 * 60_000;
    await read();
    expect(mints()).toHaveLength(1);
    stage.time.now += 2 * 60_000;
    await Promise.all([read(), read()]);
    expect(mints()).toHaveLength(2);
  });

  it('is renewed once when the forge refuses it, and no more', async () => {
    await stage.forge.openPullRequests(stage.project);
    stage.sent.length = 0;
    stage.github.faults.add({ path: /pulls$/, count: 5, does: { kind: 'status', status: 401, when: 'before' } });
    await expect(stage.forge.openPullRequests(stage.project)).rejects.toThrow();
    expect(mints()).toHaveLength(1);
    expect(stage.sent.filter((request) => request.path.includes('/pulls'))).toHaveLength(2);
  });

  it('that could not be had is asked for again', async () => {
    stage.github.faults.add({ path: /access_tokens$/, does: { kind: 'status', status: 502, when: 'before' } });
    await expect(stage.forge.openPullRequests(stage.project)).rejects.toThrow(/cannot get a token for work/);
    expect(await stage.forge.openPullRequests(stage.project)).toEqual([]);
  });
});

it('names the version of the API in every request and shows no credentials in the log', async () => {
  const { headSha } = await stage.github.openPullRequest({
    repo: 'acme/shop',
    by: 'ada',
    branch: 'x',
    files: { a: 'b' },
    title: 'x',
  });
  await stage.forge.checkRuns(stage.project, toSha(headSha));
  stage.github.faults.add({ path: /pulls/, count: 9, does: { kind: 'status', status: 500, when: 'before' } });
  await expect(stage.forge.openPullRequests(stage.project)).rejects.toThrow();
  const versions = new Set(stage.sent.map((request) => request.headers.get('x-github-api-version')));
  expect([...versions]).toEqual(['2022-11-28']);
  const secrets = stage.sent.flatMap((request) => request.headers.get('authorization')?.split(' ')[1] ?? []);
  expect(secrets.length).toBeGreaterThan(4);
  for (const secret of secrets) expect(JSON.stringify(stage.lines)).not.toContain(secret);
});

it('corrects the clock of its signature by the time of the forge', async () => {
  stage.time.now -= 10 * 60_000;
  expect(await stage.forge.projects()).toHaveLength(1);
});
