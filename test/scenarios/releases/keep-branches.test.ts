import { afterEach, expect, it } from 'vitest';
import { type ReleaseWorld, startReleaseWorld } from './release-world.ts';

let world: ReleaseWorld;

afterEach(async () => world.stop());

const lines =
  'version: { main: main, releaseBranches: "release-v*", automation: { cutBranch: true, keepBranches: 2 } }';
const version = (text: string) => ({ files: { VERSION: `${text}\n` } });
const refs = (): readonly string[] =>
  world
    .git('for-each-ref', '--format=%(refname)', 'refs/heads/release-*', 'refs/sluice/closed')
    .split('\n')
    .filter((line) => line !== '');

it('the newest release branches stay, older ones are closed and kept once the next is cut, and what people work on stays', async () => {
  world = await startReleaseWorld({ lines });
  const { github, repo } = world;
  const start = world.git('rev-parse', 'main');
  for (const minor of [0, 1, 2])
    await github.setBranch({ repo, by: 'boss', branch: `release-v1.${minor}`, sha: start });
  const { number } = await github.openPullRequest({
    repo,
    by: 'ada',
    base: 'release-v1.1',
    files: { 'fix.go': 'a fix\n' },
  });
  const [first = ''] = await world.pushTo('main', 'boss', version('v1.3.0-dev'));
  // Two of them are newer already.
  expect((await world.concludedOn(first, 'sluice/version')).summary).toContain('release-v1.0 was closed');
  const [next = ''] = await world.pushTo('main', 'boss', version('v1.4.0-dev'));
  const said = await world.concludedOn(next, 'sluice/version');
  expect(said.conclusion).toBe('success');
  expect(said.title).toContain('; the branch release-v1.3 is at ');
  expect(said.title).not.toContain('release-v1.1');
  expect(said.summary).toContain(`the branch release-v1.1 stays beside 2 newer ones: #${number} is open against it.`);
  expect(refs()).toEqual([
    'refs/heads/release-v1.1',
    'refs/heads/release-v1.2',
    'refs/heads/release-v1.3',
    'refs/sluice/closed/release-v1.0',
  ]);
  expect(world.git('rev-parse', 'refs/sluice/closed/release-v1.0')).toBe(start);

  // Whoever wants it back has it, for good; what nobody works on any more goes with the next push.
  await github.setBranch({ repo, by: 'boss', branch: 'release-v1.0', sha: start });
  await github.closePullRequest(repo, number, 'ada');
  const [last = ''] = await world.pushTo('main', 'boss', { files: { 'main.go': 'two\n' } });
  const { title, summary } = await world.concludedOn(last, 'sluice/version');
  expect(title).toMatch(
    /; the branch release-v1\.1 was closed, as 2 newer ones stay; refs\/sluice\/closed\/release-v1\.1/,
  );
  expect(summary).toContain('it was closed before (refs/sluice/closed/release-v1.0), and somebody brought it back');
  expect(refs()).toContain('refs/heads/release-v1.0');
}, 240_000);

it('no other branch than the default one closes any, whatever its file says (attack)', async () => {
  world = await startReleaseWorld();
  const { github, repo } = world;
  const start = world.git('rev-parse', 'main');
  for (const minor of [0, 1, 2])
    await github.setBranch({ repo, by: 'boss', branch: `release-v1.${minor}`, sha: start });
  await github.setBranch({ repo, by: 'mallory', branch: 'mine', sha: start });
  const file = world.git('show', `${start}:.sluice.yaml`);
  const greedy = `version: { main: mine, releaseBranches: "release-v*", automation: { keepBranches: 1 } }`;
  const [pushed = ''] = await world.pushTo('mine', 'mallory', {
    files: { VERSION: 'v1.3.0-dev\n', '.sluice.yaml': `${file.replace(/^version:.*$/m, greedy)}\n` },
  });
  await world.concludedOn(pushed, 'sluice/version');
  expect(refs()).toEqual(['refs/heads/release-v1.0', 'refs/heads/release-v1.1', 'refs/heads/release-v1.2']);
}, 240_000);
