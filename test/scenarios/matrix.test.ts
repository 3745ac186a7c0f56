import { afterAll, beforeAll, expect, it } from 'vitest';
import { dockerfile, startWorld, type World } from '../harness/world.ts';

const config = [
  'jobs:',
  '  unit:',
  '    on: [presubmit, postsubmit]',
  '    image: "localhost/go:{{ matrix.go }}"',
  '    run: make test GO={{ matrix.go }}',
  '    matrix: { go: ["1.23", "1.24"] }',
  '  after: { on: [presubmit, postsubmit], needs: unit, image: localhost/busybox:1, run: make after }',
  '',
].join('\n');

const repo = 'acme/api';
let world: World;

beforeAll(async () => {
  world = await startWorld({ files: { Dockerfile: dockerfile, 'README.md': 'hello\n', '.sluice.yaml': config } });
});
afterAll(async () => {
  expect(world.github.violations).toEqual([]);
  await world.stop();
});

interface Cell {
  readonly name: string;
  readonly image: string;
}

/** The pods of the job that run, by the value of their cell. */
async function cellsRunning(commit: string): Promise<ReadonlyMap<string, Cell>> {
  return world.until('both cells run', () => {
    const running = world.executor.running('unit');
    const found = world.executor.manifests.flatMap(({ metadata, spec }): [string, Cell][] => {
      const point = JSON.parse(metadata.annotations['sluice.dev/point'] ?? '{}');
      const isOne = running.includes(metadata.name) && metadata.annotations['sluice.dev/commit'] === commit;
      return isOne ? [[point.cell.go, { name: metadata.name, image: spec.containers[0]?.image ?? '' }]] : [];
    });
    return found.length === 2 && new Map(found);
  });
}

it('is one check run over a build for each cell, and what needs it waits for all of them', async () => {
  world.executor.always('after', { exitCode: 0 });
  const pull = await world.github.openPullRequest({ repo, by: 'ada', files: { 'README.md': 'a\n' } });
  const cells = await cellsRunning(pull.headSha);
  expect([...cells].map(([go, { image }]) => [go, image]).sort()).toEqual([
    ['1.23', 'localhost/go:1.23'],
    ['1.24', 'localhost/go:1.24'],
  ]);
  world.executor.finish(cells.get('1.23')?.name ?? '', { exitCode: 0, log: 'fine\n' });
  await world.until('one row says passed', async () =>
    /go=1\.23` \| passed/.test((await world.check(repo, pull.headSha, 'unit'))?.summary ?? ''),
  );
  expect(await world.check(repo, pull.headSha, 'unit')).toMatchObject({ status: 'in_progress' });
  expect(world.executor.manifests.some(({ metadata }) => metadata.annotations['sluice.dev/job'] === 'after')).toBe(
    false,
  );
  world.executor.finish(cells.get('1.24')?.name ?? '', { exitCode: 1, log: 'broken\n' });
  const red = await world.concluded(repo, pull.headSha, 'unit');
  expect(red.conclusion).toBe('failure');
  expect(red.summary).toMatch(/go=1\.24` \| failed/);
  expect(red.text).toContain('broken');
  expect(await world.concluded(repo, pull.headSha, 'after')).toMatchObject({ conclusion: 'skipped' });
}, 120_000);

it('does the same for what was pushed', async () => {
  const commit = await world.github.push({ repo, by: 'ada', branch: 'main', files: { 'README.md': 'b\n' } });
  for (const { name } of (await cellsRunning(commit)).values()) world.executor.finish(name, { exitCode: 0 });
  expect(await world.concluded(repo, commit, 'unit')).toMatchObject({ conclusion: 'success' });
  expect(await world.concluded(repo, commit, 'after')).toMatchObject({ conclusion: 'success' });
}, 120_000);
