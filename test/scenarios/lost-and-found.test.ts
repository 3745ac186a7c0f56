import { afterEach, describe, expect, it } from 'vitest';
import { startWorld, type World } from '../harness/world.ts';

const repo = 'acme/api';
const green = { exitCode: 0, log: 'ok\n' };
let world: World;

afterEach(async () => {
  await world.stop();
});

function open(text: string) {
  return world.github.openPullRequest({ repo, by: 'ada', files: { 'README.md': text } });
}

describe('what gets lost is found again', () => {
  it('with webhooks switched off the resync gives the same result', async () => {
    world = await startWorld();
    world.executor.always('build-image', green);
    world.github.webhooks.pause();
    const pull = await open('in the dark\n');
    await world.sluice.worker?.resync();
    expect(await world.concluded(repo, pull.headSha, 'build-image')).toMatchObject({ conclusion: 'success' });
    await world.github.comment(repo, pull.number, 'ada', '/test build-image');
    const first = await world.check(repo, pull.headSha, 'build-image');
    await world.sluice.worker?.resync();
    await world.until(
      'the comment was found',
      async () => (await world.check(repo, pull.headSha, 'build-image'))?.id !== first?.id,
    );
  });

  it('a worker that starts reads everything anew, although another did so a while ago', async () => {
    world = await startWorld({ sluice: { role: 'web' } });
    world.executor.always('build-image', green);
    const { notes } = world.sluice.ports;
    await notes.write('last-resync', String(Date.now() - 5 * 60_000));
    world.github.webhooks.pause();
    const pull = await open('while nobody worked\n');
    await world.startAnother({ role: 'worker', worker: 'worker-2' });
    expect(await world.concluded(repo, pull.headSha, 'build-image')).toMatchObject({ conclusion: 'success' });
  });

  it('a delivery that failed is asked for again by the poller, once', async () => {
    world = await startWorld();
    world.executor.always('build-image', green);
    world.github.webhooks.lose({ event: 'pull_request', action: 'opened', logged: true });
    const pull = await open('lost\n');
    await world.github.webhooks.settled();
    expect(await world.check(repo, pull.headSha, 'build-image')).toBeUndefined();
    await world.sluice.worker?.redeliver();
    expect(await world.concluded(repo, pull.headSha, 'build-image')).toMatchObject({ conclusion: 'success' });
    const asked = () => world.github.requests.filter((request) => request.path.endsWith('/attempts')).length;
    expect(asked()).toBe(1);
    await world.sluice.worker?.redeliver();
    expect(asked()).toBe(1);
  });

  it('pull requests from before the App came are left asleep until their next event', async () => {
    world = await startWorld({ sluice: { role: 'web' } });
    world.github.webhooks.pause();
    const pull = await open('old\n');
    world.github.webhooks.resume();
    await world.github.removeFromInstallation(world.app.installationId, repo).catch(() => undefined);
    world.executor.always('build-image', green);
    await new Promise((resolve) => setTimeout(resolve, 1100));
    await world.github.uninstall(world.app.installationId);
    await world.github.installApp(world.app.appId, 'acme');
    const sluice = await world.startAnother({ role: 'all', worker: 'worker-2' });
    await sluice.worker?.resync();
    await new Promise((resolve) => setTimeout(resolve, 800));
    expect(await world.check(repo, pull.headSha, 'build-image')).toBeUndefined();
    await world.github.comment(repo, pull.number, 'ada', '/test build-image');
    expect(await world.concluded(repo, pull.headSha, 'build-image')).toMatchObject({ conclusion: 'success' });
  });

  it('a worker that died in mid-build is followed by another that finds the build and concludes it', async () => {
    world = await startWorld();
    const pull = await open('long\n');
    const [build] = await world.until(
      'the build runs',
      () => world.executor.running('build-image').length > 0 && world.executor.running('build-image'),
    );
    await world.sluice.close();
    world.executor.finish(build ?? '', green);
    await world.startAnother({ worker: 'worker-2' });
    expect(await world.concluded(repo, pull.headSha, 'build-image')).toMatchObject({ conclusion: 'success' });
    expect(world.executor.manifests).toHaveLength(1);
  });

  it('after a lost Redis the results stand, nothing is built twice, and an approval still counts', async () => {
    world = await startWorld();
    world.executor.always('build-image', green);
    await world.github.fork(repo, 'mallory');
    const pull = await world.github.openPullRequest({
      repo,
      by: 'mallory',
      fork: 'mallory/api',
      files: { 'README.md': 'gift\n' },
    });
    await world.concluded(repo, pull.headSha, 'sluice');
    await world.github.comment(repo, pull.number, 'ada', `/ok-to-test ${pull.headSha}`);
    const first = await world.concluded(repo, pull.headSha, 'build-image');
    await world.until(
      'the approval is told',
      async () => (await world.check(repo, pull.headSha, 'sluice'))?.text?.includes('sluice:approval') === true,
    );
    await world.sluice.close();
    await world.redis.open().flushall();
    world.sluice = await world.startAnother({ worker: 'worker-2' });
    await world.sluice.worker?.resync();
    await world.github.comment(repo, pull.number, 'ada', '/retest');
    await world.until('the comment is answered', async () =>
      (await world.github.comments(repo, pull.number)).some(
        (comment) => comment.author.endsWith('[bot]') && comment.body.includes('passed on this head'),
      ),
    );
    expect((await world.check(repo, pull.headSha, 'build-image'))?.id).toBe(first.id);
    expect(world.executor.manifests).toHaveLength(1);
  });

  it('a pod that is deleted is tried again as another attempt of the same check run', async () => {
    world = await startWorld();
    const pull = await open('long\n');
    const [first] = await world.until(
      'the build runs',
      () => world.executor.running('build-image').length > 0 && world.executor.running('build-image'),
    );
    await world.until(
      'it is seen running',
      async () => (await world.check(repo, pull.headSha, 'build-image'))?.status === 'in_progress',
    );
    // Seen by the worker, too: one that was never seen is only started again, as the same attempt.
    await world.until('the record says running', async () => {
      const { documents } = world.sluice.ports;
      const stored = await Promise.all((await documents.subjects()).map((subject) => documents.load(subject)));
      return stored.some(({ document }) => JSON.stringify(document).includes('"phase":"running"'));
    });
    const run = await world.check(repo, pull.headSha, 'build-image');
    world.executor.always('build-image', green);
    world.executor.lose(first ?? '');
    expect(await world.concluded(repo, pull.headSha, 'build-image')).toMatchObject({
      conclusion: 'success',
      id: run?.id,
    });
    expect(world.executor.manifests.map((pod) => pod.metadata.labels['sluice.dev/attempt'])).toEqual(['1', '2']);
  });
});

describe('the newest head wins', () => {
  it('when deliveries come in reverse, late and twice', async () => {
    world = await startWorld();
    world.executor.always('build-image', green);
    world.github.webhooks.hold();
    const pull = await open('one\n');
    const second = await world.github.push({ repo, by: 'ada', branch: pull.branch, files: { 'README.md': 'two\n' } });
    const third = await world.github.push({ repo, by: 'ada', branch: pull.branch, files: { 'README.md': 'three\n' } });
    await world.github.webhooks.release((waiting) => [...waiting].reverse());
    expect(await world.concluded(repo, third, 'build-image')).toMatchObject({ conclusion: 'success' });
    await world.github.webhooks.settled();
    for (const old of [pull.headSha, second])
      expect((await world.check(repo, old, 'build-image'))?.conclusion ?? 'none').not.toBe('success');
    expect(world.executor.manifests.at(-1)?.metadata.annotations['sluice.dev/commit']).toBe(third);
  });
});

describe('check runs get through', () => {
  it('a final conclusion arrives after ten refusals', async () => {
    world = await startWorld({
      sluice: {
        reporter: { coalesceMs: 20, firstRetryMs: 20, longestRetryMs: 50, limiter: { max: 1000, duration: 1000 } },
      },
    });
    const pull = await open('stubborn\n');
    const [build] = await world.until(
      'the build runs',
      () => world.executor.running('build-image').length > 0 && world.executor.running('build-image'),
    );
    await world.until(
      'it is seen running',
      async () => (await world.check(repo, pull.headSha, 'build-image'))?.status === 'in_progress',
    );
    world.github.faults.add({
      method: 'PATCH',
      path: /check-runs/,
      count: 10,
      does: { kind: 'status', status: 502, when: 'before' },
    });
    world.executor.finish(build ?? '', green);
    expect(await world.concluded(repo, pull.headSha, 'build-image')).toMatchObject({ conclusion: 'success' });
    expect(
      world.github.requests.filter((request) => request.method === 'PATCH' && request.status === 502),
    ).toHaveLength(10);
  });

  it('Retry-After is obeyed: nothing is written before', async () => {
    world = await startWorld();
    world.executor.always('build-image', green);
    world.github.faults.add({
      method: 'POST',
      path: /check-runs/,
      does: { kind: 'secondary-limit', status: 429, retryAfter: 2 },
    });
    const pull = await open('patience\n');
    await world.concluded(repo, pull.headSha, 'build-image');
    const writes = () =>
      world.github.requests.filter((request) => request.path.includes('check-runs') && request.method !== 'GET');
    const limited = writes().find((request) => request.status === 429);
    expect(limited).toBeDefined();
    // The limited one may be the last: then what comes next is that one again.
    const next = await world.until('it writes again', () =>
      writes().find((request) => request.at > (limited?.at ?? 0)),
    );
    expect(next.at - (limited?.at ?? 0)).toBeGreaterThanOrEqual(2000);
  });
});
