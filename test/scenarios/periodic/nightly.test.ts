import { afterEach, expect, it } from 'vitest';
import { known, type NightWorld, startNightWorld } from './night-world.ts';

let world: NightWorld;

afterEach(async () => world.stop());

const nightly = '{ image: localhost/busybox:1, run: make night, on: { cron: "H 2 * * *", timeZone: Europe/Berlin } }';

it('a nightly runs at the tip of that time, once a night, with a check run of its own', async () => {
  world = await startNightWorld({ lines: `jobs: { night: ${nightly} }` });
  await known(world);
  const first = world.tip();
  expect(await world.checks(first, 'night')).toEqual([]);
  const second = await world.push({ 'README.md': 'two\n' });
  world.pass(1);
  expect(await world.concludedAt(second, 'night')).toMatchObject({ conclusion: 'success', title: /Passed/ });
  expect(await world.checks(first, 'night')).toEqual([]);
  world.pass(1);
  const again = await world.concludedAt(second, 'night', 2);
  expect(again.conclusion).toBe('success');
  expect(new Set((await world.checks(second, 'night')).map(({ externalId }) => externalId)).size).toBe(2);
  expect(await world.issues()).toEqual([]);
}, 240_000);

it('what was missed for a week runs once', async () => {
  world = await startNightWorld({ lines: `jobs: { night: ${nightly} }` });
  await known(world);
  const tip = world.tip();
  await world.sluice.close();
  world.pass(7);
  world.sluice = await world.startAnother();
  await world.concludedAt(tip, 'night');
  await world.until('the next time is set', async () => {
    const { document } = await world.sluice.ports.documents.load(world.subject as never);
    const [found] = (document as { nightlies: { dueAt: number; run: unknown }[] }).nightlies;
    return found !== undefined && found.run === null && found.dueAt > world.now();
  });
  expect(await world.checks(tip, 'night')).toHaveLength(1);
}, 240_000);

it('with `unchanged: skip` nothing runs while the files are those that were green, and the reason is kept', async () => {
  const line = nightly.replace('"H 2 * * *"', '"H 2 * * *", unchanged: skip');
  world = await startNightWorld({ lines: `jobs: { night: ${line} }` });
  await known(world);
  const first = world.tip();
  world.pass(1);
  await world.concludedAt(first, 'night');
  world.pass(1);
  await world.until('it is left out', async () =>
    /left out, nothing changed since it was green at/.test(await world.history()),
  );
  expect(await world.checks(first, 'night')).toHaveLength(1);
  const second = await world.push({ 'README.md': 'two\n' });
  world.pass(1);
  expect(await world.concludedAt(second, 'night')).toMatchObject({ conclusion: 'success' });
}, 240_000);
