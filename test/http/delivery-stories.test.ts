import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Parcel } from '../../src/demo/github/deliveries.ts';
import { isStill } from '../harness/accepted.ts';
import { startWorld, type World } from '../harness/world.ts';
import { type Posted, postDelivery } from './post-delivery.ts';

vi.setConfig({ testTimeout: 60_000 });

const repo = 'acme/api';
const green = { exitCode: 0, log: 'ok\n' };
let world: World;
let offset = 0;

beforeAll(async () => {
  world = await startWorld({ now: () => Date.now() + offset });
  world.executor.always('build-image', green);
});
afterAll(() => world.stop());

function openPull() {
  return world.github.openPullRequest({ repo, by: 'ada', files: { 'README.md': `${Math.random()}\n` } });
}

/** The commits of pods that were ever started, of these. */
function builtOf(heads: readonly string[]): string[] {
  const built = world.executor.manifests.map(({ metadata }) => metadata.annotations['sluice.dev/commit'] ?? '');
  return built.filter((commit) => heads.includes(commit));
}

/** Waits until nothing is on its way: no event, no signal, no check run that waits. */
async function quiet(): Promise<void> {
  await world.github.webhooks.settled();
  const redis = world.redis.open();
  await world.until('all is quiet', async () => {
    return (await isStill(redis)) && (await reportsWaiting()) === 0;
  });
}

const reportsWaiting = () => world.sluice.ports.reporter.waiting();

describe('W8: fifty deliveries at the same time', () => {
  it('of one GUID are one event and one build', async () => {
    world.github.webhooks.pause();
    const pull = await openPull();
    world.github.webhooks.resume();
    const post = async (): Promise<Posted> => {
      const answer = await postParcel(pull.number, pull.headSha, '6f1d4a0e-fifty-times-the-same');
      // A machine that is too busy says so, and the forge sends again.
      return answer.status === 503 ? post() : answer;
    };
    const answers = await Promise.all(Array.from({ length: 50 }, post));
    expect(answers.map(({ status }) => status)).toEqual(Array(50).fill(202));
    expect(answers.filter(({ result }) => result === 'stored').length).toBeLessThanOrEqual(1);
    expect(await world.concluded(repo, pull.headSha, 'build-image')).toMatchObject({ conclusion: 'success' });
    await quiet();
    expect(builtOf([pull.headSha])).toEqual([pull.headSha]);
  });

  it('of different GUIDs of one pull request are few passes, and its newest head is built once', async () => {
    world.github.webhooks.pause();
    const pull = await openPull();
    const files = { 'README.md': 'newer\n' };
    const head = await world.github.push({ repo, by: 'ada', branch: pull.branch, files });
    world.github.webhooks.resume();
    const before = world.github.requests.length;
    const guids = Array.from({ length: 50 }, (_, index) => `6f1d4a0e-different-${index}`);
    const heads = [pull.headSha, head];
    const answers = await Promise.all(
      guids.map((guid, index) => postParcel(pull.number, heads[index % 2] ?? '', guid)),
    );
    expect(answers.filter(({ result }) => result === 'stored')).toHaveLength(50);
    expect(await world.concluded(repo, head, 'build-image')).toMatchObject({ conclusion: 'success' });
    await quiet();
    expect(builtOf(heads)).toEqual([head]);
    const asked = world.github.requests.slice(before).filter(({ path }) => path.endsWith(`/pulls/${pull.number}`));
    expect(asked.length).toBeGreaterThan(0);
    expect(asked.length).toBeLessThan(20);
  });

  async function postParcel(number: number, sha: string, guid: string) {
    const repository = { id: await repositoryId(), name: 'api', owner: { login: 'acme', id: 1 } };
    const body = { action: 'synchronize', number, pull_request: { number, head: { sha } }, repository };
    const { appId, webhookSecret: secret, installationId } = world.app;
    const whole = JSON.stringify({ ...body, installation: { id: installationId } });
    return postDelivery(world.sluice.url ?? '', whole, { guid, appId, secret });
  }

  async function repositoryId(): Promise<number> {
    const [project] = await world.sluice.ports.forge.projects();
    return project?.id ?? 0;
  }
});

it('W15: a pull request whose payload is never delivered gets its conclusions after a resync', async () => {
  world.github.webhooks.lose({ event: 'pull_request' });
  const pull = await openPull();
  await world.github.webhooks.settled();
  const attempts = () => world.github.requests.filter(({ path }) => path.endsWith('/attempts')).length;
  await world.sluice.worker?.redeliver();
  expect(attempts()).toBe(0);
  expect(await world.check(repo, pull.headSha, 'build-image')).toBeUndefined();
  await world.sluice.worker?.resync();
  expect(await world.concluded(repo, pull.headSha, 'build-image')).toMatchObject({ conclusion: 'success' });
  expect(builtOf([pull.headSha])).toEqual([pull.headSha]);
});

it('W15: a push whose payload is never delivered gets its conclusions too, and the old head no more', async () => {
  const pull = await openPull();
  await world.concluded(repo, pull.headSha, 'build-image');
  world.github.webhooks.lose({ event: 'pull_request' });
  world.github.webhooks.lose({ event: 'push' });
  const head = await world.github.push({ repo, by: 'ada', branch: pull.branch, files: { 'README.md': 'huge\n' } });
  await world.github.webhooks.settled();
  expect(await world.check(repo, head, 'build-image')).toBeUndefined();
  await world.sluice.worker?.resync();
  expect(await world.concluded(repo, head, 'build-image')).toMatchObject({ conclusion: 'success' });
});

const step = fc.constantFrom('push', 'push', 'close', 'reopen', 'edit');
const story = fc.record({ steps: fc.array(step, { maxLength: 4 }), doubled: fc.boolean() });
type Story = { readonly steps: readonly string[]; readonly doubled: boolean };

/** Plays the steps of one pull request; gives all its heads, the newest last, and whether it is open in the end. */
async function play({ steps, doubled }: Story) {
  if (doubled) world.github.webhooks.double({ event: 'pull_request', count: 2 });
  const pull = await openPull();
  const heads = [pull.headSha];
  let isOpen = true;
  for (const each of steps) {
    if (each === 'push' && isOpen) {
      const files = { 'README.md': `${Math.random()}\n` };
      heads.push(await world.github.push({ repo, by: 'ada', branch: pull.branch, files }));
    } else if (each === 'close' && isOpen) {
      await world.github.closePullRequest(repo, pull.number, 'ada');
      isOpen = false;
    } else if (each === 'reopen' && !isOpen) {
      await world.github.reopen(repo, pull.number, 'ada');
      isOpen = true;
    } else if (each === 'edit') await world.github.editTitle(repo, pull.number, `title ${Math.random()}`, 'ada');
  }
  return { heads, isOpen };
}

/** What an opening tells is believed for some seconds only, and only to begin what the next look may stop. */
const fresh = 15_000;

it.each([
  ['late', 'nothing else at all', 2 * fresh],
  ['at once', 'at most what was opened besides', 0],
])(
  'W9: whatever the order of deliveries that come %s, the newest head of what is open is built once, and %s',
  async (_when, _besides, ms) => {
    let parcels = 0;
    const anyStories = fc.array(story, { minLength: 5, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(
        anyStories,
        fc.array(fc.nat(1_000), { minLength: 80, maxLength: 80 }),
        async (stories, ranks) => {
          world.github.webhooks.hold();
          const played: Awaited<ReturnType<typeof play>>[] = [];
          for (const each of stories) played.push(await play(each));
          offset += ms;
          world.github.webhooks.release((waiting) => {
            parcels += waiting.length;
            const rank = new Map(waiting.map((parcel: Parcel, index) => [parcel, ranks[index] ?? 0]));
            return [...waiting].sort((a, b) => (rank.get(a) ?? 0) - (rank.get(b) ?? 0));
          });
          await quiet();
          for (const { heads, isOpen } of played) {
            const [first = '', newest = first] = [heads[0], heads.at(-1)];
            if (isOpen) expect((await world.concluded(repo, newest, 'build-image')).conclusion).toBe('success');
            const wanted = isOpen ? [newest] : [];
            const built = builtOf(heads);
            expect(built.filter((commit) => wanted.includes(commit))).toEqual(wanted);
            const others = built.filter((commit) => !wanted.includes(commit));
            expect(ms > fresh ? [[]] : [[], [first]]).toContainEqual(others);
          }
          expect(world.executor.running()).toEqual([]);
        },
      ),
      { numRuns: 1, endOnFailure: true },
    );
    expect(parcels).toBeGreaterThan(15);
  },
);
