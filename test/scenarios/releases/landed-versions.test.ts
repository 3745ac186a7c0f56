import { afterEach, expect, it } from 'vitest';
import { type ReleaseWorld, startReleaseWorld } from './release-world.ts';

let world: ReleaseWorld;

afterEach(async () => world.stop());

it('what lands where versions are kept is published under the tags of its version, and a landing of VERSION alone is not', async () => {
  world = await startReleaseWorld();
  const [begun = ''] = await world.pushTo('main', 'boss', { files: { VERSION: 'v1.3.0-dev\n' } });
  await world.concludedOn(begun, 'sluice/version');
  const ash = await world.change('Ash', { 'README.md': 'hello, Ash\n' });
  await world.ask(ash);
  await world.ended(ash, 'success');
  const landed = world.git('rev-parse', 'main');
  expect(await world.concludedOn(landed, 'sluice/promote')).toMatchObject({ conclusion: 'success' });
  const digest = world.digestOf('api', landed);
  expect(digest).toBeDefined();
  for (const tag of [`v1.3.0-dev-${landed}`, 'v1.3.0-dev']) expect(await world.published('api', tag)).toBe(digest);
  expect([await world.published('api'), await world.published('api', landed)]).toEqual([null, null]);
  expect(await world.concludedOn(landed, 'sluice/version')).toMatchObject({
    conclusion: 'success',
    title: 'V7: dev images of what changed',
  });
  const next = await world.change('Next', { VERSION: 'v1.4.0-dev\n' });
  await world.ask(next);
  await world.ended(next, 'success');
  const alone = world.git('rev-parse', 'main');
  expect(await world.concludedOn(alone, 'sluice/version')).toMatchObject({
    conclusion: 'skipped',
    title: 'V6: only VERSION changed, no dev images',
  });
  expect(await world.concludedOn(alone, 'sluice/promote')).toMatchObject({ conclusion: 'skipped' });
  expect(await world.published('api', 'v1.4.0-dev')).toBeNull();
  expect(await world.published('api', 'v1.3.0-dev')).toBe(digest);
}, 240_000);

it('what lands with a VERSION that is none, or without it, is published under no tag at all, and says why (V3, V4)', async () => {
  world = await startReleaseWorld();
  const [begun = ''] = await world.pushTo('main', 'boss', { files: { VERSION: 'v1.3.0-dev\n', 'README.md': 'one\n' } });
  await world.concludedOn(begun, 'sluice/promote');
  const digest = await world.published('api', 'v1.3.0-dev');
  expect(digest).toBe(world.digestOf('api', begun));
  for (const [name, VERSION, row] of [
    ['Broken', 'soon\n', /^V3: VERSION:1: /],
    ['Gone', null, /^V4: `VERSION` is not there/],
  ] as const) {
    const change = await world.change(name, { VERSION, 'README.md': `${name}\n` });
    await world.ask(change);
    await world.ended(change, 'success');
    const landed = world.git('rev-parse', 'main');
    const said = await world.concludedOn(landed, 'sluice/version');
    expect(said).toMatchObject({ conclusion: 'failure' });
    expect(said.title).toMatch(row);
    expect(await world.concludedOn(landed, 'sluice/promote')).toEqual(
      expect.objectContaining({
        conclusion: 'skipped',
        title: 'Nothing is published of it: sluice/version says why',
      }),
    );
    expect([await world.published('api'), await world.published('api', landed)]).toEqual([null, null]);
  }
  expect(await world.published('api', 'v1.3.0-dev')).toBe(digest);
}, 240_000);
