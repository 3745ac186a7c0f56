import { afterEach, expect, it } from 'vitest';
import { dice, pause } from '../harness/dice.ts';
import { doubled, readTraces, startedTwice } from '../harness/evidence.ts';
import {
  type OpenedPull,
  oneTracedJob,
  type ServedWorld,
  servedLimitMs,
  startServedWorld,
} from '../harness/served-world.ts';

let world: ServedWorld;

afterEach(async () => {
  await world.stop();
});

async function startWithWorkers(): Promise<void> {
  world = await startServedWorld({ organisations: 4, authors: ['ada', 'bob'], config: oneTracedJob('sleep 1') });
  const [web, worker] = [world.serve('web'), world.serve('worker')];
  world.front.turnTo(await web.url());
  await worker.ready();
}

it('Redis killed in mid-burst, twice: what was acknowledged is acted upon, what was not is sent again, and nothing runs twice', {
  timeout: servedLimitMs,
}, async () => {
  await startWithWorkers();
  const roll = dice(2);
  const burst = async (from: number): Promise<OpenedPull[]> => {
    const opening: Promise<OpenedPull>[] = [];
    for (let index = from; index < from + 6; index += 1) {
      opening.push(world.open(`change-${index}`));
      await pause(roll(0, 200));
    }
    return Promise.all(opening);
  };
  const pulls: OpenedPull[] = [];
  for (const from of [0, 6]) {
    const opening = burst(from);
    await pause(roll(100, 900));
    await world.redis.kill();
    await pause(roll(200, 1000));
    pulls.push(...(await opening));
    await world.redis.restart();
  }
  const refused = world.github.webhooks.deliveries(world.app.appId).filter(({ statusCode }) => statusCode === 503);
  expect(refused.length).toBeGreaterThan(0);
  await world.redeliver();
  expect(await world.conclusions(pulls, 'unit')).toEqual(pulls.map(() => 'success'));
  await world.empty();
  const traces = await readTraces(world.evidence);
  expect(startedTwice(traces)).toEqual([]);
  expect(doubled(traces, ({ who }) => who)).toEqual([]);
  expect(world.github.violations).toEqual([]);
});

it('Redis emptied while builds are finished, running and waiting: results stand, what ran is adopted, the rest is built', {
  timeout: servedLimitMs,
}, async () => {
  await startWithWorkers();
  const early = [await world.open('early-0'), await world.open('early-1')];
  expect(await world.conclusions(early, 'unit')).toEqual(['success', 'success']);
  const runs = await Promise.all(early.map(({ repo, headSha }) => world.github.checkRuns(repo, headSha)));
  const late: OpenedPull[] = [];
  for (let index = 0; index < 8; index += 1) late.push(await world.open(`late-${index}`));
  await world.until('some run and some wait', async () => {
    const { length } = (await readTraces(world.evidence)).filter(({ who }) => who.includes('late'));
    return length >= 2;
  });
  await world.redis.open().flushall();
  expect(await world.conclusions(late, 'unit')).toEqual(late.map(() => 'success'));
  await world.empty();
  const traces = await readTraces(world.evidence);
  expect(doubled(traces, ({ who }) => who)).toEqual([]);
  expect(startedTwice(traces.filter(({ who }) => who.includes('early')))).toEqual([]);
  // The check runs are the very ones.
  expect(await Promise.all(early.map(({ repo, headSha }) => world.github.checkRuns(repo, headSha)))).toEqual(runs);
  expect(world.github.violations).toEqual([]);
});
