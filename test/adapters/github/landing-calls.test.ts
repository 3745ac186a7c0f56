import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createGitHubApp } from '../../../src/adapters/github/app.ts';
import { mergePullRequest } from '../../../src/adapters/github/merge-pull-request.ts';
import { type Sha, toSha } from '../../../src/model/sha.ts';
import { appPermissions, type Stage, setStage } from './stage.ts';

let stage: Stage;
let number: number;
let head: Sha;

beforeEach(async () => {
  stage = await setStage();
  const files = { a: 'x' };
  const opened = await stage.github.openPullRequest({
    repo: 'acme/shop',
    by: 'ada',
    branch: 'change',
    files,
    title: 'C',
  });
  [number, head] = [opened.number, toSha(opened.headSha)];
  stage.sent.length = 0;
});

afterEach(async () => {
  const broken = stage.github.violations.filter(({ kind }) => kind !== 'response');
  await stage.close();
  expect(broken).toEqual([]);
});

const shown = () => stage.github.pullRequest('acme/shop', number);
const minted = () => stage.sent.filter(({ path }) => path.endsWith('/access_tokens')).map(({ body }) => body);
const writes = () => stage.sent.filter(({ method, path }) => method !== 'GET' && !path.endsWith('/access_tokens'));

describe('closing', () => {
  const close = (which = number) => stage.gate.close(stage.project, which);

  it('closes, with a token that may do no more than that, and again changes nothing', async () => {
    await close();
    expect((await shown()).state).toBe('closed');
    await close();
    expect((await shown()).state).toBe('closed');
    expect(minted()).toEqual([
      { repository_ids: [stage.project.id], permissions: { pull_requests: 'write', metadata: 'read' } },
    ]);
  });

  it('leaves what is merged', async () => {
    await stage.github.setPermission('acme/shop', 'ada', 'write');
    await stage.github.pressMerge('acme/shop', number, 'ada');
    await close();
    expect(await shown()).toMatchObject({ state: 'closed', merged: true });
  });

  it('takes a refusal for done only when it is closed', async () => {
    const refuse = () =>
      stage.github.faults.add({ method: 'PATCH', does: { kind: 'status', status: 422, when: 'before' } });
    refuse();
    await expect(close()).rejects.toThrow();
    await stage.github.closePullRequest('acme/shop', number, 'ada');
    refuse();
    await close();
  });

  it('throws when it is not there, or when there is no answer, and sends nothing again', async () => {
    await expect(close(4_711)).rejects.toThrow(/Not Found/);
    stage.sent.length = 0;
    stage.github.faults.add({ method: 'PATCH', count: 9, does: { kind: 'status', status: 502, when: 'before' } });
    await expect(close()).rejects.toThrow();
    expect(writes()).toHaveLength(1);
  });
});

describe('a label', () => {
  const set = (label: string, present: boolean) => stage.gate.setLabel(stage.project, number, label, present);
  const made = () => writes().filter(({ path }) => path.endsWith('/shop/labels'));

  it('is put on and taken off, and again changes nothing', async () => {
    await set('sluice/hold', true);
    await set('sluice/hold', true);
    expect((await shown()).labels).toEqual(['sluice/hold']);
    await set('sluice/hold', false);
    await set('sluice/hold', false);
    expect((await shown()).labels).toEqual([]);
  });

  it('is made with a colour and a description where the repository has none, once', async () => {
    await set('gate', true);
    await set('gate', false);
    await set('GATE', true);
    expect(made().map(({ body }) => body)).toEqual([
      { name: 'gate', color: expect.stringMatching(/^[0-9a-f]{6}$/), description: expect.stringMatching(/^.{1,100}$/) },
    ]);
    expect((await shown()).labels).toEqual(['gate']);
  });

  it('of the repository is left as it is', async () => {
    await stage.github.label('acme/shop', number, 'gate', 'ada');
    await set('gate', true);
    expect(made()).toEqual([]);
  });

  it('that somebody else made meanwhile is put on', async () => {
    await stage.github.label('acme/shop', number, 'gate', 'ada');
    await stage.github.unlabel('acme/shop', number, 'gate', 'ada');
    stage.answers.change = (path) => (/\/shop\/labels\?/.test(path) ? [] : null);
    await set('gate', true);
    expect(made().map(({ status }) => status)).toEqual([422]);
    expect((await shown()).labels).toEqual(['gate']);
  });

  it('that may not be made is a throw', async () => {
    stage.github.faults.add({ method: 'POST', path: /labels$/, does: { kind: 'status', status: 422, when: 'before' } });
    await expect(set('gate', true)).rejects.toThrow();
  });

  it('is looked for on every page', async () => {
    for (let index = 0; index < 100; index += 1) await stage.github.label('acme/shop', number, `l-${index}`, 'ada');
    await stage.github.label('acme/shop', number, 'zz', 'ada');
    await set('zz', true);
    expect(made()).toEqual([]);
    stage.github.faults.add({
      path: /shop\/labels$/,
      method: 'GET',
      skip: 1,
      count: 9,
      does: { kind: 'status', status: 502, when: 'before' },
    });
    await expect(set('zz', true)).rejects.toThrow();
  });

  it('of a pull request that is not there is a throw, on and off', async () => {
    for (const present of [true, false]) {
      await expect(stage.gate.setLabel(stage.project, 4_711, 'gate', present)).rejects.toThrow(/Not Found/);
    }
  });
});

describe('the merge endpoint', () => {
  const merge = (
    method: 'merge' | 'squash' | 'rebase' = 'squash',
    { at = head, message = 'Title (#1)\n\nBody\n\nChange: 1\n' }: { at?: Sha; message?: string } = {},
  ) => stage.gate.merge(stage.project, number, at, method, message);
  const pressed = () => stage.sent.filter(({ path }) => path.endsWith('/merge'));

  it('merges with the head named, and gives the commit', async () => {
    const merged = await merge();
    expect(merged).toEqual({ kind: 'merged', commit: await stage.github.branchSha('acme/shop', 'main') });
    expect(await shown()).toMatchObject({ merged: true });
    expect(pressed()[0]?.body).toEqual({
      sha: head,
      merge_method: 'squash',
      commit_title: 'Title (#1)',
      commit_message: 'Body\n\nChange: 1',
    });
    expect(minted()).toEqual([
      { repository_ids: [stage.project.id], permissions: { contents: 'write', metadata: 'read' } },
    ]);
  });

  it('sends no message for a rebase, and an empty body for a message of one line', async () => {
    await merge('merge', { at: toSha('b'.repeat(40)), message: 'Only a title' });
    expect(pressed()[0]?.body).toMatchObject({ commit_title: 'Only a title', commit_message: '' });
    expect(await merge('rebase')).toMatchObject({ kind: 'merged' });
    expect(pressed()[1]?.body).toEqual({ sha: head, merge_method: 'rebase' });
  });

  it('says that the head moved, in the words of GitHub', async () => {
    expect(await merge('squash', { at: toSha('b'.repeat(40)) })).toEqual({
      kind: 'moved',
      because: expect.stringMatching(/^Head branch was modified/),
    });
    expect((await shown()).merged).toBe(false);
  });

  it('refuses what the rules of the branch forbid', async () => {
    await stage.github.setProtection('acme/shop', 'main', { requiredApprovals: 1 });
    expect(await merge()).toEqual({ kind: 'refused', because: expect.stringMatching(/approving review is required/) });
  });

  it('presses again with the permission to change workflows where GitHub asks for it, and tells where it has none', async () => {
    const message =
      'refusing to allow a GitHub App to create or update workflow `a.yml` without `workflows` permission';
    const refuse = () =>
      stage.github.faults.add({ path: /\/merge$/, does: { kind: 'status', status: 405, when: 'before', message } });
    refuse();
    expect(await merge()).toEqual({
      kind: 'refused',
      because: expect.stringMatching(/permissions requested are not granted/),
    });
    await stage.github.setAppPermissions(stage.app.appId, { ...appPermissions, workflows: 'write' });
    refuse();
    expect(await merge()).toMatchObject({ kind: 'merged' });
    expect(pressed()).toHaveLength(3);
    expect(minted().at(-1)).toMatchObject({ permissions: { contents: 'write', workflows: 'write' } });
  });

  it('says that the base moved while it was merged, and sends it once', async () => {
    const message = 'Base branch was modified. Review and try the merge again.';
    const does = { kind: 'status', status: 405, when: 'before', message } as const;
    stage.github.faults.add({ path: /\/merge$/, count: 9, does });
    expect(await merge()).toEqual({ kind: 'moved', because: expect.stringContaining(message) });
    expect(pressed()).toHaveLength(1);
  });

  it('says that nobody knows when no answer comes in time, or one without a commit', async () => {
    const late = createGitHubApp({
      ...stage.settings,
      apiUrl: stage.github.apiUrl,
      pace: 'unbounded',
      fetch: async (input, init) => {
        if (String(input).endsWith('/merge')) throw new DOMException('The operation timed out.', 'TimeoutError');
        return fetch(input, init);
      },
    });
    const wish = { number, head, method: 'squash', message: 'x' } as const;
    expect(await mergePullRequest(late, stage.project, wish)).toEqual({
      kind: 'unknown',
      because: expect.stringMatching(/timed out/),
    });
    stage.answers.change = (path) => (path.endsWith('/merge') ? { merged: false, message: 'queued', sha: '' } : null);
    expect(await merge()).toEqual({ kind: 'unknown', because: 'GitHub answered: queued' });
  });

  it.each([403, 404, 405, 422])('refuses what GitHub answers with %i, and sends it once', async (status) => {
    stage.github.faults.add({ path: /\/merge$/, count: 9, does: { kind: 'status', status, when: 'before' } });
    expect(await merge()).toEqual({ kind: 'refused', because: expect.any(String) });
    expect(pressed()).toHaveLength(1);
  });

  it.each([
    { kind: 'status', status: 500, when: 'after' },
    { kind: 'status', status: 502, when: 'before' },
    { kind: 'reset', when: 'after' },
    { kind: 'reset', when: 'before' },
    { kind: 'secondary-limit', status: 403, retryAfter: 30 },
    { kind: 'secondary-limit', status: 429 },
    { kind: 'primary-limit' },
  ] as const)('says that nobody knows after %j, and sends it once', async (does) => {
    stage.github.faults.add({ path: /\/merge$/, count: 9, does });
    expect(await merge()).toEqual({ kind: 'unknown', because: expect.any(String) });
    expect(pressed()).toHaveLength(1);
    expect((await shown()).merged).toBe('when' in does && does.when === 'after');
  });

  it('names what the App lacks where it may not write contents', async () => {
    const { contents: _, ...fewer } = appPermissions;
    const other = await setStage(fewer);
    try {
      const refused = await other.gate.merge(other.project, 1, head, 'merge', 'x');
      expect(refused).toEqual({
        kind: 'refused',
        because: expect.stringMatching(/permissions requested are not granted/),
      });
    } finally {
      await other.close();
    }
  });
});

describe('whether workflows may be changed', () => {
  it('is what the installation was given, read anew each time', async () => {
    expect(await stage.gate.mayChangeWorkflows(stage.project)).toBe(false);
    await stage.github.setAppPermissions(stage.app.appId, { ...appPermissions, workflows: 'write' });
    expect(await stage.gate.mayChangeWorkflows(stage.project)).toBe(true);
  });

  it('is a throw when nobody says', async () => {
    stage.github.faults.add({
      path: /app\/installations\/\d+$/,
      count: 9,
      does: { kind: 'status', status: 502, when: 'before' },
    });
    await expect(stage.gate.mayChangeWorkflows(stage.project)).rejects.toThrow();
  });
});

describe('a token to land with', () => {
  const mint = (workflows: boolean) =>
    stage.app.mint({ kind: 'land', installation: stage.installation, repository: stage.project.id, workflows });

  beforeEach(async () => {
    await stage.close();
    stage = await setStage({ ...appPermissions, workflows: 'write' });
    stage.sent.length = 0;
  });

  it.each`
    workflows | permissions
    ${false}  | ${{ contents: 'write' }}
    ${true}   | ${{ contents: 'write', workflows: 'write' }}
  `('may change workflows only when asked for ($workflows)', async ({ workflows, permissions }) => {
    expect(await mint(workflows)).toMatch(/^ghs_/);
    expect(minted()).toEqual([{ repository_ids: [stage.project.id], permissions }]);
  });

  it('names what the App lacks where it may not change workflows', async () => {
    await stage.close();
    stage = await setStage();
    expect(await mint(false)).toMatch(/^ghs_/);
    await expect(mint(true)).rejects.toThrow(
      /^cannot get a token for land-workflows.*takes contents: write, workflows: write$/,
    );
  });

  it('is another one each time', async () => {
    expect(await mint(false)).not.toBe(await mint(false));
  });
});
