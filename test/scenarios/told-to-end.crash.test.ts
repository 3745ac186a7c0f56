import { describe, expect, it, type TestContext } from 'vitest';
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

const moments = { ofStart: 5, ofWork: 10 };
/** What a process may take at most (F45). */
const limitMs = 25_000;

async function startWorld(
  { onTestFinished }: Pick<TestContext, 'onTestFinished'>,
  organisations: number,
  authors: readonly string[],
): Promise<ServedWorld> {
  const world = await startServedWorld({ organisations, authors, config: oneTracedJob('sleep 0.5') });
  onTestFinished(() => world.stop());
  return world;
}

async function endInTime(served: ServedProcess): Promise<ProcessEnd> {
  const asked = performance.now();
  const end = await served.kill('SIGTERM');
  expect(performance.now() - asked).toBeLessThan(limitMs);
  return end;
}

const inOrder: ProcessEnd = { code: 0, signal: null };
/** Asked before it could hear: then the system ends it. */
const unheard: ProcessEnd = { code: null, signal: 'SIGTERM' };

/** What the last process, which nobody ends, makes of all that was left. */
async function expectNothingLost(world: ServedWorld, pulls: readonly OpenedPull[]): Promise<void> {
  world.front.turnTo(await world.serve('all').url());
  await world.redeliver();
  expect(await world.conclusions(pulls, 'unit')).toEqual(pulls.map(() => 'success'));
  await world.empty();
  const traces = await readTraces(world.evidence);
  expect(startedTwice(traces)).toEqual([]);
  expect(doubled(traces, ({ who }) => who)).toEqual([]);
  expect(world.github.violations).toEqual([]);
}

// Each mostly waits, in a world of its own.
describe.concurrent('SIGTERM', { timeout: servedLimitMs }, () => {
  it('at any moment of its start ends a process in order and in time, and nothing is lost', async (context) => {
    const world = await startWorld(context, 4, ['ada', 'bob']);
    const roll = dice(5);
    const pulls: OpenedPull[] = [];
    let heard = 0;
    for (let moment = 0; moment < moments.ofStart; moment += 1) {
      // Left by nobody for this one to find.
      pulls.push(await world.open(`change-${moment}`));
      const served = world.serve('all');
      // Some before it can hear, some when it has just begun.
      if (moment % 2 === 1) await world.until('it says something', () => served.output() !== '');
      await pause(roll(0, 800));
      const end = await endInTime(served);
      expect(end).toEqual(served.output() === '' ? expect.toBeOneOf([inOrder, unheard]) : inOrder);
      if (end.code === 0) heard += 1;
    }
    expect(heard).toBeGreaterThan(0);
    await expectNothingLost(world, pulls);
  });

  it('at any moment of its work ends a process in order and in time, and nothing is lost', async (context) => {
    const world = await startWorld(context, 4, ['ada', 'bob']);
    const roll = dice(6);
    const pulls: OpenedPull[] = [];
    for (let moment = 0; moment < moments.ofWork; moment += 1) {
      const served = world.serve('all');
      world.front.turnTo(await served.url());
      // Now or while it takes it in, looks at it, builds it and reports it.
      pulls.push(await world.open(`change-${moment}`));
      await pause(roll(0, 1500));
      expect(await endInTime(served)).toEqual(inOrder);
      world.front.turnTo();
    }
    await expectNothingLost(world, pulls);
  });

  it('ends a process in time also while Redis hangs', async (context) => {
    const world = await startWorld(context, 1, ['ada']);
    const served = world.serve('all');
    world.front.turnTo(await served.url());
    const pull = await world.open('change');
    world.redis.signal('SIGSTOP');
    expect(await endInTime(served)).toEqual(inOrder);
    world.redis.signal('SIGCONT');
    await expectNothingLost(world, [pull]);
  });
});
