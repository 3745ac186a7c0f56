import { afterEach, expect, it } from 'vitest';
import { cutRelease, type ReleaseWorld, startReleaseWorld } from './release-world.ts';

let world: ReleaseWorld;

afterEach(async () => world.stop());

const branch = 'release-v1.2';
const version = (text: string) => ({ files: { VERSION: `${text}\n` } });
const released = (text: string, commit: string) =>
  world.concludedOn(commit, `sluice/release/${text}`).then(({ conclusion, title }) => `${conclusion}: ${title}`);

const moving =
  'version: { main: main, releaseBranches: "release-v*", release: { moving: ["v{{major}}.{{minor}}", "v{{major}}", latest] } }';

it('moving tags go to the highest of their scope alone, and to no prerelease (V18, §4)', async () => {
  world = await startReleaseWorld({ lines: moving });
  await cutRelease(world);
  const [low = ''] = await world.pushTo(branch, 'boss', version('v1.2.3'));
  expect(await released('v1.2.3', low)).toMatch(/^success/);
  const other = 'release-v1.3';
  await cutRelease(world, other, 'v1.3.0-dev');
  const [high = ''] = await world.pushTo(other, 'boss', version('v1.3.0'));
  expect(await released('v1.3.0', high)).toMatch(/^success/);
  const [patch = ''] = await world.pushTo(branch, 'boss', version('v1.2.4'));
  expect(await released('v1.2.4', patch)).toMatch(/^success/);
  const [pre = ''] = await world.pushTo(other, 'boss', version('v1.3.1-rc.1'));
  expect(await released('v1.3.1-rc.1', pre)).toMatch(/^success: V18: /);
  const at = (tag: string) => world.published('api', tag);
  expect([await at('v1.2'), await at('v1.3'), await at('v1'), await at('latest'), await at('v1.3.1-rc.1')]).toEqual([
    world.digestOf('api', patch),
    world.digestOf('api', high),
    world.digestOf('api', high),
    world.digestOf('api', high),
    world.digestOf('api', pre),
  ]);
}, 240_000);

it('two versions in one push are released one after the other, and the one that does not build keeps the other from nothing (V19)', async () => {
  world = await startReleaseWorld();
  await cutRelease(world);
  let first = '';
  world.uploadBy(() => {
    const running = world.executor.manifests.at(-1)?.metadata.annotations['sluice.dev/commit'];
    return running === first ? 'fail' : 'upload';
  });
  const parent = world.git('rev-parse', branch);
  first = world.commit(parent, version('v1.2.3'));
  const second = world.commit(first, version('v1.2.4'));
  const head = world.commit(second, version('v1.2.5-dev'));
  await world.github.setBranch({ repo: world.repo, by: 'boss', branch, sha: head });
  expect(await released('v1.2.3', first)).toMatch(/^failure: V11: publish ended with /);
  expect(await released('v1.2.4', second)).toMatch(/^success/);
  expect(await world.concludedOn(head, 'sluice/version')).toMatchObject({ conclusion: 'failure' });
  expect(world.releasesOf(branch)).toEqual(['releasing v1.2.4', 'released v1.2.4']);
  expect(await world.published('api', 'v1.2.3')).toBeNull();
}, 240_000);

it('a version is released from one tree alone: again the same is confirmed, another fails, and none goes backwards (V12 to V15)', async () => {
  world = await startReleaseWorld();
  await cutRelease(world);
  const [final = ''] = await world.pushTo(branch, 'boss', version('v1.2.3'));
  expect(await released('v1.2.3', final)).toMatch(/^success/);
  const digest = await world.published('api', 'v1.2.3');
  const said = async (text: string, files: Record<string, string> = {}) => {
    const [head = ''] = await world.pushTo(branch, 'boss', { files: { VERSION: `${text}\n`, ...files } });
    const { conclusion, title } = await world.concludedOn(head, 'sluice/version');
    return `${conclusion}: ${title}`;
  };
  expect(await said('v1.2.3-dev')).toMatch(/^skipped: V9: /);
  expect(await said('v1.2.3')).toBe(`success: V12: v1.2.3 is released already from ${final.slice(0, 12)}`);
  await said('v1.2.4-dev');
  expect(await said('v1.2.3', { 'other.go': 'other\n' })).toBe(
    `failure: V13: version already released from ${final.slice(0, 12)}`,
  );
  expect(await said('v1.2.2')).toMatch(/^failure: V14: version goes backwards: v1.2.3 is released already/);
  expect(await world.published('api', 'v1.2.3')).toBe(digest);
  expect(world.releasesOf(branch).filter((each) => each.endsWith('v1.2.3'))).toHaveLength(2);
}, 240_000);

it('a branch that binds its version releases no other (V15), and what the registry has and no ledger knows is left alone', async () => {
  world = await startReleaseWorld({
    lines: 'version: { main: main, releaseBranches: "release-v{major}.{minor}" }',
  });
  await cutRelease(world);
  const [wrong = ''] = await world.pushTo(branch, 'boss', version('v1.3.0'));
  expect(await world.concludedOn(wrong, 'sluice/version')).toMatchObject({
    conclusion: 'failure',
    title: 'V15: release-v1.2 cannot release v1.3.0',
  });
  await world.seed('api', 'v1.2.3');
  const foreign = await world.published('api', 'v1.2.3');
  const [final = ''] = await world.pushTo(branch, 'boss', version('v1.2.3'));
  const check = await world.until('it is held', async () => {
    const run = await world.check(world.repo, final, 'sluice/release/v1.2.3');
    return run?.title?.startsWith('Held: ') && run;
  });
  expect(check.title).toMatch(/acme\/api:v1.2.3 is there already, and no ledger knows a release of it/);
  expect(await world.published('api', 'v1.2.3')).toBe(foreign);
  expect(world.releasesOf(branch)).toEqual([]);
}, 240_000);
