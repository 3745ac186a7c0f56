import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Plan } from '../../src/cli/deps.ts';
import type { Sha } from '../../src/model/sha.ts';
import { planLocally } from '../../src/plan-locally.ts';
import {
  files,
  type LocalRepository,
  machineWith,
  makeRepository,
  type OwnTemporary,
  ownTemporary,
} from './local-repository.ts';
import { collected, commentPayload, type PullWishes, pullPayload, reviewPayload } from './payloads.ts';

let temporary: OwnTemporary;
let repository: LocalRepository;
let commits: { base: Sha; code: Sha; docs: Sha; conflict: Sha; broken: Sha };

beforeAll(async () => {
  temporary = await ownTemporary();
  repository = await makeRepository(files);
  const branch = async (name: string, changes: Record<string, string>): Promise<Sha> => {
    await repository.git('checkout', '--quiet', '-b', name, 'main~1');
    return repository.commit(changes);
  };
  const base = await repository.commit({ 'hello.txt': 'hello from main\n' });
  commits = {
    base,
    code: await branch('code', { 'src/a.txt': 'a\n' }),
    docs: await branch('docs', { 'docs/a.md': 'a\n' }),
    conflict: await branch('conflict', { 'hello.txt': 'hello from elsewhere\n' }),
    broken: await branch('broken', { '.sluice.yaml': 'jobs:\n  unit: { on: presubmt, image: a, run: b }\n' }),
  };
  await repository.git('checkout', '--quiet', 'main');
});
afterAll(() => temporary.remove());

const plan = (name: string, payload: unknown): Promise<Plan> =>
  planLocally(repository.folder, { kind: 'event', name, payload }, machineWith());

function opened(head: keyof typeof commits, more: Partial<PullWishes> = {}) {
  return plan('pull_request', pullPayload({ head: commits[head], base: commits.base, ...more }));
}

function short({ decisions }: Plan): string {
  return decisions.map(({ job, decision }) => `${job}:${decision}`).join(' ');
}

describe('a pull request whose commits are in the clone', () => {
  it.each([
    ['code', {}, 'build-image:run unit:run lint:run slow:skip'],
    ['docs', {}, 'build-image:skip unit:run lint:skip slow:skip'],
    ['code', { action: 'synchronize' }, 'build-image:run unit:run lint:run slow:skip'],
    ['code', { action: 'reopened', association: 'COLLABORATOR' }, 'build-image:run unit:run lint:run slow:skip'],
    [
      'code',
      { action: 'edited', changes: { base: { ref: { from: 'old' } } } },
      'build-image:run unit:run lint:run slow:skip',
    ],
    ['code', { association: 'CONTRIBUTOR' }, 'build-image:wait unit:wait lint:wait slow:wait'],
    ['code', { draft: true }, 'build-image:wait unit:wait lint:wait slow:wait'],
    ['conflict', {}, 'build-image:refuse unit:refuse lint:refuse slow:refuse'],
    ['broken', {}, 'sluice:refuse'],
    ['code', { body: 'please\n/test slow' }, 'build-image:run unit:run lint:run slow:run'],
  ] as const)('%s with %o is planned as %s', async (head, more, expected) => {
    expect(short(await opened(head, more))).toBe(expected);
  });

  it('is told with pipeline, reason and whether the job is required, in a form that stays', async () => {
    const { decisions } = await opened('docs');
    expect(decisions).toEqual([
      {
        pipeline: 'presubmit',
        job: 'build-image',
        decision: 'skip',
        reason: expect.stringContaining('`docs/**`'),
        required: true,
      },
      {
        pipeline: 'presubmit',
        job: 'unit',
        decision: 'run',
        reason: 'it is automatic and has no path matcher',
        required: true,
      },
      {
        pipeline: 'presubmit',
        job: 'lint',
        decision: 'skip',
        reason: expect.stringContaining('src/**'),
        required: false,
      },
      {
        pipeline: 'presubmit',
        job: 'slow',
        decision: 'skip',
        reason: 'it is manual: comment `/test slow` to start it',
        required: true,
      },
    ]);
  });

  it('names the files in conflict, the missing approval, and the mistake with its place', async () => {
    expect((await opened('conflict')).decisions[0]?.reason).toContain('hello.txt');
    expect((await opened('code', { association: 'NONE' })).decisions[0]?.reason).toMatch(
      /^awaiting approval .*ada has no permission/,
    );
    expect((await opened('broken')).notes.join('\n')).toMatch(/\.sluice\.yaml:2:\d+: .*presubmt/);
  });

  it.each(['labeled', 'edited', 'assigned', 'converted_to_draft', 'closed'])(
    'starts nothing when it was %s',
    async (action) => {
      const { decisions, notes } = await opened('code', {
        action,
        ...(action === 'closed' ? { state: 'closed' } : {}),
      });
      expect(decisions).toEqual([]);
      expect(notes.join()).toMatch(/nothing/);
    },
  );
});

describe('a comment', () => {
  const review = (text: string, more: object = {}, pull: Partial<PullWishes> = {}) =>
    plan('pull_request_review', reviewPayload({ head: commits.code, base: commits.base, ...pull }, { text, ...more }));

  it.each([
    ['/test slow', {}, {}, 'build-image:skip unit:skip lint:skip slow:run'],
    ['/test all', {}, {}, 'build-image:run unit:run lint:run slow:skip'],
    ['/retest', {}, {}, 'build-image:run unit:run lint:run slow:skip'],
    ['/test unit', { by: 'mallory', association: 'NONE' }, {}, 'build-image:skip unit:refuse lint:skip slow:skip'],
    ['/test unit', {}, { association: 'NONE' }, 'build-image:wait unit:wait lint:wait slow:wait'],
  ] as const)('%s by %o on a pull request with %o is planned as %s', async (text, said, pull, expected) => {
    expect(short(await review(text, said, pull))).toBe(expected);
  });

  it('that approves exactly this head starts what waited for it', async () => {
    expect(short(await review(`/ok-to-test ${commits.code}`, {}, { association: 'NONE' }))).toBe(
      'build-image:run unit:run lint:run slow:skip',
    );
    expect(short(await review('/ok-to-test', {}, { association: 'NONE' }))).toBe(
      'build-image:wait unit:wait lint:wait slow:wait',
    );
  });

  it('with a mistyped name shows the answer that it would get', async () => {
    expect((await review('/test slwo')).notes.join('\n')).toContain('did you mean `slow`?');
  });

  it('without a command, or by a bot, starts nothing', async () => {
    expect((await review('looks good')).notes).toEqual(['There is no command in it: nothing happens.']);
    expect((await review('/test unit', { bot: true })).notes.join()).toContain('trustedApps');
  });

  it('on a page, which names no commit, is planned with what is in the folder', async () => {
    const planned = await plan('issue_comment', commentPayload({ text: '/test slow' }));
    expect(short(planned)).toBe('build-image:skip unit:skip lint:skip slow:run');
    expect(planned.notes.join()).toContain('the event names no commit');
  });
});

describe('an event whose commits are not in the clone', () => {
  it('is planned with the configuration in the folder, uncommitted changes included, and unknown files', async () => {
    const absent = 'a'.repeat(40) as Sha;
    await repository.write({
      '.sluice.yaml': `${files['.sluice.yaml']}  fresh: { on: presubmit, image: "a", run: "b" }\n`,
    });
    const planned = await plan('pull_request', pullPayload({ head: absent, base: absent })).finally(() =>
      repository.git('checkout', '--', '.sluice.yaml'),
    );
    expect(short(planned)).toBe('build-image:run unit:run lint:run slow:skip fresh:run');
    expect(planned.notes[0]).toContain(`commit ${absent} is not in this clone`);
  });

  it('of a kind that starts no presubmit says why', async () => {
    const push = {
      ref: 'refs/heads/main',
      before: '0'.repeat(40),
      after: commits.base,
      repository: { id: 1, name: 'api', owner: { login: 'acme' } },
    };
    const other = await plan('push', { ...push, ref: 'refs/notes/commits' });
    expect(other).toEqual({
      decisions: [],
      notes: ['A push to refs/notes/commits is one to neither a branch nor a tag.'],
    });
    const absent = await plan('push', { ...push, before: 'a'.repeat(40) });
    expect(absent.notes.join()).toContain(`Commit ${'a'.repeat(40)} is not in this clone`);
    expect((await plan('star', { action: 'created' })).notes.join()).toContain('is ignored');
  });

  it('of a push is planned as that push', async () => {
    const push = {
      ref: 'refs/heads/main',
      before: await repository.git('rev-parse', 'main~1'),
      after: commits.base,
      sender: { id: 7, login: 'ada', type: 'User' },
      repository: { id: 1, name: 'api', owner: { login: 'acme' } },
    };
    const { decisions } = await plan('push', push);
    expect(decisions.map(({ pipeline, job, decision }) => `${pipeline} ${job} ${decision}`)).toEqual([
      'postsubmit publish run',
      'release publish skip',
    ]);
  });

  it('is never an unforeseen error: every delivery that was collected is planned or ignored with a reason', {
    timeout: 120_000,
  }, async () => {
    const about = collected().filter(({ name }) =>
      /^(pull_request|issue_comment|push|check_|star|label|installation)/.test(name),
    );
    expect(about.length).toBeGreaterThan(40);
    for (const { name, payload } of about) {
      const { decisions, notes } = await plan(name, payload);
      expect(decisions.length + notes.length, `${name} ${String(payload.action)}`).toBeGreaterThan(0);
    }
  });

  it('that is not what its name says is refused with the place', async () => {
    const { head, base } = { head: commits.code, base: commits.base };
    const payload = pullPayload({ head, base }) as { pull_request: { head: { sha: string } } };
    payload.pull_request.head.sha = 'main';
    await expect(plan('pull_request', payload)).rejects.toThrow('pull_request.head.sha: not a full commit SHA');
  });
});

it('leaves the clone byte for byte as it was, and no folder behind', async () => {
  const before = await repository.inside();
  await repository.write({ 'new.txt': 'not committed\n' });
  await opened('code');
  await plan('issue_comment', commentPayload({ text: '/test all' }));
  expect(await repository.inside()).toEqual(before);
  expect(await repository.git('status', '--short')).toBe('?? new.txt');
  expect(await temporary.leftBehind()).toEqual([]);
});

it('outside of a clone says so', async () => {
  await expect(planLocally('/nonexistent/place', { kind: 'pull-request', number: 1 }, machineWith())).rejects.toThrow(
    'there is no folder',
  );
});
