import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { AppContext } from '../../src/app/context.ts';
import { redeliverFailed } from '../../src/app/redeliver.ts';
import type { RequestRecord } from '../../src/demo/github/server.ts';
import type { Clock } from '../../src/ports/clock.ts';
import { acceptedIn } from '../harness/accepted.ts';
import { startWorld, type World } from '../harness/world.ts';

// Whole worlds take their time on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const repo = 'acme/api';
const minute = 60_000;
let world: World;
/** Of the pull request whose title is edited. */
let number: number;
let offset = 0;

/** A web process whose GitHub lives on a clock that the poller's own pauses move on. */
beforeAll(async () => {
  world = await startWorld({ sluice: { role: 'web' }, now: () => Date.now() + offset });
  number = (await world.github.openPullRequest({ repo, by: 'ada', files: { 'README.md': 'x\n' } })).number;
  await world.github.webhooks.settled();
});
afterAll(() => world.stop());

beforeEach(async () => {
  // What earlier tests left in the log is older than it keeps.
  offset += 4 * 24 * 60 * minute;
  await world.redis.open().flushall();
  world.github.faults.clear();
  attempts = attemptsEver().length;
  await world.github.setWebhookUrl(world.app.appId, `${world.sluice.url}/api/github/webhooks`);
});

const never = new AbortController().signal;
const clock: Clock = {
  now: () => Date.now() + offset,
  elapsed: () => offset,
  sleep: async (milliseconds) => {
    offset += milliseconds;
  },
};

function poll(signal: AbortSignal = never, on: Clock = clock): Promise<number> {
  const ports = { ...world.sluice.ports, clock: on };
  return redeliverFailed({ ports } as unknown as AppContext, signal);
}

/** Edits the title so often; `fails` says which of these deliveries GitHub cannot hand over. */
async function deliver(count: number, fails: (index: number) => boolean): Promise<string[]> {
  const known = new Set(log().map(({ parcel }) => parcel.guid));
  for (let index = 0; index < count; index += 1) {
    if (fails(index)) world.github.webhooks.lose({ event: 'pull_request', action: 'edited', logged: true });
    await world.github.editTitle(repo, number, `title ${offset}`, 'ada');
    offset += 500;
  }
  await world.github.webhooks.settled();
  const fresh = log().filter(({ parcel }) => !known.has(parcel.guid));
  return fresh.filter(({ statusCode }) => statusCode !== 202).map(({ parcel }) => parcel.guid);
}

const log = () => world.github.webhooks.deliveries(world.app.appId);
/** What was asked for; a moved clock makes the forge refuse the first signature of the App, which asks for nothing. */
const attemptsEver = (): RequestRecord[] =>
  world.github.requests.filter(({ path, status }) => path.endsWith('/attempts') && status !== 401);
let attempts = 0;
const attemptsNow = () => attemptsEver().slice(attempts);
/** How often each of these GUIDs was handed over, tried again included. */
const handedOver = (guids: readonly string[]) =>
  guids.map((guid) => log().filter(({ parcel, statusCode }) => parcel.guid === guid && statusCode === 202).length);

/** The path of asking for this delivery again. */
function askingFor(guid: string | undefined): RegExp {
  return new RegExp(`/${log().find(({ parcel }) => parcel.guid === guid)?.id}/attempts$`);
}

async function storedGuids(): Promise<string[]> {
  const redis = world.redis.open();
  const found = await acceptedIn(redis);
  // Each is looked at once.
  for (const key of await redis.keys('sluice:inbox:*')) await redis.del(key);
  await redis.del('sluice:inboxes', 'sluice:intake');
  return found;
}

describe('W12: deliveries that failed', () => {
  it('are asked for again, 30 of 100, exactly those, once, at most one a second, and each is an event once', async () => {
    const failed = await deliver(100, (index) => index % 10 < 3);
    expect(failed).toHaveLength(30);
    expect(await poll()).toBe(30);
    await world.github.webhooks.settled();
    const times = attemptsNow().map(({ at }) => at);
    expect(times).toHaveLength(30);
    for (const [index, at] of times.entries())
      if (index > 0) expect(at - (times[index - 1] ?? 0)).toBeGreaterThanOrEqual(1_000);
    expect(handedOver(failed)).toEqual(Array(30).fill(1));
    offset += 5 * minute;
    expect(await poll()).toBe(0);
    expect(attemptsNow()).toHaveLength(30);
    const guids = new Set(log().map(({ parcel }) => parcel.guid));
    const stored = (await storedGuids()).filter((guid) => guids.has(guid));
    expect(stored).toEqual(expect.arrayContaining(failed));
    expect(new Set(stored).size).toBe(stored.length);
  });

  it.each([404, 410])(
    'that cannot be had any more (%i) do not keep the others, and are not asked for for ever',
    async (status) => {
      const failed = await deliver(3, () => true);
      const path = askingFor(failed[1]);
      world.github.faults.add({ path, count: 100, does: { kind: 'status', status, when: 'before' } });
      expect(await poll()).toBe(3);
      await world.github.webhooks.settled();
      expect(handedOver(failed)).toEqual([1, 0, 1]);
      for (let count = 0; count < 4; count += 1) {
        offset += 15 * minute;
        await poll();
      }
      expect(attemptsNow().filter((attempt) => path.test(attempt.path)).length).toBeLessThanOrEqual(2);
    },
  );

  it.each([
    ['a limit', { kind: 'secondary-limit', status: 429, retryAfter: 120 }],
    ['an answer that is none', { kind: 'status', status: 502, when: 'before' }],
    ['a lost connection', { kind: 'reset', when: 'before' }],
  ] as const)('are all asked for later when %s comes in between', async (_what, does) => {
    const failed = await deliver(6, () => true);
    world.github.faults.add({ path: askingFor(failed[2]), does });
    await expect(poll()).rejects.toThrow();
    expect(attemptsNow()).toHaveLength(does.kind === 'reset' ? 2 : 3);
    offset += 5 * minute;
    expect(await poll()).toBe(4);
    await world.github.webhooks.settled();
    expect(handedOver(failed)).toEqual(Array(6).fill(1));
  });

  it('are asked for by the next process when this one ends in between, also those from long before', async () => {
    const early = await deliver(2, () => true);
    offset += 60 * minute;
    const late = await deliver(2, () => true);
    const ending = new AbortController();
    const sleep = async () => ending.abort();
    expect(await poll(ending.signal, { ...clock, sleep })).toBe(1);
    offset += 5 * minute;
    await poll();
    await world.github.webhooks.settled();
    expect(handedOver([...early, ...late])).toEqual([1, 1, 1, 1]);
  });

  it('time after time are given up after five tries', async () => {
    const [guid = ''] = await deliver(1, () => true);
    await world.github.setWebhookUrl(world.app.appId, 'http://127.0.0.1:9/');
    for (let count = 0; count < 8; count += 1) {
      await poll();
      await world.github.webhooks.settled();
      offset += 5 * minute;
    }
    expect(attemptsNow()).toHaveLength(5);
    expect(log().filter(({ parcel }) => parcel.guid === guid)).toHaveLength(6);
  });

  it('are not asked for when they are here already: only the answer was lost', async () => {
    const [guid = ''] = await deliver(1, () => true);
    expect(await poll()).toBe(1);
    await world.github.webhooks.settled();
    expect(handedOver([guid])).toEqual([1]);
    const seen = log().find(({ parcel }) => parcel.guid === guid);
    expect(seen?.parcel.redelivery).toBe(true);
    const ports = { ...world.sluice.ports, clock };
    const unread = { deliveries: async () => [{ id: 1, guid, deliveredAt: clock.now(), ok: false }] };
    const context = { ports: { ...ports, deliveries: { ...ports.deliveries, ...unread } } } as unknown as AppContext;
    expect(await redeliverFailed(context, never)).toBe(0);
  });
});
