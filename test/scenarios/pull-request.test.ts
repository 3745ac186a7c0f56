import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { dockerfile, startWorld, type World } from '../harness/world.ts';

const config = [
  'apiVersion: sluice/v1',
  'images:',
  '  - { name: api, repository: registry.example.com/acme/api }',
  'jobs:',
  '  build-image: { template: build-image, on: presubmit, skipIf: { only: ["docs/**"] } }',
  '  unit: { on: presubmit, image: localhost/busybox:1, run: make test, skipIf: { only: ["docs/**"] } }',
  '  slow: { on: presubmit, image: localhost/busybox:1, run: make slow, trigger: manual }',
  '',
].join('\n');

const repo = 'acme/api';
let world: World;

beforeAll(async () => {
  world = await startWorld({
    files: { Dockerfile: dockerfile, 'README.md': 'hello\n', 'docs/a.md': 'a\n', '.sluice.yaml': config },
  });
});
afterAll(async () => {
  expect(world.github.violations).toEqual([]);
  await world.stop();
});
beforeEach(() => {
  world.executor.always('build-image', { exitCode: 0, log: 'Built\n' });
  world.executor.always('unit', { exitCode: 0, log: 'ok\n' });
});

let counter = 0;
function opened(
  options: {
    by?: string;
    files?: Record<string, string | null>;
    draft?: boolean;
    fork?: string;
    base?: string;
    body?: string;
  } = {},
) {
  counter += 1;
  return world.github.openPullRequest({ repo, by: 'ada', files: { 'README.md': `change ${counter}\n` }, ...options });
}

describe('a pull request of a member', () => {
  it('gets a green check run for each job, with digest, log link and the last lines of the log', async () => {
    const pull = await opened();
    const built = await world.concluded(repo, pull.headSha, 'build-image');
    expect(built).toMatchObject({ conclusion: 'success' });
    expect(built.summary).toMatch(/sha256:[0-9a-f]{64}/);
    expect(built.summary).toMatch(/\[log\]\(http:\/\/127\.0\.0\.1:\d+\/logs\//);
    expect(built.text).toContain('Built');
    expect(await world.concluded(repo, pull.headSha, 'unit')).toMatchObject({ conclusion: 'success' });
    const slow = await world.concluded(repo, pull.headSha, 'slow');
    expect(slow).toMatchObject({ conclusion: 'skipped' });
    expect(slow.summary).toContain('/test slow');
    expect(await world.concluded(repo, pull.headSha, 'sluice')).toMatchObject({
      conclusion: 'success',
      title: '2 jobs to build, 1 skipped',
    });
  });

  it('runs only what failed on /retest, as a new check run', async () => {
    world.executor.always('unit', { exitCode: 1, log: 'flaked\n' });
    const pull = await opened();
    const red = await world.concluded(repo, pull.headSha, 'unit');
    expect(red).toMatchObject({ conclusion: 'failure' });
    const built = await world.concluded(repo, pull.headSha, 'build-image');
    world.executor.always('unit', { exitCode: 0, log: 'ok\n' });
    await world.github.comment(repo, pull.number, 'ada', '/retest');
    const green = await world.until('unit is green', async () => {
      const run = await world.check(repo, pull.headSha, 'unit');
      return run?.conclusion === 'success' && run;
    });
    expect(green.id).not.toBe(red.id);
    expect((await world.check(repo, pull.headSha, 'build-image'))?.id).toBe(built.id);
    const [comment] = await world.github.comments(repo, pull.number);
    expect(comment?.reactions).toContain('+1');
  });

  it('starts a manual job by name, and answers an unknown name with the nearest one', async () => {
    world.executor.always('slow', { exitCode: 0 });
    const pull = await opened();
    await world.concluded(repo, pull.headSha, 'unit');
    await world.github.comment(repo, pull.number, 'ada', '/test slow unti');
    await world.until(
      'slow is green',
      async () => (await world.check(repo, pull.headSha, 'slow'))?.conclusion === 'success',
    );
    const reply = await world.until('the answer', async () =>
      (await world.github.comments(repo, pull.number)).find((comment) => comment.author.endsWith('[bot]')),
    );
    expect(reply.body).toContain('did you mean `unit`');
  });

  it('stops the builds of a head that is pushed over, and says so', async () => {
    world.executor.always('unit', null);
    const pull = await opened();
    await world.until('unit runs', () => world.executor.running('unit').length > 0);
    world.executor.always('unit', { exitCode: 0 });
    const head = await world.github.push({ repo, by: 'ada', branch: pull.branch, files: { 'README.md': 'again\n' } });
    const old = await world.concluded(repo, pull.headSha, 'unit');
    expect(old.conclusion).toBe('cancelled');
    expect(old.summary).toContain('superseded');
    expect(await world.concluded(repo, head, 'unit')).toMatchObject({ conclusion: 'success' });
    await world.until('no pod is left', async () => (await world.executor.list()).length === 0);
  });

  it('concludes jobs that do not apply as skipped, with the reason', async () => {
    const pull = await opened({ files: { 'docs/a.md': `more ${Math.random()}\n` } });
    const run = await world.concluded(repo, pull.headSha, 'build-image');
    expect(run.conclusion).toBe('skipped');
    expect(run.summary).toContain('docs/**');
  });

  it('builds nothing by itself while it is a draft, and starts when it is ready', async () => {
    const pull = await opened({ draft: true });
    const sluice = await world.concluded(repo, pull.headSha, 'sluice');
    expect(sluice).toMatchObject({ conclusion: 'action_required', title: 'Draft' });
    expect(await world.check(repo, pull.headSha, 'unit')).toBeUndefined();
    await world.github.readyForReview(repo, pull.number, 'ada');
    expect(await world.concluded(repo, pull.headSha, 'unit')).toMatchObject({ conclusion: 'success' });
  });

  it('stops what runs when it is closed', async () => {
    world.executor.always('unit', null);
    const pull = await opened();
    await world.until('unit runs', () => world.executor.running('unit').length > 0);
    await world.github.closePullRequest(repo, pull.number, 'ada');
    expect(await world.concluded(repo, pull.headSha, 'unit')).toMatchObject({ conclusion: 'cancelled' });
  });

  it('that conflicts is told which files, also in answer to /test', async () => {
    await world.github.push({ repo, by: 'ada', branch: 'main', files: { 'conflict.txt': 'base\n' } });
    const pull = await opened({ files: { 'conflict.txt': 'mine\n' } });
    await world.concluded(repo, pull.headSha, 'unit');
    await world.github.push({ repo, by: 'ada', branch: 'main', files: { 'conflict.txt': 'theirs\n' } });
    const head = await world.github.push({
      repo,
      by: 'ada',
      branch: pull.branch,
      files: { 'conflict.txt': 'mine again\n' },
    });
    const run = await world.concluded(repo, head, 'sluice');
    expect(run).toMatchObject({ conclusion: 'action_required', title: 'Conflicts with main' });
    expect(run.summary).toContain('conflict.txt');
    await world.github.comment(repo, pull.number, 'ada', '/test unit');
    const reply = await world.until('the answer', async () =>
      (await world.github.comments(repo, pull.number)).find((comment) => comment.author.endsWith('[bot]')),
    );
    expect(reply.body).toContain('conflict.txt');
  });

  it('with a mistake in .sluice.yaml is told where and what to write instead', async () => {
    const pull = await opened({ files: { '.sluice.yaml': config.replace('images:', 'imagse:') } });
    const run = await world.concluded(repo, pull.headSha, 'sluice');
    expect(run.conclusion).toBe('action_required');
    expect(run.summary).toMatch(/\.sluice\.yaml:2:1/);
    expect(run.summary).toContain('images');
    expect(run.annotations[0]).toMatchObject({ path: '.sluice.yaml', start_line: 2 });
  });

  it('runs again by the button, by the same rules', async () => {
    const pull = await opened();
    const first = await world.concluded(repo, pull.headSha, 'unit');
    await world.github.pressRerun(repo, { checkRun: first.id }, 'ada');
    const second = await world.until('a new check run', async () => {
      const run = await world.check(repo, pull.headSha, 'unit');
      return run && run.id !== first.id && run.status === 'completed' && run;
    });
    expect(second.conclusion).toBe('success');
  });
});

describe('a pull request of a stranger', () => {
  let forked = false;
  async function fromFork(text: string) {
    const fork = 'mallory/api';
    if (!forked) await world.github.fork(repo, 'mallory');
    forked = true;
    return world.github.openPullRequest({ repo, by: 'mallory', fork, files: { 'README.md': text } });
  }

  it('awaits approval of exactly its head; another push awaits it again', async () => {
    const pull = await fromFork(`gift ${Math.random()}\n`);
    const waiting = await world.concluded(repo, pull.headSha, 'sluice');
    expect(waiting).toMatchObject({ conclusion: 'action_required', title: 'Awaiting approval' });
    expect(waiting.summary).toContain(`/ok-to-test ${pull.headSha}`);
    await world.github.comment(repo, pull.number, 'ada', '/ok-to-test');
    await world.until('the answer with the line to copy', async () =>
      (await world.github.comments(repo, pull.number)).some(
        (comment) => comment.author.endsWith('[bot]') && comment.body.includes(`/ok-to-test ${pull.headSha}`),
      ),
    );
    expect(await world.check(repo, pull.headSha, 'unit')).toBeUndefined();
    await world.github.comment(repo, pull.number, 'mallory', `/ok-to-test ${pull.headSha}`);
    await world.github.comment(repo, pull.number, 'ada', `/ok-to-test ${pull.headSha}`);
    expect(await world.concluded(repo, pull.headSha, 'unit')).toMatchObject({ conclusion: 'success' });
    const next = await world.github.push({
      repo: 'mallory/api',
      by: 'mallory',
      branch: pull.branch,
      files: { 'README.md': 'evil\n' },
    });
    expect(await world.concluded(repo, next, 'sluice')).toMatchObject({ title: 'Awaiting approval' });
    expect(await world.check(repo, next, 'unit')).toBeUndefined();
  });

  it('is approved by the button for the head it stands on', async () => {
    const pull = await fromFork(`gift ${Math.random()}\n`);
    const waiting = await world.concluded(repo, pull.headSha, 'sluice');
    await world.github.pressCheckAction(repo, waiting.id, 'approve', 'ada');
    expect(await world.concluded(repo, pull.headSha, 'unit')).toMatchObject({ conclusion: 'success' });
  });

  it('cannot be started by himself', async () => {
    const pull = await fromFork(`gift ${Math.random()}\n`);
    await world.concluded(repo, pull.headSha, 'sluice');
    await world.github.comment(repo, pull.number, 'mallory', '/test unit');
    const reply = await world.until('the answer', async () =>
      (await world.github.comments(repo, pull.number)).find((comment) => comment.author.endsWith('[bot]')),
    );
    expect(reply.body).toContain('not approved');
    expect(
      world.executor.manifests.filter((pod) => pod.metadata.annotations['sluice.dev/commit'] === pull.headSha),
    ).toEqual([]);
  });
});
