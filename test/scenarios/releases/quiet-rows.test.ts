import { afterEach, expect, it } from 'vitest';
import { cutRelease, type ReleaseWorld, restricted, startReleaseWorld } from './release-world.ts';

let world: ReleaseWorld;

afterEach(async () => world.stop());

const branch = 'release-v1.2';
const said = async (commit: string) => {
  const { conclusion, title } = await world.concludedOn(commit, 'sluice/version');
  return `${conclusion}: ${title}`;
};
const push = async (to: string, ...files: readonly Record<string, string>[]) => {
  const made = await world.pushTo(to, 'boss', ...files.map((each) => ({ files: each })));
  return made.at(-1) ?? '';
};

it('what cancels out, a fix on a release branch, the next cycle and a branch of nobody (V2, V5, V10, V20)', async () => {
  world = await startReleaseWorld();
  await cutRelease(world);
  const main = await push('main', { 'api/new.go': 'new\n', VERSION: 'v1.3.0-dev\n' });
  expect(await said(main)).toMatch(/^success: V8: /);
  const back = await push('main', { 'api/new.go': 'other\n' }, { 'api/new.go': 'new\n' });
  expect(await said(back)).toBe('skipped: V5: nothing changed');
  const fix = await push(branch, { 'api/fix.go': 'fix\n' });
  expect(await said(fix)).toMatch(/^success: V10: dev images/);
  expect(await said(await push(branch, { VERSION: 'v1.2.3\n' }))).toMatch(/^success: V11: /);
  const next = await push(branch, { VERSION: 'v1.2.4-dev\n' });
  expect(await said(next)).toMatch(/^skipped: V9: only VERSION changed/);
  const cycle = await push(branch, { VERSION: 'v1.2.5-dev\n', 'api/fix.go': 'more\n' });
  expect(await said(cycle)).toMatch(/^success: V10: dev images/);
  expect(world.releasesOf(branch)).toEqual(['releasing v1.2.3', 'released v1.2.3']);
  await world.github.setBranch({ repo: world.repo, by: 'boss', branch: 'topic', sha: fix });
  const topic = await push('topic', { 'api/topic.go': 'topic\n' });
  // What is pushed later has been answered: the one before it never will be.
  expect(await said(await push(branch, { VERSION: 'v1.2.6-dev\n' }))).toMatch(/^skipped: V9/);
  expect(await world.github.checkRuns(world.repo, topic)).toEqual([]);
}, 240_000);

it('a pull request is told what merging it would do, and red where that would fail (V23)', async () => {
  world = await startReleaseWorld({ lines: restricted });
  await said(await push('main', { VERSION: 'v1.2.3-dev\n' }));
  await world.github.setBranch({ repo: world.repo, by: 'boss', branch, sha: world.git('rev-parse', 'main') });
  const open = (base: string, files: Record<string, string>) =>
    world.github.openPullRequest({ repo: world.repo, by: 'ada', base, files });
  const told = async (base: string, files: Record<string, string>) => said((await open(base, files)).headSha);
  expect(await told('main', { 'api/a.go': 'a\n' })).toBe('neutral: After merge (V7): dev images of what changed.');
  expect(await told(branch, { VERSION: 'v1.2.3\n' })).toMatch(
    /^neutral: After merge \(V11\): release v1\.2\.3, held: ada is not in `initiators`/,
  );
  const wrong = await open(branch, { VERSION: 'v1.3.0\n' });
  expect(await said(wrong.headSha)).toMatch(/^failure: After merge \(V11\): the release of v1\.3\.0 would fail: /);
  const { summary } = await world.concludedOn(wrong.headSha, 'sluice/version');
  expect(summary).toContain(
    `Merged onto \`${branch}\` as it was at \`${world.git('rev-parse', branch).slice(0, 12)}\``,
  );
}, 240_000);
