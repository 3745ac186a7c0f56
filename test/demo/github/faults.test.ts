import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { acme, withToken } from './setting.ts';

const repo = { owner: 'acme', repo: 'app' };

async function talking() {
  const { github, mia } = await acme();
  const pull = await github.openPullRequest({ repo: 'acme/app', by: 'mia', branch: 'more', files: { a: '1' } });
  const { rest } = withToken(github, mia.token);
  const say = () =>
    rest.issues.createComment({ ...repo, issue_number: pull.number, body: 'hi' }).then(
      ({ status }) => status,
      (error: { status?: number }) => error.status,
    );
  return { github, rest, pull, say };
}

test.each`
  fault                                                      | first  | comments
  ${{ kind: 'status', status: 502, when: 'before' }}         | ${502} | ${0}
  ${{ kind: 'status', status: 502, when: 'after' }}          | ${502} | ${1}
  ${{ kind: 'reset', when: 'before' }}                       | ${500} | ${0}
  ${{ kind: 'reset', when: 'after' }}                        | ${500} | ${1}
  ${{ kind: 'secondary-limit', status: 403, retryAfter: 2 }} | ${403} | ${0}
  ${{ kind: 'secondary-limit', status: 429, retryAfter: 2 }} | ${429} | ${0}
  ${{ kind: 'primary-limit' }}                               | ${403} | ${0}
  ${{ kind: 'latency', ms: 5 }}                              | ${201} | ${1}
`(
  '$fault hits one request: $first, with $comments comments made, and the next goes through',
  async ({ fault, first, comments }) => {
    const { github, pull, say } = await talking();
    github.faults.add({ method: 'POST', path: /\/comments$/, does: fault });
    expect(await say()).toBe(first);
    expect(await github.comments('acme/app', pull.number)).toHaveLength(comments);
    expect(await say()).toBe(201);
    expect(github.violations).toEqual([]);
  },
);

test('a fault waits for its turn, hits as often as it should, and can be taken back', async () => {
  const { github, rest, say } = await talking();
  const remove = github.faults.add({
    method: 'POST',
    skip: 1,
    count: 3,
    does: { kind: 'status', status: 503, when: 'before', retryAfter: 7 },
  });
  expect([await say(), await say()]).toEqual([201, 503]);
  expect((await rest.repos.get(repo)).status).toBe(200);
  expect(await say()).toBe(503);
  remove();
  expect(await say()).toBe(201);
});

test('a limit says how long to wait', async () => {
  const { github, rest } = await talking();
  github.faults.add({ does: { kind: 'secondary-limit', status: 429, retryAfter: 7 } });
  await expect(rest.repos.get(repo)).rejects.toMatchObject({ response: { headers: { 'retry-after': '7' } } });
  github.faults.add({ does: { kind: 'primary-limit' } });
  await expect(rest.repos.get(repo)).rejects.toMatchObject({ response: { headers: { 'x-ratelimit-remaining': '0' } } });
});

test('git meets faults too', async () => {
  const { github } = await talking();
  github.faults.add({ path: /\.git\//, does: { kind: 'status', status: 503, when: 'before' } });
  const ask = () => fetch(`${github.url}/acme/app.git/info/refs?service=git-upload-pack`).then(({ status }) => status);
  expect([await ask(), await ask()]).toEqual([503, 200]);
});

test('a push can land though its answer is lost', async () => {
  const { github, mia } = await acme();
  const folder = await mkdtemp(join(tmpdir(), 'stand-in-git-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const url = `${github.url.replace('http://', `http://x:${mia.token}@`)}/acme/app.git`;
  const env = { PATH: process.env.PATH ?? '', GIT_TERMINAL_PROMPT: '0' };
  const git = (...args: string[]) => promisify(execFile)('git', args, { cwd: folder, env });
  await git('clone', '--quiet', '--bare', url, '.');
  github.faults.add({ method: 'POST', path: /git-receive-pack$/, does: { kind: 'reset', when: 'after' } });
  await expect(git('push', url, 'HEAD:refs/heads/landed')).rejects.toThrow();
  expect(await github.branchSha('acme/app', 'landed')).not.toBe(null);
  github.faults.add({ method: 'POST', path: /git-receive-pack$/, does: { kind: 'reset', when: 'before' } });
  await expect(git('push', url, 'HEAD:refs/heads/lost')).rejects.toThrow();
  expect(await github.branchSha('acme/app', 'lost')).toBe(null);
  github.faults.add({ path: /\.git\//, count: 2, does: { kind: 'latency', ms: 5 } });
  await git('push', '--quiet', url, 'HEAD:refs/heads/late');
  expect(await github.branchSha('acme/app', 'late')).not.toBe(null);
});

test.each`
  when        | goesOn   | answer | meanwhile | comments
  ${'before'} | ${'go'}  | ${201} | ${0}      | ${1}
  ${'before'} | ${'cut'} | ${500} | ${0}      | ${0}
  ${'after'}  | ${'go'}  | ${201} | ${1}      | ${1}
  ${'after'}  | ${'cut'} | ${500} | ${1}      | ${1}
`('a request that says so stands still $when its effect, and $goesOn', async (row) => {
  const { github, pull, say } = await talking();
  const reached = Promise.withResolvers<void>();
  const told = Promise.withResolvers<'go' | 'cut'>();
  const until = () => {
    reached.resolve();
    return told.promise;
  };
  github.faults.add({ method: 'POST', body: /"body":"hi"/, does: { kind: 'hold', when: row.when, until } });
  const saying = say();
  await reached.promise;
  expect(await github.comments('acme/app', pull.number)).toHaveLength(row.meanwhile);
  told.resolve(row.goesOn);
  expect(await saying).toBe(row.answer);
  expect(await github.comments('acme/app', pull.number)).toHaveLength(row.comments);
});
