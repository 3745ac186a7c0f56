import type { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { Delivery } from '../../src/demo/github/deliveries.ts';
import { isStill } from '../harness/accepted.ts';
import { startWorld, type World } from '../harness/world.ts';

// Whole worlds take their time on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const repo = 'acme/api';
const day = 24 * 3_600_000;
let offset = 0;
let world: World;
let redis: Redis;

beforeAll(async () => {
  world = await startWorld({ now: () => Date.now() + offset });
  world.executor.always('build-image', { exitCode: 0, log: 'ok\n' });
  redis = world.redis.open();
});
afterAll(() => world.stop());

/** Moves every clock: that of GitHub and Sluice, and what is left of every life in the store. */
async function letPass(milliseconds: number): Promise<void> {
  offset += milliseconds;
  for (const key of await redis.keys('sluice:delivery:*')) {
    const left = (await redis.pttl(key)) - milliseconds;
    if (left > 0) await redis.pexpire(key, left);
    else await redis.del(key);
  }
}

function captured(event: string, action: string, number: number): Delivery {
  const found = world.github.webhooks.deliveries(world.app.appId).find(({ parcel }) => {
    const { payload } = parcel;
    const subject = payload.pull_request ?? payload.issue;
    const isOf = typeof subject === 'object' && subject !== null && 'number' in subject && subject.number === number;
    return isOf && parcel.event === event && parcel.action === action;
  });
  if (found === undefined) throw new Error(`no ${event}.${action} of #${number} was delivered`);
  return found;
}

/** Byte for byte as it was sent then. */
async function replay({ requestHeaders, parcel }: Delivery) {
  const body = JSON.stringify(parcel.payload);
  const url = `${world.sluice.url}/api/github/webhooks`;
  const response = await fetch(url, { method: 'POST', headers: requestHeaders, body });
  return { status: response.status, ...((await response.json()) as { readonly result?: string }) };
}

/** All that could be wrong afterwards: pods, check runs, comments. */
async function effects(numbers: readonly number[], heads: readonly string[]) {
  const runs = await Promise.all(heads.map((head) => world.github.checkRuns(repo, head)));
  const comments = await Promise.all(numbers.map((number) => world.github.comments(repo, number)));
  return { pods: world.executor.manifests.map(({ metadata }) => metadata.name), runs, comments };
}

async function quiet(): Promise<void> {
  await world.until('every event is acted upon', async () => {
    return (await isStill(redis)) && (await world.sluice.ports.reporter.waiting()) === 0;
  });
}

it('W11: bodies captured 6 and 8 days ago are answered with 202 and change nothing', async () => {
  const { github } = world;
  const open = await github.openPullRequest({ repo, by: 'ada', files: { 'README.md': 'one\n' } });
  const first = await world.concluded(repo, open.headSha, 'build-image');
  await github.comment(repo, open.number, 'ada', '/test build-image');
  await world.until('it was built again', async () => {
    const run = await world.check(repo, open.headSha, 'build-image');
    return run?.id !== first.id && run?.status === 'completed';
  });
  const head = await github.push({ repo, by: 'ada', branch: open.branch, files: { 'README.md': 'two\n' } });
  await world.concluded(repo, head, 'build-image');
  const closed = await github.openPullRequest({ repo, by: 'ada', files: { 'README.md': 'no\n' } });
  await world.concluded(repo, closed.headSha, 'build-image');
  await github.closePullRequest(repo, closed.number, 'ada');
  await github.webhooks.settled();
  await quiet();

  const old = [
    captured('pull_request', 'opened', open.number),
    captured('pull_request', 'synchronize', open.number),
    captured('issue_comment', 'created', open.number),
    captured('pull_request', 'opened', closed.number),
  ];
  const look = () => effects([open.number, closed.number], [open.headSha, head, closed.headSha]);
  const before = await look();
  expect(before.pods).toHaveLength(4);

  await letPass(6 * day);
  const within = await Promise.all(old.map(replay));
  expect(within).toEqual(Array(4).fill({ status: 202, result: 'duplicate' }));
  await quiet();
  expect(await look()).toEqual(before);

  await letPass(2 * day);
  const after = await Promise.all(old.map(replay));
  expect(after).toEqual(Array(4).fill({ status: 202, result: 'stored' }));
  await quiet();
  expect(await look()).toEqual(before);

  // What the records knew is not what kept it right.
  await redis.flushall();
  const unknown = await Promise.all(old.map(replay));
  expect(unknown).toEqual(Array(4).fill({ status: 202, result: 'stored' }));
  await quiet();
  expect(await look()).toEqual(before);
});
