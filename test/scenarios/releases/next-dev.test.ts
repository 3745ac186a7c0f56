import { afterEach, expect, it } from 'vitest';
import { cutRelease, type ReleaseWorld, startReleaseWorld } from './release-world.ts';

let world: ReleaseWorld;

afterEach(async () => world.stop());

const automation = (words: string) =>
  `version: { main: main, releaseBranches: "release-v*", automation: { ${words} } }`;
const branch = 'release-v1.2';
const version = (text: string) => ({ files: { VERSION: `# what is next\n${text}\n` } });
const open = () => world.github.openPullRequests(world.repo);
const heads = () => world.git('for-each-ref', '--format=%(refname)', 'refs/heads/sluice');

it('what was released goes on as the next dev version by a pull request, opened once whatever answer is lost', async () => {
  world = await startReleaseWorld({ lines: automation('nextDev: true') });
  await cutRelease(world);
  // It is opened, and nobody hears of it.
  const path = /\/pulls$/;
  world.github.faults.add({ method: 'POST', path, does: { kind: 'status', status: 502, when: 'after' } });
  const [final = ''] = await world.pushTo(branch, 'boss', version('v1.2.3'));
  const check = await world.concludedOn(final, 'sluice/release/v1.2.3');
  const [number = 0, ...more] = await open();
  expect(more).toEqual([]);
  expect(check.conclusion).toBe('success');
  expect(check.summary).toContain(`* #${number} proposes v1.2.4-dev.`);
  const pull = await world.github.pullRequest(world.repo, number);
  expect(pull).toMatchObject({ title: 'Prepare next dev version v1.2.4-dev', baseRef: branch });
  expect(heads()).toBe(`refs/heads/sluice/next-dev/${branch}/v1.2.4-dev`);
  expect(world.git('show', `${pull.headSha}:VERSION`)).toBe('# what is next\nv1.2.4-dev');
  expect(world.git('log', '-1', '--format=%P', pull.headSha)).toBe(final);

  await world.github.pressMerge(world.repo, number, 'boss', { method: 'squash' });
  const said = await world.concludedOn(world.git('rev-parse', branch), 'sluice/version');
  expect(said).toMatchObject({ conclusion: 'skipped', title: `V9: only VERSION changed, no dev images` });
  expect(world.releasesOf(branch)).toEqual(['releasing v1.2.3', 'released v1.2.3']);
}, 240_000);

it('nothing is proposed where the branch has gone on already', async () => {
  world = await startReleaseWorld({ lines: automation('nextDev: true') });
  await cutRelease(world);
  const [final = ''] = await world.pushTo(branch, 'boss', version('v1.2.3'), version('v1.2.4-dev'));
  const { summary } = await world.concludedOn(final, 'sluice/release/v1.2.3');
  expect(summary).toContain('* No dev version is proposed: VERSION on release\\-v1.2 says something else by now.');
  expect(await open()).toEqual([]);
  expect(heads()).toBe('');
}, 240_000);

it('main goes on with the next minor version where its own is cut, and what a person closed stays closed', async () => {
  world = await startReleaseWorld({ lines: automation('cutBranch: true, nextDev: true') });
  const [first = ''] = await world.pushTo('main', 'boss', version('v1.2.0-dev'));
  await world.concludedOn(first, 'sluice/version');
  // Closed, and its branch deleted, before we hear that it is open.
  const until = async () => {
    const [number = 0] = await open();
    expect(await world.github.pullRequest(world.repo, number)).toMatchObject({ baseRef: 'main', state: 'open' });
    await world.github.closePullRequest(world.repo, number, 'boss');
    world.git('update-ref', '-d', heads());
    return 'cut' as const;
  };
  world.github.faults.add({ method: 'POST', path: /\/pulls$/, does: { kind: 'hold', when: 'after', until } });
  const [final = ''] = await world.pushTo('main', 'boss', version('v1.2.0'));
  const { conclusion, title } = await world.concludedOn(final, 'sluice/version');
  expect(conclusion).toBe('success');
  expect(title).toContain(`; the branch ${branch} is at ${first.slice(0, 12)}, where v1.2.0-dev ends here; `);
  expect(title).toMatch(/; #\d+ proposed v1\.3\.0-dev and was closed: it is not opened again$/);
  expect(await open()).toEqual([]);
  expect(heads()).toBe('');
}, 240_000);
