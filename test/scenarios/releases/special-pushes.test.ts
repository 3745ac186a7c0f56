import { afterEach, expect, it } from 'vitest';
import { cutRelease, type ReleaseWorld, startReleaseWorld, versionLines } from './release-world.ts';

let world: ReleaseWorld;

afterEach(async () => world.stop());

const branch = 'release-v1.2';
const version = (text: string, files: Readonly<Record<string, string | null>> = {}) => ({
  files: { VERSION: `${text}\n`, ...files },
});
const said = (commit: string, check = 'sluice/version') =>
  world.concludedOn(commit, check).then(({ conclusion, title }) => `${conclusion}: ${title}`);

it('a branch that is deleted while it releases (V1): the release goes on, and what only waits is cancelled', async () => {
  world = await startReleaseWorld({ sluice: { limits: { pool: 1, perRepository: 1, perAuthor: 1 } } });
  await cutRelease(world);
  world.uploadBy(() => 'wait');
  const [final = ''] = await world.pushTo(branch, 'boss', version('v1.2.3'));
  await world.until('it is built', () => world.executor.running().length === 1);
  const [dev = ''] = await world.pushTo(branch, 'boss', version('v1.2.4-dev', { 'fix.go': 'a fix\n' }));
  await world.until('its dev images wait', () => world.check(world.repo, dev, 'publish'));
  await world.github.deleteBranch(world.repo, branch, 'boss');
  const cancelled = await world.concludedOn(dev, 'publish');
  expect(cancelled).toMatchObject({ conclusion: 'cancelled' });
  expect(cancelled.summary).toContain('the branch was deleted');
  world.uploadBy(() => 'upload');
  expect(await said(final, 'sluice/release/v1.2.3')).toMatch(/^success: V11: released v1.2.3/);
  expect(await world.published('api', 'v1.2.3')).toBe(world.digestOf('api', final));
  expect(world.releasesOf(branch)).toEqual(['releasing v1.2.3', 'released v1.2.3']);
  expect(world.uploaded.size).toBe(1);
}, 240_000);

it('a forced push of a release branch (V25) releases what it brings, and what was released stays so and is told', async () => {
  world = await startReleaseWorld({
    lines: 'version: { main: main, releaseBranches: "release-v*", release: { moving: ["v{{major}}.{{minor}}"] } }',
  });
  const cut = await cutRelease(world);
  const [first = ''] = await world.pushTo(branch, 'boss', version('v1.2.3'));
  expect(await said(first, 'sluice/release/v1.2.3')).toMatch(/^success/);
  const digest = await world.published('api', 'v1.2.3');
  const second = world.commit(cut, { files: { 'fix.go': 'a fix\n' } }, version('v1.2.4'));
  await world.github.setBranch({ repo: world.repo, by: 'boss', branch, sha: second });
  expect(await said(second, 'sluice/release/v1.2.4')).toMatch(/^success/);
  expect((await world.concludedOn(second, 'sluice/version')).summary).toContain(
    'v1.2.3 stays released, though its commit is not on the branch any more',
  );
  expect(await world.published('api', 'v1.2.3')).toBe(digest);
  expect(await world.published('api', 'v1.2')).toBe(world.digestOf('api', second));
  const third = world.commit(cut, version('v1.2.3', { 'other.go': 'other\n' }));
  await world.github.setBranch({ repo: world.repo, by: 'boss', branch, sha: third });
  expect(await said(third)).toBe(`failure: V13: version already released from ${first.slice(0, 12)}`);
  expect(await world.published('api', 'v1.2.3')).toBe(digest);
  expect(await world.published('api', 'v1.2')).toBe(world.digestOf('api', second));
}, 240_000);

it('a forced push of main builds what is different now, and its moving tag goes there', async () => {
  world = await startReleaseWorld();
  const [base = ''] = await world.pushTo('main', 'boss', version('v1.3.0-dev', { 'a.go': 'one\n' }));
  await world.concludedOn(base, 'sluice/promote');
  const [left = ''] = await world.pushTo('main', 'boss', { files: { 'a.go': 'two\n' } });
  await world.concludedOn(left, 'sluice/promote');
  const kept = world.commit(base, { files: { 'a.go': 'three\n' } });
  await world.github.setBranch({ repo: world.repo, by: 'boss', branch: 'main', sha: kept });
  expect(await said(kept)).toMatch(/^success: V7: /);
  await world.until('the moving tag is there', async () => {
    return (await world.published('api', 'v1.3.0-dev')) === world.digestOf('api', kept);
  });
  const again = world.commit(kept, version('v1.3.1-dev'));
  await world.github.setBranch({ repo: world.repo, by: 'boss', branch: 'main', sha: again });
  expect(await said(again)).toMatch(/^skipped: V6: /);
}, 240_000);

it('main makes dev images alone: a final version there is none (V21), and the next cycle builds nothing (V22)', async () => {
  world = await startReleaseWorld();
  const [base = ''] = await world.pushTo('main', 'boss', version('v1.2.0-dev'));
  expect(await said(base)).toMatch(/^skipped: V6: /);
  const [alone = ''] = await world.pushTo('main', 'boss', version('v1.2.0'));
  expect(await said(alone)).toBe('skipped: V6: only VERSION changed, no dev images');
  const [both = ''] = await world.pushTo('main', 'boss', version('v1.2.1', { 'a.go': 'one\n' }));
  expect(await said(both)).toMatch(/^success: V8: /);
  await world.concludedOn(both, 'sluice/promote');
  for (const tag of ['v1.2.1-dev', `v1.2.1-dev-${both}`])
    expect(await world.published('api', tag)).toBe(world.digestOf('api', both));
  const [next = ''] = await world.pushTo('main', 'boss', version('v1.3.0-dev'));
  expect(await said(next)).toMatch(/^skipped: V6: /);
  expect([await world.published('api', 'v1.2.0'), await world.published('api', 'v1.2.1')]).toEqual([null, null]);
  expect(world.git('for-each-ref', '--format=%(refname)', 'refs/heads/release-*')).toBe('');
  expect(world.ledgerOf('main').filter(({ kind }) => kind === 'releasing')).toEqual([]);
}, 240_000);

it('a release commit that changes more is refused where the project says so (V17), and the next one is not', async () => {
  world = await startReleaseWorld({
    lines: 'version: { main: main, releaseBranches: "release-v*", release: { versionOnly: true } }',
  });
  await cutRelease(world);
  const [more = ''] = await world.pushTo(branch, 'boss', version('v1.2.3', { 'fix.go': 'a fix\n' }));
  expect(await said(more)).toBe(
    `failure: V17: ${more.slice(0, 12)} changes more than VERSION, and \`release.versionOnly\` forbids that`,
  );
  const [, final = ''] = await world.pushTo(branch, 'boss', version('v1.2.4-dev'), version('v1.2.4'));
  expect(await said(final, 'sluice/release/v1.2.4')).toMatch(/^success: V11: /);
  expect(await world.published('api', 'v1.2.3')).toBeNull();
  expect(world.releasesOf(branch)).toEqual(['releasing v1.2.4', 'released v1.2.4']);
}, 240_000);

it('a git tag above that nobody released holds the release (V14), which goes on by itself once the tag is gone', async () => {
  world = await startReleaseWorld();
  await cutRelease(world);
  const [fix = ''] = await world.pushTo(branch, 'boss', { files: { 'fix.go': 'a fix\n' } });
  await world.github.pushTag({ repo: world.repo, by: 'boss', tag: 'v1.2.9', target: fix });
  expect(await said(fix, 'sluice/tag/v1.2.9')).toBe('failure: tag v1.2.9 on VERSION v1.2.3-dev');
  const [final = ''] = await world.pushTo(branch, 'boss', version('v1.2.3'));
  const held = await world.until('it is held', async () => {
    const run = await world.check(world.repo, final, 'sluice/release/v1.2.3');
    return run?.title?.startsWith('Held: ') && run;
  });
  expect(held.title).toBe(
    `Held: version goes backwards: the git tag v1.2.9 at ${fix.slice(0, 12)} is there, of which no ledger knows a release, and v1.2.3 is not above it`,
  );
  expect([await world.published('api', 'v1.2.3'), await world.published('api', 'v1.2.9')]).toEqual([null, null]);
  world.git('update-ref', '-d', 'refs/tags/v1.2.9');
  expect(await said(final, 'sluice/release/v1.2.3')).toMatch(/^success: V11: released v1.2.3/);
  expect(world.releasesOf(branch)).toEqual(['releasing v1.2.3', 'released v1.2.3']);
}, 240_000);

it('components have versions, releases and images of their own, from one branch', async () => {
  const components =
    'components: { api: { file: api/VERSION, paths: ["api/**"] }, web: { file: web/VERSION, paths: ["web/**"] } }';
  world = await startReleaseWorld({
    images: ['api', 'web'],
    lines: versionLines.replace('{ main', `{ ${components}, main`),
  });
  const main = world.git('rev-parse', 'main');
  await world.github.setBranch({ repo: world.repo, by: 'boss', branch: 'release-v1', sha: main });
  const of = (api: string, web: string, files: Readonly<Record<string, string>> = {}) => ({
    files: { 'api/VERSION': `${api}\n`, 'web/VERSION': `${web}\n`, ...files },
  });
  const [first = ''] = await world.pushTo('release-v1', 'boss', of('v1.2.3-dev', 'v2.0.0-dev'));
  await world.concludedOn(first, 'sluice/version');
  const [api = '', web = ''] = await world.pushTo(
    'release-v1',
    'boss',
    of('v1.2.3', 'v2.0.0-dev'),
    of('v1.2.4-dev', 'v2.0.0', { 'web/a.go': 'one\n' }),
  );
  expect(await said(api, 'sluice/release/api/v1.2.3')).toMatch(/^success: V11: released v1.2.3 .*\(1 image\)$/);
  expect(await said(web, 'sluice/release/web/v2.0.0')).toMatch(/^success: V11: released v2.0.0 .*\(1 image\)$/);
  expect(await world.published('api', 'v1.2.3')).toBe(world.digestOf('api', api));
  expect(await world.published('web', 'v2.0.0')).toBe(world.digestOf('web', web));
  expect([await world.published('web', 'v1.2.3'), await world.published('api', 'v2.0.0')]).toEqual([null, null]);
  const told = await said(web);
  expect(told).toContain(`api: V11: release v1.2.3 from ${api.slice(0, 12)}`);
  expect(told).toContain(`web: V11: release v2.0.0 from ${web.slice(0, 12)}`);
  // The version of one is no bar to a lower one of the other.
  const [low = ''] = await world.pushTo('release-v1', 'boss', of('v1.2.4', 'v2.0.1-dev'));
  expect(await said(low, 'sluice/release/api/v1.2.4')).toMatch(/^success: V11: /);
  expect(await world.published('web', 'v1.2.4')).toBeNull();
}, 240_000);
