import { afterEach, expect, it } from 'vitest';
import { dice, pause } from '../harness/dice.ts';
import { doubled, readTraces, startedTwice } from '../harness/evidence.ts';
import type { ProcessEnd, ServedProcess } from '../harness/served-process.ts';
import {
  type OpenedPull,
  oneTracedJob,
  type ServedWorld,
  servedLimitMs,
  startServedWorld,
} from '../harness/served-world.ts';

const moments = 15;
/** What a process may take at most (F45). */
const limitMs = 25_000;
let world: ServedWorld;

afterEach(async () => {
  await world.stop();
});

async function endInTime(served: ServedProcess): Promise<ProcessEnd> {
  const asked = performance.now();
  const end = await served.kill('SIGTERM');
  expect(performance.now() - asked).toBeLessThan(limitMs);
  return end;
}

const inOrder: ProcessEnd = { code: 0, signal: null };
/** Asked before it could hear: then the system ends it. */
const unheard: ProcessEnd = { code: null, signal: 'SIGTERM' };

it('SIGTERM at any moment of start and work ends a process in order and in time, and nothing is lost', {
  timeout: servedLimitMs,
}, async () => {
  world = await startServedWorld({ organisations: 4, authors: ['ada', 'bob'], config: oneTracedJob('sleep 0.5') });
  const roll = dice(5);
  const pulls: OpenedPull[] = [];
  let heard = 0;
  for (let moment = 0; moment < moments; moment += 1) {
    const served = world.serve('all');
    const isStarting = moment % 3 === 0;
    if (isStarting) await pause(roll(100, 1200));
    else {
      world.front.turnTo(await served.url());
      // Now or while it takes it in, looks at it, builds it and reports it.
      pulls.push(await world.open(`change-${moment}`));
      await pause(roll(0, 1500));
    }
    const end = await endInTime(served);
    expect(end).toEqual(served.output() === '' && isStarting ? expect.toBeOneOf([inOrder, unheard]) : inOrder);
    if (isStarting && end.code === 0) heard += 1;
    world.front.turnTo();
  }
  expect(heard).toBeGreaterThan(0);
  world.front.turnTo(await world.serve('all').url());
  await world.redeliver();
  expect(await world.conclusions(pulls, 'unit')).toEqual(pulls.map(() => 'success'));
  await world.empty();
  const traces = await readTraces(world.evidence);
  expect(startedTwice(traces)).toEqual([]);
  expect(doubled(traces, ({ who }) => who)).toEqual([]);
  expect(world.github.violations).toEqual([]);
});

it('SIGTERM ends a process in time also while Redis hangs', { timeout: servedLimitMs }, async () => {
  world = await startServedWorld({ organisations: 1, authors: ['ada'], config: oneTracedJob('sleep 0.5') });
  const served = world.serve('all');
  world.front.turnTo(await served.url());
  const pull = await world.open('change');
  world.redis.signal('SIGSTOP');
  expect(await endInTime(served)).toEqual(inOrder);
  world.redis.signal('SIGCONT');
  world.front.turnTo(await world.serve('all').url());
  await world.redeliver();
  expect(await world.conclusions([pull], 'unit')).toEqual(['success']);
});
