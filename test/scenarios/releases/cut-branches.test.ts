import { afterEach, expect, it } from 'vitest';
import { type ReleaseWorld, startReleaseWorld } from './release-world.ts';

let world: ReleaseWorld;

afterEach(async () => world.stop());

const lines = 'version: { main: main, releaseBranches: "release-v*", automation: { cutBranch: true } }';
const version = (text: string, files: Readonly<Record<string, string | null>> = {}) => ({
  files: { VERSION: `${text}\n`, ...files },
});
const said = (commit: string, check = 'sluice/version') =>
  world.concludedOn(commit, check).then(({ conclusion, title }) => `${conclusion}: ${title}`);
const branches = (): string => world.git('for-each-ref', '--format=%(objectname) %(refname)', 'refs/heads/release-*');

it('the next cycle on main gives the last one its branch (V22), once, and nobody’s branch is moved', async () => {
  world = await startReleaseWorld({ lines });
  const [first = ''] = await world.pushTo('main', 'boss', version('v1.2.0-dev'));
  expect(await said(first)).toMatch(/^skipped: V6: /);
  const [fix = '', next = ''] = await world.pushTo(
    'main',
    'boss',
    { files: { 'fix.go': 'a fix\n' } },
    version('v1.3.0-dev'),
  );
  const title = await said(next);
  expect(title).toMatch(/^success: V8: /);
  expect(title).toContain(`; the branch release-v1.2 is at ${fix.slice(0, 12)}, where v1.2.0-dev ends here`);
  expect(branches()).toBe(`${fix} refs/heads/release-v1.2`);
  expect(world.releasesOf('main')).toEqual([]);

  // What is there stays, wherever it is; what somebody deleted is not made again.
  world.git('update-ref', 'refs/heads/release-v1.3', first);
  world.git('update-ref', '-d', 'refs/heads/release-v1.2');
  const [after = ''] = await world.pushTo('main', 'boss', version('v1.4.0-dev'));
  expect(await said(after)).toContain(
    `the branch release-v1.3 is there already, at ${first.slice(0, 12)}: it stays as it is`,
  );
  expect(branches()).toBe(`${first} refs/heads/release-v1.3`);
}, 240_000);

it('a pattern that tells no name is said on the check run, and nothing is created', async () => {
  world = await startReleaseWorld({ lines: lines.replace('release-v*', 'release-*-v*') });
  const [first = ''] = await world.pushTo('main', 'boss', version('v1.2.0-dev'));
  await world.concludedOn(first, 'sluice/version');
  const [next = ''] = await world.pushTo('main', 'boss', version('v1.3.0-dev'));
  const { summary } = await world.concludedOn(next, 'sluice/version');
  expect(summary).toContain('No branch was created for `v1.2.0-dev`: no pattern of `releaseBranches` tells its name');
  expect(branches()).toBe('');
}, 240_000);
