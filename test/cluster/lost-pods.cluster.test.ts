import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cluster, without } from './cluster-program.ts';
import { type ClusterWorld, startClusterWorld } from './cluster-world.ts';
import { createApi, repo } from './repository.ts';

// Asked to end it fails as a test of the author's would, which must not be taken for its verdict.
const script = 'echo begun; trap "exit 1" TERM; sleep $(cat seconds) & wait; echo done';

function isTest(pod: string): boolean {
  return pod.startsWith('b-unit-');
}

describe('a build in a cluster that errs', { timeout: 600_000 }, () => {
  let world: ClusterWorld;

  beforeEach(async () => {
    world = await startClusterWorld();
    await createApi(world, { jobs: ['unit'], script });
  }, 180_000);

  afterEach(async () => {
    await world?.stop();
  }, 120_000);

  async function serve(): Promise<void> {
    const sluice = world.serve('all');
    world.front.turnTo(await sluice.url());
    await sluice.ready();
  }

  /** Opens a change whose test takes so long, and waits until that runs. */
  async function openRunning(seconds: number): Promise<{ sha: string; pod: string }> {
    const pull = await world.github.openPullRequest({
      repo,
      by: 'ada',
      title: 'Wait',
      files: { seconds: `${seconds}\n` },
    });
    const pod = await world.until('the test to run', () => runningPod());
    return { sha: pull.headSha, pod };
  }

  async function runningPod(except: readonly string[] = []): Promise<string | false> {
    const pod = (await world.pods()).find(
      ({ metadata, status }) =>
        isTest(metadata.name) &&
        !except.includes(metadata.name) &&
        metadata.deletionTimestamp === undefined &&
        status?.containerStatuses?.some(({ state }) => state?.running !== undefined),
    );
    return pod?.metadata.name ?? false;
  }

  /** How many pods of the test there were so far; the image is built besides. */
  function testsSeen(): number {
    return [...world.everSeen().values()].filter(isTest).length;
  }

  async function noPods(): Promise<void> {
    await world.until('no pod to be left', async () => (await world.pods()).length === 0);
  }

  it('is adopted when its worker is killed, and its pod is not made again', async () => {
    const web = world.serve('web');
    world.front.turnTo(await web.url());
    const first = world.serve('worker');
    await first.ready();
    const { sha } = await openRunning(15);
    await first.kill('SIGKILL');
    await sleep(2000);
    await world.serve('worker').ready();
    const unit = await world.concluded(repo, sha, 'unit');
    expect(unit).toMatchObject({ conclusion: 'success', text: expect.stringMatching(/begun[\s\S]*done/) });
    expect(testsSeen()).toBe(1);
    await noPods();
  });

  it('is tried again when its pod is deleted, and given up after the third', async () => {
    await serve();
    const { sha, pod } = await openRunning(60);
    const deleted = [pod];
    await world.deletePod(pod);
    for (let attempt = 2; attempt <= 3; attempt += 1) {
      const next = await world.until(`attempt ${attempt} to run`, () => runningPod(deleted));
      expect(await world.check(repo, sha, 'unit')).not.toMatchObject({ status: 'completed' });
      deleted.push(next);
      await world.deletePod(next);
    }
    const unit = await world.concluded(repo, sha, 'unit');
    expect(unit.conclusion).not.toBe('success');
    expect(`${unit.title} ${unit.summary}`).toMatch(/deleted.*attempt 3 of 3/s);
    expect(testsSeen()).toBe(3);
    await noPods();
  });

  it('goes on when the API server is away for a minute: no verdict changes, and everything concludes after', async () => {
    await serve();
    const short = await openRunning(30);
    const long = await world.github.openPullRequest({ repo, by: 'ada', title: 'Long', files: { seconds: '80\n' } });
    await world.until(
      'both to run',
      async () => (await world.check(repo, long.headSha, 'unit'))?.status === 'in_progress',
    );
    await without('apiserver', async () => {
      const late = await world.github.openPullRequest({ repo, by: 'ada', title: 'Late', files: { seconds: '1\n' } });
      const end = Date.now() + 60_000;
      while (Date.now() < end) {
        for (const sha of [short.sha, long.headSha, late.headSha]) {
          expect((await world.check(repo, sha, 'unit'))?.conclusion ?? null).toBeNull();
        }
        await sleep(500);
      }
      heads.push(late.headSha);
    });
    heads.push(short.sha, long.headSha);
    for (const sha of heads.splice(0)) {
      const unit = await world.concluded(repo, sha, 'unit', 180);
      expect(unit).toMatchObject({ conclusion: 'success', text: expect.stringMatching(/begun[\s\S]*done/) });
      expect(unit.text?.match(/begun/g)).toHaveLength(1);
    }
    expect(testsSeen()).toBe(3);
    await noPods();
  });
  const heads: string[] = [];

  it('goes on when its node is away for a while, and is tried again when the node does not come back in time', async () => {
    // The cluster gives up a node that is silent for so long; the pods of ours tolerate that for a minute.
    await cluster(['kill', 'controller-manager']);
    await cluster(['start', 'controller-manager'], { NODE_GRACE: '20s' });
    try {
      await serve();
      const { sha, pod } = await openRunning(30);
      await without('kubelet', () => sleep(10_000));
      expect(await world.concluded(repo, sha, 'unit')).toMatchObject({ conclusion: 'success' });
      expect(testsSeen()).toBe(1);

      const lost = await openRunning(45);
      expect(lost.pod).not.toBe(pod);
      await without('kubelet', async () => {
        await world.until('another attempt', async () => testsSeen() === 3, 240);
        expect(await world.check(repo, lost.sha, 'unit')).not.toMatchObject({ status: 'completed' });
      });
      expect(await world.concluded(repo, lost.sha, 'unit', 240)).toMatchObject({ conclusion: 'success' });
      expect(testsSeen()).toBe(3);
      await noPods();
    } finally {
      await cluster(['kill', 'controller-manager']);
      await cluster(['start', 'controller-manager']);
    }
  });
});
