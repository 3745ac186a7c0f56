import { expect, it } from 'vitest';
import { createChance } from './chance.ts';
import { createScheduler, type Scheduler } from './scheduler.ts';

function aScheduler(seed: number): Scheduler {
  return createScheduler(1000, createChance(seed).stream('ties').unit);
}

const never = (): boolean => false;

it('does everything in the order of its time, and what follows from it before the next', async () => {
  const time = aScheduler(1);
  const seen: string[] = [];
  time.after(20, () => seen.push(`second at ${time.now()}`));
  time.after(10, () => {
    void Promise.resolve()
      .then(() => undefined)
      .then(() => seen.push(`first at ${time.now()}`));
  });
  time.after(15, () => seen.push('taken back'))();
  await time.run(2000, never);
  expect(seen).toEqual(['first at 1010', 'second at 1020']);
});

it('lets the time pass when nothing happens, and not beyond what was asked for', async () => {
  const time = aScheduler(1);
  const seen: number[] = [];
  time.after(500, () => seen.push(time.now()));
  await time.run(1200, never);
  expect([time.now(), seen]).toEqual([1200, []]);
  await time.run(1800, never);
  expect([time.now(), seen]).toEqual([1800, [1500]]);
});

it('decides by the seed what comes first at the same time', async () => {
  const orders = new Set<string>();
  for (let seed = 1; seed <= 20; seed += 1) {
    const time = aScheduler(seed);
    const seen: string[] = [];
    for (const name of ['a', 'b', 'c']) time.after(10, () => seen.push(name));
    await time.run(2000, never);
    orders.add(seen.join(''));
  }
  expect(orders.size).toBeGreaterThan(3);
});
