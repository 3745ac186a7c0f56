import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Project } from '../../../src/model/project.ts';
import { toSha } from '../../../src/model/sha.ts';
import { type Stage, setStage } from './stage.ts';

let stage: Stage;

beforeEach(async () => {
  stage = await setStage();
});

afterEach(async () => {
  const broken = stage.github.violations.filter(({ kind }) => kind === 'request');
  await stage.close();
  expect(broken).toEqual([]);
});

const names = (projects: readonly Project[]) => projects.map((project) => `${project.owner}/${project.name}`).sort();
const open = (branch: string, more: object = {}) =>
  stage.github.openPullRequest({
    repo: 'acme/shop',
    by: 'ada',
    branch,
    files: { [branch]: 'x' },
    title: branch,
    ...more,
  });

describe('projects', () => {
  it('are the repositories of all active installations', async () => {
    const { github, app } = stage;
    await github.createOrganization('globex');
    await github.createRepository('globex/one', {});
    await github.createRepository('globex/two', { private: true });
    const { installationId } = await github.installApp(app.appId, 'globex', ['globex/two']);
    expect(names(await stage.forge.projects())).toEqual(['acme/shop', 'globex/two']);
    await github.suspend(installationId);
    expect(names(await stage.forge.projects())).toEqual(['acme/shop']);
    await github.unsuspend(installationId);
    expect(names(await stage.forge.projects())).toEqual(['acme/shop', 'globex/two']);
    await github.uninstall(installationId);
    expect(names(await stage.forge.projects())).toEqual(['acme/shop']);
  });

  it('leave out what is archived', async () => {
    await stage.github.createRepository('acme/old', {});
    await stage.github.setRepository('acme/old', { archived: true });
    expect(names(await stage.forge.projects())).toEqual(['acme/shop']);
  });

  it('are read page by page', async () => {
    for (let index = 0; index < 104; index += 1) await stage.github.createRepository(`acme/r-${index}`, {});
    expect(await stage.forge.projects()).toHaveLength(105);
  }, 60_000);

  it('say where git clones from and how the branch is called', async () => {
    expect(stage.project).toMatchObject({
      owner: 'acme',
      name: 'shop',
      private: false,
      defaultBranch: 'main',
      installation: stage.installation,
      cloneUrl: `${stage.github.url}/acme/shop.git`,
    });
  });

  it('throw when one page cannot be read', async () => {
    stage.github.faults.add({
      path: /installation\/repositories/,
      count: 9,
      does: { kind: 'status', status: 502, when: 'before' },
    });
    await expect(stage.forge.projects()).rejects.toThrow();
  });
});

describe('a project', () => {
  it('keeps its id when it is renamed', async () => {
    await stage.github.renameRepository('acme/shop', 'store');
    expect(await stage.forge.project(stage.project.id)).toMatchObject({ id: stage.project.id, name: 'store' });
  });

  it('is not the repository that took its name', async () => {
    await stage.github.renameRepository('acme/shop', 'store');
    await stage.github.createRepository('acme/shop', {});
    expect(await stage.forge.project(stage.project.id)).toMatchObject({ id: stage.project.id, name: 'store' });
  });

  it('is null once it is deleted, or the App is taken off', async () => {
    expect(await stage.forge.project(999_999)).toBeNull();
    await stage.github.deleteRepository('acme/shop');
    expect(await stage.forge.project(stage.project.id)).toBeNull();
    await stage.github.uninstall(stage.installation);
    expect(await stage.forge.project(stage.project.id)).toBeNull();
  });

  it('is found where it was transferred to, when the App is there too', async () => {
    await stage.github.createOrganization('globex');
    const { installationId } = await stage.github.installApp(stage.app.appId, 'globex', 'all');
    await stage.github.transfer('acme/shop', 'globex');
    expect(await stage.forge.project(stage.project.id)).toMatchObject({
      owner: 'globex',
      installation: installationId,
    });
  });

  it('throws when the forge gives no answer', async () => {
    stage.github.faults.add({
      path: /repos\/acme\/shop$/,
      count: 9,
      does: { kind: 'status', status: 503, when: 'before' },
    });
    await expect(stage.forge.project(stage.project.id)).rejects.toThrow();
  });

  it('tells since when the App is there', async () => {
    const at = await stage.forge.installedAt(stage.project);
    expect(Math.abs(at - stage.time.now)).toBeLessThan(1_000);
  });
});

describe('a pull request', () => {
  it('is shown with what the forge says of it now', async () => {
    const opened = await open('change', { draft: true });
    await stage.github.label('acme/shop', opened.number, 'bug', 'ada');
    const found = await stage.forge.pullRequest(stage.project, opened.number);
    expect(found).toMatchObject({
      number: opened.number,
      title: 'change',
      author: { login: 'ada', kind: 'user', id: expect.any(Number) },
      state: 'open',
      draft: true,
      head: opened.headSha,
      headRef: 'change',
      baseRef: 'main',
      labels: ['bug'],
    });
  });

  it('is open, closed or merged', async () => {
    const [one, two] = [await open('one'), await open('two')];
    await stage.github.closePullRequest('acme/shop', one.number, 'ada');
    await stage.github.setPermission('acme/shop', 'ada', 'write');
    await stage.github.pressMerge('acme/shop', two.number, 'ada');
    expect((await stage.forge.pullRequest(stage.project, one.number))?.state).toBe('closed');
    expect((await stage.forge.pullRequest(stage.project, two.number))?.state).toBe('merged');
  });

  it('that is not there is null', async () => {
    expect(await stage.forge.pullRequest(stage.project, 4_711)).toBeNull();
  });

  it('is in the list while it is open, whole or a throw', async () => {
    for (let index = 0; index < 103; index += 1) await open(`b-${index}`);
    await stage.github.closePullRequest('acme/shop', 7, 'ada');
    const listed = await stage.forge.openPullRequests(stage.project);
    expect(listed).toHaveLength(102);
    expect(new Set(listed.map((pullRequest) => pullRequest.number)).size).toBe(102);
    stage.github.faults.add({
      path: /pulls$/,
      skip: 1,
      count: 9,
      does: { kind: 'status', status: 502, when: 'before' },
    });
    await expect(stage.forge.openPullRequests(stage.project)).rejects.toThrow();
  }, 120_000);

  it('is found by its head, from a fork too, while it is open', async () => {
    await stage.github.fork('acme/shop', 'eve');
    const own = await open('own');
    const foreign = await stage.github.openPullRequest({
      repo: 'acme/shop',
      by: 'eve',
      fork: 'eve/shop',
      branch: 'from-fork',
      files: { f: 'x' },
      title: 'fork',
    });
    const at = (sha: string) => stage.forge.pullRequestsAt(stage.project, toSha(sha));
    expect(await at(own.headSha)).toEqual([own.number]);
    expect(await at(foreign.headSha)).toEqual([foreign.number]);
    expect(await at(own.baseSha)).toEqual([]);
    await stage.github.closePullRequest('acme/shop', own.number, 'ada');
    expect(await at(own.headSha)).toEqual([]);
  });
});

describe('check runs', () => {
  it('are read page by page, and only ours', async () => {
    const { headSha } = await open('change');
    const other = await stage.anotherApp();
    const create = async (by: Stage, name: string) => {
      const purpose = { kind: 'work', installation: by.installation, repository: stage.project.id } as const;
      const which = { owner: 'acme', repo: 'shop', head_sha: headSha, name, status: 'queued' } as const;
      await by.app.as(purpose).rest.checks.create({ ...which, external_id: `id/${name}` });
    };
    for (let index = 0; index < 150; index += 1) await create(stage, `job-${index}`);
    await create(other, 'theirs');
    const runs = await stage.forge.checkRuns(stage.project, toSha(headSha));
    expect(runs).toHaveLength(150);
    expect(runs.find((run) => run.name === 'job-149')).toMatchObject({
      externalId: 'id/job-149',
      state: { status: 'queued' },
      commit: headSha,
    });
    expect(runs.some((run) => run.name === 'theirs')).toBe(false);
  }, 60_000);

  it('throw when the second page fails', async () => {
    const { headSha } = await open('change');
    stage.github.faults.add({ path: /check-runs/, count: 9, does: { kind: 'status', status: 500, when: 'before' } });
    await expect(stage.forge.checkRuns(stage.project, toSha(headSha))).rejects.toThrow();
  });
});

describe('what it costs', () => {
  const counted = () => stage.github.requests.filter((request) => request.counted).length;

  it('is nothing for lists that did not change', async () => {
    const { headSha } = await open('change');
    const read = async () => [
      await stage.forge.openPullRequests(stage.project),
      await stage.forge.checkRuns(stage.project, toSha(headSha)),
    ];
    const first = await read();
    const before = counted();
    expect(await read()).toEqual(first);
    expect(counted()).toBe(before);
    await open('another');
    expect((await read())[0]).toHaveLength(2);
    expect(counted()).toBeGreaterThan(before);
  });

  it('is one more request for a read that failed once', async () => {
    stage.github.faults.add({ path: /pulls$/, does: { kind: 'status', status: 502, when: 'before' } });
    expect(await stage.forge.openPullRequests(stage.project)).toEqual([]);
  });

  it('is no further request when a limit is met', async () => {
    stage.github.faults.add({
      path: /pulls$/,
      count: 5,
      does: { kind: 'secondary-limit', status: 429, retryAfter: 30 },
    });
    stage.sent.length = 0;
    await expect(stage.forge.openPullRequests(stage.project)).rejects.toThrow(/secondary rate limit/);
    expect(stage.sent.filter((request) => /pulls/.test(request.path))).toHaveLength(1);
  });
});
