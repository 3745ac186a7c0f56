import { afterEach, expect, it } from 'vitest';
import { type ImageWorld, startImageWorld } from '../../harness/image-world.ts';

let world: ImageWorld;

afterEach(async () => world.stop());

interface SaidCheck {
  readonly conclusion: string | null;
  readonly title: string;
  readonly summary: string;
}

/** Waits until a check run on a commit is concluded. */
async function concluded(commit: string, name: string): Promise<SaidCheck> {
  const run = await world.until(`${name} on ${commit.slice(0, 7)} is concluded`, async () => {
    const found = (await world.github.checkRuns(world.repo, commit)).findLast((each) => each.name === name);
    return found?.status === 'completed' && found;
  });
  return {
    conclusion: run.conclusion === null ? null : `${run.conclusion}`,
    title: run.title ?? '',
    summary: run.summary ?? '',
  };
}

async function push(files: Readonly<Record<string, string>>, branch = 'main'): Promise<string> {
  await world.github.push({ repo: world.repo, by: 'boss', branch, files, message: 'Direct' });
  return world.git('rev-parse', branch);
}

const digestAt = (image: string, commit: string): string | undefined =>
  world.uploaded.get(`${image}@${commit}`)?.digest;

it('what a person merges by hand is built at that commit, and published like what landed', async () => {
  world = await startImageWorld({ images: ['api', 'web'] });
  const ash = await world.change('Ash', { 'README.md': 'hello, Ash\n' });
  expect(await world.github.pressMerge(world.repo, ash.number, 'boss')).toMatchObject({ kind: 'merged' });
  const commit = world.git('rev-parse', 'main');
  expect(await concluded(commit, 'publish')).toMatchObject({ conclusion: 'success' });
  expect((await concluded(commit, 'sluice/promote')).title).toBe('2 images published, as built after the push');
  for (const image of ['api', 'web']) {
    expect(digestAt(image, commit)).toBeDefined();
    expect([await world.published(image), await world.published(image, commit)]).toEqual([
      digestAt(image, commit),
      digestAt(image, commit),
    ]);
  }
  expect(world.git('log', '--format=%s', 'refs/sluice/ledger/main')).toMatch(/pushed/);
}, 240_000);

it('what lands through the gate is promoted, and not built a second time', async () => {
  world = await startImageWorld();
  const pushed = await push({ 'README.md': 'pushed\n' });
  await concluded(pushed, 'sluice/promote');
  expect(await world.published('api')).toBe(digestAt('api', pushed));
  const ash = await world.change('Ash', { 'README.md': 'hello, Ash\n' });
  await world.ask(ash);
  await world.ended(ash, 'success');
  const landed = world.git('rev-parse', 'main');
  expect((await concluded(landed, 'sluice/promote')).title).toBe('1 image published, as the gate tested them');
  expect(await world.published('api')).toBe(digestAt('api', landed));
  expect(world.uploaded.size).toBe(2);
  expect((await world.github.checkRuns(world.repo, landed)).map(({ name }) => name)).not.toContain('publish');
}, 240_000);
