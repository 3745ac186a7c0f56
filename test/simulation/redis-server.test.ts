import { expect, it } from 'vitest';
import { createChance } from './chance.ts';
import { knobsOf } from './knobs.ts';
import { createRedisServer } from './redis-server.ts';
import { createScheduler } from './scheduler.ts';
import type { Sim } from './sim.ts';

function aSim(redis: 'always' | 'everysec'): Sim {
  const chance = createChance(1);
  const time = createScheduler(1_000_000, chance.stream('ties').unit);
  const nothing = (): void => undefined;
  const knobs = { ...knobsOf(1), redis };
  return { knobs, chance, time, faultsOn: () => true, note: nothing, tell: nothing, violate: nothing };
}

async function passed(sim: Sim, milliseconds: number): Promise<void> {
  sim.time.after(milliseconds, () => undefined);
  await sim.time.run(sim.time.now() + milliseconds, () => false);
}

it.each`
  mode          | kept
  ${'always'}   | ${'late'}
  ${'everysec'} | ${'early'}
`('with $mode a crash keeps what was written $kept', async ({ mode, kept }) => {
  const sim = aSim(mode);
  const redis = createRedisServer(sim);
  redis.write(() => redis.data.set('note:a', 'early'));
  await passed(sim, 1300);
  redis.write(() => redis.data.set('note:a', 'late'));
  redis.crash(0);
  expect(redis.data.get('note:a')).toBe(kept);
});

it('calls back once what was written is on disk, and never when the server ended before', async () => {
  const sim = aSim('everysec');
  const redis = createRedisServer(sim);
  const heard: string[] = [];
  await passed(sim, 100);
  redis.write(() => redis.data.set('note:a', '1'));
  redis.whenOnDisk(
    () => heard.push('on disk'),
    () => heard.push('lost'),
  );
  expect(redis.isOnDisk('note:a')).toBe(false);
  await passed(sim, 1000);
  expect(heard).toEqual(['on disk']);
  expect(redis.isOnDisk('note:a')).toBe(true);
  redis.write(() => redis.data.set('note:b', '2'));
  redis.whenOnDisk(
    () => heard.push('on disk'),
    () => heard.push('lost'),
  );
  redis.crash(0);
  await passed(sim, 1000);
  expect(heard).toEqual(['on disk', 'lost']);
  expect(redis.data.get('note:b')).toBeUndefined();
});

it('goes back to an earlier time, and is empty after a flush', async () => {
  const sim = aSim('always');
  const redis = createRedisServer(sim);
  redis.write(() => redis.data.set('doc:a', 1));
  const then = sim.time.now();
  await passed(sim, 5000);
  redis.write(() => redis.data.set('doc:a', 2));
  redis.write(() => redis.data.set('doc:b', 3));
  redis.restore(then);
  expect(redis.data.get('doc:a')).toBe(1);
  expect(redis.data.keys('doc:')).toEqual(['doc:a']);
  redis.flush();
  expect(redis.data.keys('')).toEqual([]);
});

it('refuses writes and not reads while it is read-only, and nothing answers while it is away', async () => {
  const sim = aSim('always');
  const redis = createRedisServer(sim);
  redis.refuse('READONLY');
  expect(redis.read(() => 'answer')).toBe('answer');
  expect(() => redis.write(() => 'answer')).toThrow('READONLY');
  redis.refuse(null);
  redis.goAway(1000);
  expect(() => redis.read(() => 'answer')).toThrow('ECONNREFUSED');
  await passed(sim, 1001);
  expect(redis.write(() => 'answer')).toBe('answer');
});
