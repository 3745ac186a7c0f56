import { afterEach, expect, it } from 'vitest';
import { keysFor } from '../../src/adapters/redis/keys.ts';
import { streamDeliveries } from '../harness/delivery-stream.ts';
import { dice, pause } from '../harness/dice.ts';
import { doubled, readTraces, startedTwice } from '../harness/evidence.ts';
import type { ServedProcess } from '../harness/served-process.ts';
import {
  type OpenedPull,
  oneTracedJob,
  type ServedWorld,
  servedLimitMs,
  startServedWorld,
} from '../harness/served-world.ts';

const key = keysFor();
const restarts = 10;
let world: ServedWorld;

afterEach(async () => {
  await world.stop();
});

async function turnFront(processes: readonly ServedProcess[]): Promise<void> {
  world.front.turnTo(...(await Promise.all(processes.map((served) => served.url()))));
}

/** Puts a new process beside the older one and ends that, in turn as it is asked to and as it is not. */
async function replaceOldest(processes: ServedProcess[], round: number): Promise<void> {
  const next = world.serve('all');
  await next.ready();
  processes.push(next);
  await turnFront(processes);
  const oldest = processes.shift();
  const end = await oldest?.kill(round % 2 === 0 ? 'SIGTERM' : 'SIGKILL');
  expect(end).toEqual(round % 2 === 0 ? { code: 0, signal: null } : { code: null, signal: 'SIGKILL' });
  await turnFront(processes);
}

it('10 rolling restarts under 100 deliveries a second, asked for and not: nothing acknowledged is lost (W18)', {
  timeout: servedLimitMs,
}, async () => {
  world = await startServedWorld({ organisations: 4, authors: ['ada', 'bob'], config: oneTracedJob('sleep 0.5') });
  const roll = dice(4);
  const processes = [world.serve('all'), world.serve('all')];
  await turnFront(processes);
  const stream = streamDeliveries(`${world.front.url}/api/github/webhooks`, world.app, 100);
  const pulls: OpenedPull[] = [];
  for (let round = 0; round < restarts; round += 1) {
    pulls.push(await world.open(`change-${round}`));
    await replaceOldest(processes, round);
    await pause(roll(0, 300));
  }
  const { acked } = await stream.end();
  expect(acked.length).toBeGreaterThan(restarts * 50);
  const redis = world.redis.open();
  const stored = await redis.mget(acked.map((guid) => key('delivery', guid)));
  expect(acked.filter((_, index) => stored[index] === null)).toEqual([]);

  await world.redeliver();
  expect(await world.conclusions(pulls, 'unit')).toEqual(pulls.map(() => 'success'));
  await world.until('everything that was taken in is routed', async () => (await redis.xlen(key('intake'))) === 0);
  expect(await redis.xlen(key('quarantine'))).toBe(0);
  await world.until('everything that was routed is taken up', async () => (await redis.scard(key('inboxes'))) === 0);
  await world.empty();
  const traces = await readTraces(world.evidence);
  expect(startedTwice(traces)).toEqual([]);
  expect(doubled(traces, ({ who }) => who)).toEqual([]);
  expect(world.github.violations).toEqual([]);
});
