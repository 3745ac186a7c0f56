import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { type ImageWorld, startImageWorld } from '../../harness/image-world.ts';
import { known, type NightWorld, startNightWorld } from '../periodic/night-world.ts';

let world: ImageWorld;

afterEach(async () => world.stop());

const folder = resolve(import.meta.dirname, '../../fixtures/build-logs');
const read = (name: string): string => readFileSync(join(folder, name), 'utf8');

/** A container file whose fourth line names a file that is not there, with what the builder says of it. */
const Dockerfile = read('missing-file.Dockerfile.txt');
const log = read('missing-file.kaniko.txt');

/** Ends the build of a job as the builder would on that file. */
async function fail(job: string): Promise<void> {
  const name = await world.until('it is built', () => world.executor.running().find((each) => each.includes(job)));
  world.executor.finish(name, { exitCode: 1, log, container: 'build' });
}

async function annotated(commit: string, name: string): Promise<object | undefined> {
  const run = await world.until(`${name} on ${commit.slice(0, 7)} is concluded`, async () => {
    const found = (await world.github.checkRuns(world.repo, commit)).findLast((each) => each.name === name);
    return found?.status === 'completed' && found;
  });
  expect(run.conclusion).toBe('failure');
  return run.annotations[0];
}

const line = { path: 'Dockerfile', start_line: 4, end_line: 4, message: expect.stringContaining('absent.txt') };

it('the line that failed is shown in the gate on the change, and after a push on its commit', async () => {
  world = await startImageWorld();
  world.uploadBy(() => 'wait');
  const ash = await world.change('Ash', { Dockerfile });
  await world.ask(ash);
  await fail('upload');
  await world.ended(ash, 'failure');
  expect(await annotated(ash.head, 'sluice/gate/main')).toMatchObject(line);
  await world.github.push({ repo: world.repo, by: 'boss', branch: 'main', files: { Dockerfile }, message: 'Direct' });
  const commit = world.git('rev-parse', 'main');
  await fail('publish');
  expect(await annotated(commit, 'publish')).toMatchObject(line);
}, 240_000);

it('and of a nightly on the commit that it built', async () => {
  const job = '{ template: build-image, images: [api], on: { cron: "H 2 * * *", timeZone: Europe/Berlin } }';
  const night: NightWorld = await startNightWorld({ lines: `jobs: { night: ${job} }`, judge: () => null });
  world = night;
  await known(night);
  world.uploadBy(() => 'fail');
  const commit = await night.push({ Dockerfile });
  night.pass(1);
  await fail('night');
  expect(await annotated(commit, 'night')).toMatchObject(line);
}, 240_000);
