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

it('workers killed in mid-build again and again: every build runs once, every change is concluded, no pod is left', {
  timeout: servedLimitMs,
}, async () => {
  world = await startServedWorld({ organisations: 3, authors: ['ada', 'bob'], config: oneTracedJob('sleep 1') });
  const roll = dice(1);
  const web = world.serve('web');
  world.front.turnTo(await web.url());
  const work = () => world.serve('worker', { SLUICE_BUILDS: '3' });
  const workers = [work(), work()];
  await Promise.all(workers.map((worker) => worker.ready()));
  const pulls: OpenedPull[] = [];
  for (let round = 0; round < 5; round += 1) {
    for (let index = 0; index < 2; index += 1) pulls.push(await world.open(`change-${pulls.length}`));
    await pause(roll(0, 1500));
    await workers.shift()?.kill('SIGKILL');
    workers.push(work());
  }
  expect(await world.conclusions(pulls, 'unit')).toEqual(pulls.map(() => 'success'));
  await world.empty();
  const traces = await readTraces(world.evidence);
  expect(traces).toHaveLength(2 * pulls.length);
  expect(startedTwice(traces)).toEqual([]);
  expect(doubled(traces, ({ who }) => who)).toEqual([]);
  expect(world.github.violations).toEqual([]);
});
