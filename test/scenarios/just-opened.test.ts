import { afterEach, beforeEach, expect, it } from 'vitest';
import { toBuildId } from '../../src/model/build.ts';
import { startWorld, type World } from '../harness/world.ts';

const repo = 'acme/api';
const green = { exitCode: 0, log: 'ok\n' };
const asking = /\/(pulls|comments|check-runs|collaborators|members|graphql|installation)\b|\/repos\/acme\/api$/;
let world: World;

beforeEach(async () => {
  world = await startWorld();
  const { notes } = world.sluice.ports;
  await world.until('the beginning is noted', async () => (await notes.read('state-since')) !== null);
  // Our state began long before anything that is opened now.
  await world.sluice.ports.notes.write('state-since', String(Date.now() - 3_600_000));
});

afterEach(() => world.stop());

function open(text: string) {
  return world.github.openPullRequest({ repo, by: 'ada', files: { 'README.md': text } });
}

/** The forge and its people are known, and nothing is under way. */
async function warmUp(): Promise<void> {
  world.executor.always('build-image', green);
  const { headSha } = await open('first\n');
  await world.concluded(repo, headSha, 'build-image');
  await world.concluded(repo, headSha, 'sluice');
  await world.until('it is quiet', async () => (await world.sluice.ports.reporter.waiting()) === 0);
  world.executor.always('build-image', null);
}

async function started(count: number): Promise<string> {
  await world.until('the pod was started', () => world.executor.manifests.length === count);
  return world.executor.manifests[count - 1]?.metadata.name ?? '';
}

async function startOf(build: string): Promise<number> {
  const [first] = (await world.executor.observe(toBuildId(build)))?.containers ?? [];
  if (first?.state.kind !== 'running') throw new Error(`${build} does not run`);
  return first.state.startedAt;
}

it('what was just opened is started before the forge is asked anything, and asked about soon after', async () => {
  await warmUp();
  const before = world.github.requests.length;
  const pull = await open('second\n');
  const build = await started(2);
  const begun = await startOf(build);
  const asked = world.github.requests.slice(before).filter(({ path, at }) => asking.test(path) && at < begun);
  expect(asked).toEqual([]);
  await world.until('the forge was asked', () =>
    world.github.requests.slice(before).some(({ path }) => path.endsWith(`/pulls/${pull.number}`)),
  );
  world.executor.finish(build, green);
  expect(await world.concluded(repo, pull.headSha, 'build-image')).toMatchObject({ conclusion: 'success' });
  expect(world.executor.manifests).toHaveLength(2);
});

it('who lost the right to it meanwhile has it stopped, with the reason, and an approval starts it again', async () => {
  await warmUp();
  await world.github.setPermission(repo, 'ada', 'read');
  const pull = await open('without permission\n');
  const build = await started(2);
  await world.until('it is stopped', () => world.executor.stopped.includes(build));
  const cancelled = await world.concluded(repo, pull.headSha, 'build-image');
  expect(cancelled).toMatchObject({ conclusion: 'cancelled' });
  expect(cancelled.summary).toContain('ada has only read permission here');
  expect(await world.concluded(repo, pull.headSha, 'sluice')).toMatchObject({ conclusion: 'action_required' });
  world.executor.always('build-image', green);
  await world.github.comment(repo, pull.number, 'boss', `/ok-to-test ${pull.headSha}`);
  await world.until('it was built', async () => {
    const run = await world.check(repo, pull.headSha, 'build-image');
    return run?.conclusion === 'success';
  });
});

it('with a command in its text, or by somebody not known yet, the forge is asked first', async () => {
  await warmUp();
  const before = world.github.requests.length;
  await world.github.openPullRequest({ repo, by: 'ada', body: '/retest', files: { 'README.md': 'with a command\n' } });
  await started(2);
  expect(world.github.requests.slice(before).some(({ path }) => asking.test(path))).toBe(true);
});

it('while the forge gives no answer, what was begun goes on to its end, and is confirmed when it answers again', async () => {
  await warmUp();
  const before = world.github.requests.length;
  world.github.faults.add({
    method: 'GET',
    path: /\/pulls\/\d+$/,
    count: 10_000,
    does: { kind: 'status', status: 502, when: 'before' },
  });
  world.executor.always('build-image', green);
  const pull = await open('in an outage\n');
  expect(await world.concluded(repo, pull.headSha, 'build-image')).toMatchObject({ conclusion: 'success' });
  const answered = () =>
    world.github.requests
      .slice(before)
      .some(({ path, status }) => path.endsWith(`/pulls/${pull.number}`) && status === 200);
  expect(answered()).toBe(false);
  world.github.faults.clear();
  await world.until('it was confirmed', answered);
});
