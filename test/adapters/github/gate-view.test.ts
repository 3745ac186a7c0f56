import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { GateView } from '../../../src/model/gate-view.ts';
import { appPermissions, type Stage, setStage } from './stage.ts';

let stage: Stage;
let number: number;
let head: string;

beforeEach(async () => {
  stage = await setStage();
  await stage.github.createUser('bob');
  await stage.github.setPermission('acme/shop', 'bob', 'maintain');
  const files = { a: 'x' };
  const wish = { repo: 'acme/shop', by: 'ada', branch: 'change', files, title: 'Change', body: 'Because.' };
  const opened = await stage.github.openPullRequest(wish);
  [number, head] = [opened.number, opened.headSha];
  stage.sent.length = 0;
});

afterEach(async () => {
  const broken = stage.github.violations.filter(({ kind }) => kind !== 'response');
  await stage.close();
  expect(broken).toEqual([]);
});

async function view(): Promise<GateView> {
  const found = await stage.gate.gateView(stage.project, number);
  if (found === null) throw new Error('it is not there');
  return found;
}

const review = (by: string, state: 'APPROVED' | 'CHANGES_REQUESTED' | 'COMMENTED', commit?: string) => {
  stage.time.now += 1_000;
  return stage.github.review({ repo: 'acme/shop', number, by, state, ...(commit !== undefined && { commit }) });
};
const said = ({ reviews }: GateView) => reviews.map(({ by, state, permission }) => [by.login, state, permission]);
const fail = (path: RegExp, skip = 0) =>
  stage.github.faults.add({ path, skip, count: 9, does: { kind: 'status', status: 502, when: 'before' } });

describe('the view of a pull request', () => {
  it('holds it as it is now, with its description and what is absent', async () => {
    expect(await view()).toEqual({
      pull: expect.objectContaining({ number, head, state: 'open', title: 'Change', baseRef: 'main' }),
      body: 'Because.',
      reviews: [],
      codeOwnersApproved: null,
      checks: [],
      unresolved: 0,
      autoMerge: false,
      mergedAs: null,
      lastPusher: null,
      signed: false,
      commits: 1,
    });
  });

  it('is null for one that is not there', async () => {
    expect(await stage.gate.gateView(stage.project, 4_711)).toBeNull();
  });

  it('says whether auto-merge is on', async () => {
    await stage.github.enableAutoMerge('acme/shop', number, 'ada');
    expect((await view()).autoMerge).toBe(true);
    await stage.github.disableAutoMerge('acme/shop', number, 'ada');
    expect((await view()).autoMerge).toBe(false);
  });

  it('is read with a token that may only read, in five calls and one for each reviewer', async () => {
    await review('bob', 'APPROVED');
    stage.sent.length = 0;
    await view();
    const calls = stage.sent.filter(({ path }) => !/access_tokens|\/app/.test(path));
    expect(
      calls.map(({ method, path }) => `${method} ${path.replace(/\?.*/, '').split('/').slice(-2).join('/')}`).sort(),
    ).toEqual(
      [
        `GET pulls/${number}`,
        `GET ${number}/reviews`,
        `GET ${head}/check-runs`,
        `GET ${head}/status`,
        'GET bob/permission',
        'POST api/graphql',
      ].sort(),
    );
    const minted = stage.sent.filter(({ path }) => path.endsWith('/access_tokens'));
    expect(minted.map(({ body }) => body)).toEqual([
      {
        repository_ids: [stage.project.id],
        permissions: { checks: 'read', contents: 'read', pull_requests: 'read', statuses: 'read', metadata: 'read' },
      },
    ]);
  });

  it('throws when the head moved while it was read', async () => {
    stage.answers.change = (path, body) =>
      path.endsWith('/graphql') ? JSON.parse(JSON.stringify(body).replaceAll(head, 'b'.repeat(40))) : null;
    await expect(view()).rejects.toThrow(/the head of pull request \d+ of acme\/shop moved while it was read/);
  });

  it.each([/pulls\/\d+$/, /\/reviews$/, /\/check-runs$/, /\/status$/, /\/graphql$/])(
    'throws when %s gives no answer',
    async (path) => {
      fail(path);
      await expect(view()).rejects.toThrow();
    },
  );

  it('names the permissions that the App lacks', async () => {
    const { statuses: _, ...fewer } = appPermissions;
    const other = await setStage(fewer);
    try {
      await expect(other.gate.gateView(other.project, 1)).rejects.toThrow(/which takes .*statuses: read/);
    } finally {
      await other.close();
    }
  });
});

describe('reviews', () => {
  it('are what each person last decided, and comments take nothing back', async () => {
    await stage.github.createUser('cleo');
    await review('bob', 'CHANGES_REQUESTED');
    await review('cleo', 'APPROVED');
    await review('bob', 'APPROVED');
    await review('bob', 'COMMENTED');
    await review('eve', 'COMMENTED');
    expect(said(await view())).toEqual([
      ['bob', 'approved', 'maintain'],
      ['cleo', 'approved', 'read'],
    ]);
  });

  it('are for the head that they were given for', async () => {
    await review('bob', 'APPROVED');
    const before = head;
    head = await stage.github.push({ repo: 'acme/shop', by: 'ada', branch: 'change', files: { a: 'y' } });
    const now = await view();
    expect(now.pull.head).toBe(head);
    expect(now.reviews).toMatchObject([{ commit: before, state: 'approved', at: expect.any(Number) }]);
  });

  it('that were dismissed are said to be', async () => {
    const id = await review('bob', 'CHANGES_REQUESTED');
    await stage.github.dismissReview('acme/shop', number, id, 'settled', 'ada');
    expect(said(await view())).toEqual([['bob', 'dismissed', 'maintain']]);
  });

  it('are read page by page, or not at all', async () => {
    for (let index = 0; index < 100; index += 1) await review('bob', 'COMMENTED');
    await review('bob', 'APPROVED');
    expect(said(await view())).toEqual([['bob', 'approved', 'maintain']]);
    fail(/\/reviews$/, 1);
    await expect(view()).rejects.toThrow();
  });

  it('have no permission where it cannot be read', async () => {
    await review('bob', 'APPROVED');
    fail(/collaborators\/bob/);
    expect(said(await view())).toEqual([['bob', 'approved', null]]);
    expect(stage.lines.map(({ message }) => message)).toContain('permission of a reviewer not read');
  });

  it('of an account whose login another one has now have no permission', async () => {
    await review('bob', 'APPROVED');
    stage.answers.change = (path, body) =>
      path.includes('/collaborators/') ? { ...(body as object), user: { id: 1, login: 'bob' } } : null;
    expect(said(await view())).toEqual([['bob', 'approved', null]]);
  });

  it('without a commit are of none that could be a head', async () => {
    await review('bob', 'APPROVED');
    stage.answers.change = (path, body) =>
      path.includes('/reviews') && Array.isArray(body) ? body.map((each) => ({ ...each, commit_id: null })) : null;
    expect((await view()).reviews).toMatchObject([{ commit: '0'.repeat(40) }]);
  });

  it('that code owners owe are there when the forge finds them all', async () => {
    await stage.github.setProtection('acme/shop', 'main', { requiredApprovals: 1, codeOwner: true });
    expect((await view()).codeOwnersApproved).toBe(false);
    await review('bob', 'CHANGES_REQUESTED');
    expect((await view()).codeOwnersApproved).toBeNull();
    await review('bob', 'APPROVED');
    expect((await view()).codeOwnersApproved).toBe(true);
  });
});

describe('conversations', () => {
  it('are counted while they are not resolved, page by page', async () => {
    const begin = () =>
      stage.github.reviewComment({ repo: 'acme/shop', number, by: 'bob', path: 'a', line: 1, body: 'Why?' });
    const first = await begin();
    for (let index = 0; index < 100; index += 1) await begin();
    expect((await view()).unresolved).toBe(101);
    await stage.github.resolveThread('acme/shop', number, first, 'ada');
    expect((await view()).unresolved).toBe(100);
    await stage.github.unresolveThread('acme/shop', number, first, 'ada');
    expect((await view()).unresolved).toBe(101);
    fail(/\/graphql$/, 1);
    await expect(view()).rejects.toThrow();
  }, 30_000);

  it.each([
    ['an error beside them', { errors: [{ type: 'FORBIDDEN', message: 'Resource not accessible by integration' }] }],
    ['nothing of the repository', { data: { repository: null } }],
  ])('are not read from an answer with %s', async (_, part) => {
    stage.answers.change = (path, body) => (path.endsWith('/graphql') ? { ...(body as object), ...part } : null);
    await expect(view()).rejects.toThrow();
  });

  it('are not read from an answer that keeps one of them back', async () => {
    await stage.github.reviewComment({ repo: 'acme/shop', number, by: 'bob', path: 'a', line: 1, body: 'Why?' });
    stage.answers.change = (path, body) =>
      path.endsWith('/graphql') ? JSON.parse(JSON.stringify(body).replace('{"isResolved":false}', 'null')) : null;
    await expect(view()).rejects.toThrow('GitHub keeps back a part of its answer');
  });
});

describe('commits', () => {
  it('are signed when all of them are', async () => {
    const push = (signed: boolean) =>
      stage.github.push({ repo: 'acme/shop', by: 'ada', branch: 'signed', files: { b: `${signed}` }, signed });
    await push(true);
    const opened = await stage.github.openPullRequest({ repo: 'acme/shop', by: 'ada', branch: 'signed', title: 'S' });
    number = opened.number;
    expect(await view()).toMatchObject({ signed: true, commits: 1 });
    await push(false);
    expect(await view()).toMatchObject({ signed: false, commits: 2 });
  });

  it('are not known to be signed when the forge does not list them all', async () => {
    stage.answers.change = (path, body) => {
      if (/pulls\/\d+$/.test(path)) return { ...(body as object), commits: 251 };
      return path.endsWith('/graphql')
        ? JSON.parse(JSON.stringify(body).replace('"signature":null', '"signature":{"isValid":true}'))
        : null;
    };
    expect(await view()).toMatchObject({ signed: null, commits: 251 });
  });
});

it('tells a limit at once, and asks nothing more', async () => {
  stage.github.faults.add({ path: /pulls/, count: 9, does: { kind: 'secondary-limit', status: 429, retryAfter: 30 } });
  await expect(view()).rejects.toThrow(/secondary rate limit/);
  const asked = stage.sent.length;
  await expect(view()).rejects.toThrow(/wants no call through this installation/);
  expect(stage.sent).toHaveLength(asked);
});
