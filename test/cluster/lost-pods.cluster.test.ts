import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ServedProcess } from '../harness/served-process.ts';
import { restart, without } from './cluster-program.ts';
import { type ClusterWorld, startClusterWorld } from './cluster-world.ts';
import { createApi, repo } from './repository.ts';

// Asked to end it fails as a test of the author's would, which must not be taken for its verdict.
const script = [
  'echo begun; trap "exit 1" TERM',
  'seconds=$(cat seconds); [ ! -e until ] || seconds=$(($(cat until) - $(date +%s)))',
  'sleep $((seconds > 1 ? seconds : 1)) & wait; echo done',
].join('; ');

/** What the author of a change is told that comes while a part is away: without its store the API server still lists what it knows. */
const toldAway = {
  apiserver: /^Waiting for the cluster, whose pods cannot be listed now/,
  etcd: /^Could not be started so far[\s\S]*calling the API server failed: /,
};

function isTest(pod: string): boolean {
  return pod.startsWith('b-unit-');
}

describe('a build in a cluster that errs', { timeout: 600_000 }, () => {
  let world: ClusterWorld;
  const served: ServedProcess[] = [];
  let seenBefore = 0;

  beforeAll(async () => {
    world = await startClusterWorld();
    await createApi(world, { jobs: ['unit'], script });
  }, 180_000);

  beforeEach(() => {
    seenBefore = allTestsSeen();
  });

  afterEach(async () => {
    await Promise.all(served.splice(0).map((each) => each.kill('SIGKILL')));
  });

  afterAll(async () => {
    await world?.stop();
  }, 120_000);

  function start(role: 'web' | 'worker' | 'all'): ServedProcess {
    // Far more than the shorter absence of the node below, and less than the longer one.
    const sluice = world.serve(role, { SLUICE_LOST_NODE_SECONDS: '25' });
    served.push(sluice);
    return sluice;
  }

  async function serve(): Promise<void> {
    const sluice = start('all');
    world.front.turnTo(await sluice.url());
    await sluice.ready();
  }

  /** Opens a change whose test takes so long, and waits until one runs that is none of `others`; `isUntil`: all its attempts end then, not later. */
  async function openRunning(
    seconds: number,
    { others = [], isUntil = false }: { others?: readonly string[]; isUntil?: boolean } = {},
  ): Promise<{ sha: string; pod: string }> {
    const until = isUntil ? { until: `${Math.round(Date.now() / 1000) + seconds}\n` } : {};
    const files = { seconds: `${seconds}\n`, ...until };
    const pull = await world.github.openPullRequest({ repo, by: 'ada', title: 'Wait', files });
    const pod = await world.until('the test to run', () => runningPod(others));
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

  function allTestsSeen(): number {
    return [...world.everSeen().values()].filter(isTest).length;
  }

  /** How many pods of the test there were so far, of this story. */
  function testsSeen(): number {
    return allTestsSeen() - seenBefore;
  }

  async function noPods(): Promise<void> {
    await world.until('no pod to be left', async () => (await world.pods()).length === 0);
  }

  it('is adopted when its worker is killed, and its pod is not made again', async () => {
    const web = start('web');
    world.front.turnTo(await web.url());
    const first = start('worker');
    await first.ready();
    const { sha } = await openRunning(10);
    await first.kill('SIGKILL');
    await sleep(2000);
    await start('worker').ready();
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

  it.each([
    { what: 'the API server', part: 'apiserver' },
    { what: 'what it stores all in', part: 'etcd' },
  ] as const)(
    'goes on when $what is away for a while: no verdict changes, and everything concludes after',
    async ({ part }) => {
      await serve();
      const long = await openRunning(25);
      // Last of all, so that it still runs when the absence begins, and ends during it.
      const short = await openRunning(15, { others: [long.pod] });
      await without(part, async () => {
        const late = await world.github.openPullRequest({ repo, by: 'ada', title: 'Late', files: { seconds: '1\n' } });
        const end = Date.now() + 20_000;
        while (Date.now() < end) {
          for (const sha of [short.sha, long.sha, late.headSha]) {
            expect((await world.check(repo, sha, 'unit'))?.conclusion ?? null).toBeNull();
          }
          await sleep(500);
        }
        const { title, summary } = await world.until('its author to be told', async () => {
          const told = await world.check(repo, late.headSha, 'unit');
          return told !== null && toldAway[part].test(`${told?.title} ${told?.summary}`) && told;
        });
        expect(`${title} ${summary}`).not.toContain('aborted');
        heads.push(late.headSha);
      });
      heads.push(short.sha, long.sha);
      for (const sha of heads.splice(0)) {
        const unit = await world.concluded(repo, sha, 'unit', 180);
        expect(unit).toMatchObject({ conclusion: 'success', text: expect.stringMatching(/begun[\s\S]*done/) });
        expect(unit.text?.match(/begun/g)).toHaveLength(1);
      }
      expect(testsSeen()).toBe(3);
      await noPods();
    },
  );
  const heads: string[] = [];

  it('goes on when its node is away for a while, and is tried again when the node does not come back in time', async () => {
    // The cluster takes a node that is silent for so long for lost; the pods of ours tolerate that for as long as they were told to.
    await restart('controller-manager', { NODE_GRACE: '8s' });
    try {
      await serve();
      const { sha, pod } = await openRunning(20);
      await without('kubelet', () => sleep(10_000));
      expect(await world.concluded(repo, sha, 'unit')).toMatchObject({ conclusion: 'success' });
      expect(testsSeen()).toBe(1);

      // Still at it when the node comes back, and the next attempt has not long to go.
      const lost = await openRunning(90, { isUntil: true });
      expect(lost.pod).not.toBe(pod);
      await without('kubelet', async () => {
        await world.until('another attempt', async () => testsSeen() === 3, 240);
        expect(await world.check(repo, lost.sha, 'unit')).not.toMatchObject({ status: 'completed' });
      });
      expect(await world.concluded(repo, lost.sha, 'unit', 240)).toMatchObject({ conclusion: 'success' });
      expect(testsSeen()).toBe(3);
      await noPods();
    } finally {
      await restart('controller-manager');
    }
  });
});
