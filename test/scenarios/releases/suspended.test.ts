import { afterEach, expect, it } from 'vitest';
import { cutRelease, type ReleaseWorld, startReleaseWorld } from './release-world.ts';

let world: ReleaseWorld;

afterEach(async () => world.stop());

const branch = 'release-v1.2';
const running = (): number => world.executor.running().length;

async function suspended(): Promise<void> {
  await world.github.suspend(world.app.installationId);
  await world.until('what runs is stopped', () => running() === 0);
}

it('while the App is suspended nothing of a push or a release is built; afterwards all of it goes on from its place', async () => {
  world = await startReleaseWorld();
  await cutRelease(world);
  world.uploadBy(() => 'wait');
  const [final = ''] = await world.pushTo(branch, 'boss', { files: { VERSION: 'v1.2.3\n' } });
  const [pushed = ''] = await world.pushTo('main', 'boss', { files: { VERSION: 'v1.3.0-dev\n', 'a.go': 'one\n' } });
  await world.until('both are built', () => running() === 2);
  await suspended();
  const built = world.executor.manifests.length;
  world.uploadBy(() => 'upload');
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  expect([running(), world.executor.manifests.length, world.uploaded.size]).toEqual([0, built, 0]);
  await world.github.unsuspend(world.app.installationId);
  expect(await world.concludedOn(final, 'sluice/release/v1.2.3')).toMatchObject({ conclusion: 'success' });
  expect(await world.concludedOn(pushed, 'publish')).toMatchObject({ conclusion: 'success' });
  expect(await world.published('api', 'v1.2.3')).toBe(world.digestOf('api', final));
  await world.until('the dev image is published', async () => {
    return (await world.published('api', 'v1.3.0-dev')) === world.digestOf('api', pushed);
  });
  expect(world.uploaded.size).toBe(2);
  expect(world.executor.manifests.length).toBe(built + 2);
  const runs = await world.github.checkRuns(world.repo, pushed);
  expect(runs.filter(({ name }) => name === 'publish')).toHaveLength(1);
}, 300_000);

it('what was uploaded is not published while the App is suspended, and is afterwards', async () => {
  world = await startReleaseWorld({ lines: '' });
  world.final.spoil({ on: /^PUT \/v2\/acme\/api\/manifests\/latest/, fault: { kind: 'answer', status: 503 } });
  const [pushed = ''] = await world.pushTo('main', 'boss', { files: { 'a.go': 'one\n' } });
  expect(await world.concludedOn(pushed, 'publish')).toMatchObject({ conclusion: 'success' });
  await world.until(
    'it waits for the registry',
    async () => (await world.promoteCheck(pushed))?.status === 'in_progress',
  );
  await world.github.suspend(world.app.installationId);
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  world.final.calm();
  const subject = (await world.sluice.ports.documents.subjects()).find((id) => id.startsWith('promote/'));
  await world.sluice.ports.signals.wake(subject as never);
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  expect(await world.published('api')).toBeNull();
  await world.github.unsuspend(world.app.installationId);
  await world.sluice.ports.signals.wake(subject as never);
  await world.until('it is published', async () => (await world.published('api')) === world.digestOf('api', pushed));
}, 300_000);
