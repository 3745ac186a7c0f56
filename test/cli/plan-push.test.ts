import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Sha } from '../../src/model/sha.ts';
import {
  versionsConfig as config,
  dev,
  type Files,
  main,
  makePushStage,
  type PushStage,
  reasons,
  release,
  robot,
  startVersions,
  told,
} from './push-stage.ts';

let stage: PushStage;
let start: Sha;

beforeAll(() => {
  stage = makePushStage();
  start = startVersions(stage);
});
afterAll(() => stage.remove());

describe('a push to main (versions.md §2)', () => {
  it.each<[string, readonly Files[], string]>([
    ['V5', [{ 'main.go': 'two\n' }, { 'main.go': 'one\n' }], 'skip V5'],
    ['V6', [{ VERSION: '1.3.0-dev\n' }], 'skip V6'],
    ['V6 (V21)', [{ VERSION: '1.2.3\n' }], 'skip V6'],
    ['V7', [{ 'main.go': 'two\n' }], `run V7 ${dev('1.2.3')}`],
    ['V8', [{ VERSION: '1.3.0-dev\n' }, { 'main.go': 'two\n' }], `run V8 ${dev('1.3.0', 'B')}`],
    ['V8, final', [{ VERSION: '1.2.3\n', 'main.go': 'two\n' }], `run V8 ${dev('1.2.3')}`],
    ['V3', [{ VERSION: 'one\n' }], 'refuse V3'],
    ['V4', [{ VERSION: null }], 'refuse V4'],
  ])('%s: %j is %s', async (_, changes, expected) => {
    const pushed = stage.commits(start, ...changes);
    const [built, released] = told(await stage.push(main, start, pushed.at(-1) ?? start, ...robot), pushed);
    expect([built, released?.startsWith('release skip V')]).toEqual([`postsubmit ${expected}`, true]);
  });

  it('is answered in a form that stays, with the reasons of its row', async () => {
    const [after = start] = stage.commits(start, { VERSION: '1.3.0-dev\n' });
    const { decisions } = await stage.push(main, start, after);
    expect(decisions).toEqual([
      {
        pipeline: 'postsubmit',
        job: 'publish',
        decision: 'skip',
        reason: 'V6: only VERSION changed, no dev images',
        images: [],
      },
      {
        pipeline: 'release',
        job: 'publish',
        decision: 'skip',
        reason: 'V6: no release, as `main` has dev images only',
        images: [],
      },
    ]);
  });

  it('whose merge brings VERSION and documents is built (V8)', async () => {
    const [side = start] = stage.commits(start, { VERSION: '1.3.0-dev\n', 'docs/x': 'x\n' });
    const merged = stage.merge(start, side);
    expect(told(await stage.push(main, start, merged), [merged])[0]).toBe(`postsubmit run V8 ${dev('1.3.0')}`);
  });
});

describe('a push to a release branch', () => {
  const final = (version: string, commit: string): string =>
    `release run V11 ${version} api=${version},v1.2,latest`.replace('@', commit);

  it.each<[string, readonly Files[], readonly string[]]>([
    ['becomes final', [{ VERSION: '1.2.3\n' }], ['postsubmit skip V11', final('1.2.3', 'A')]],
    [
      'final, and the next cycle at once',
      [{ VERSION: '1.2.3\n' }, { VERSION: '1.2.4-dev\n' }],
      ['postsubmit skip V11', final('1.2.3', 'A')],
    ],
    [
      'a fix, the release, the next cycle, another fix',
      [{ 'fix.go': '1\n' }, { VERSION: '1.2.3\n' }, { VERSION: '1.2.4-dev\n' }, { 'fix2.go': '2\n' }],
      [`postsubmit run V11 ${dev('1.2.4', 'D')}`, final('1.2.3', 'B')],
    ],
    ['a comment', [{ VERSION: '1.2.3-dev # soon\n' }], ['postsubmit skip V9', 'release skip V9']],
    ['a v', [{ VERSION: 'v1.2.3-dev\n' }], ['postsubmit skip V9', 'release skip V9']],
    ['the next cycle (V20)', [{ VERSION: '1.2.4-dev\n' }], ['postsubmit skip V9', 'release skip V9']],
    ['a fix', [{ 'fix.go': '1\n' }], [`postsubmit run V10 ${dev('1.2.3')}`, 'release skip V10']],
    ['another minor', [{ VERSION: '1.3.0\n' }], ['postsubmit skip V11', 'release refuse V15 1.3.0']],
    [
      'a prerelease, which moves no tag',
      [{ VERSION: 'v1.2.3-rc.1\n' }],
      ['postsubmit skip V18', 'release run V18 v1.2.3-rc.1 (pre) api=v1.2.3-rc.1'],
    ],
    [
      'two releases (V19)',
      [{ VERSION: '1.2.3\n' }, { VERSION: '1.2.4\n' }],
      ['postsubmit skip V11', final('1.2.3', 'A'), final('1.2.4', 'B')],
    ],
  ])('%s: %j', async (_, changes, expected) => {
    const pushed = stage.commits(start, ...changes);
    expect(told(await stage.push(release, start, pushed.at(-1) ?? start, ...robot), pushed)).toEqual(expected);
  });

  it('releases the commit in between, and says which', async () => {
    const [bump = start, next = start] = stage.commits(start, { VERSION: '1.2.3\n' }, { VERSION: '1.2.4-dev\n' });
    expect(reasons(await stage.push(release, start, next, ...robot))).toContain(
      `release 1.2.3 from ${bump.slice(0, 12)}`,
    );
  });

  it('is released at the merge, never at a commit of its side', async () => {
    const [bump = start] = stage.commits(start, { VERSION: '1.2.3\n' });
    const merged = stage.merge(start, bump);
    const decided = await stage.push(release, start, merged, ...robot);
    expect(reasons(decided)).toContain(`release 1.2.3 from ${merged.slice(0, 12)}`);
    expect(told(decided)[1]).toContain('release run V11 1.2.3');
  });

  it('by somebody else is held with its tags, and by a member of a team is not (V16)', async () => {
    const [bump = start] = stage.commits(start, { VERSION: '1.2.3\n' });
    const held = await stage.push(release, start, bump, '--pushed-by', 'mallory');
    expect(told(held)[1]).toBe('release wait V16 1.2.3 api=1.2.3,v1.2,latest');
    expect(reasons(held)).toContain('mallory is not in `initiators` (robot, team:acme/releasers)');
    const team = await stage.push(release, start, bump, '--pushed-by', 'Eve', '--pushed-by', 'team:acme/Releasers');
    expect(told(team)[1]).toContain('release run V11');
    const unsaid = await stage.push(release, start, bump);
    expect(reasons(unsaid)).toContain('if it was pushed by one of robot, team:acme/releasers (--pushed-by says who)');
  });

  it('by somebody who grants themselves the right in the same push is held', async () => {
    const granted = config.replace('[robot,', '[mallory, robot,');
    const [bump = start] = stage.commits(start, { VERSION: '1.2.3\n', '.sluice.yaml': granted });
    expect(told(await stage.push(release, start, bump, '--pushed-by', 'mallory'))[1]).toContain('release wait V16');
    expect(told(await stage.push(release, start, bump, ...robot))[1]).toContain('release run V11');
  });

  it.each([
    ['a release', release, 'nextDev: true', 'Once 1.2.3 is released, a pull request is to propose 1.2.4-dev.'],
    ['main', main, 'cutBranch: true, nextDev: true', 'A pull request is to propose 1.3.0-dev for main.'],
    ['a release nobody asked it of', release, 'cutBranch: true', null],
  ])('what %s goes on with is told beforehand', async (_, ref, words, note) => {
    const [on = start] = stage.commits(start, { '.sluice.yaml': `${config}  automation: { ${words} }\n` });
    const [bump = start] = stage.commits(on, { VERSION: '1.2.3\n' });
    const { notes } = await stage.push(ref, on, bump, ...robot);
    expect(notes.includes(note ?? 'to propose')).toBe(note !== null);
  });

  it('a revert of a release leaves it released; the version again is refused, or confirmed where the tree is the same', async () => {
    const [bump = start, back = start, other = start] = stage.commits(
      start,
      { VERSION: '1.2.3\n' },
      { VERSION: '1.2.3-dev\n' },
      { VERSION: '1.2.3\n', 'main.go': 'two\n' },
    );
    const reverted = await stage.push(release, bump, back, ...robot);
    expect([told(reverted)[0], reverted.notes]).toEqual([
      'postsubmit skip V9',
      expect.stringContaining('V9: 1.2.3 stays released.'),
    ]);
    const again = await stage.push(release, back, other, ...robot);
    expect(told(again)).toEqual(['postsubmit skip V11', 'release refuse V13 1.2.3']);
    expect(reasons(again)).toContain(`version already released from ${bump.slice(0, 12)}`);
    const [same = start] = stage.commits(back, { VERSION: '1.2.3\n' });
    expect(told(await stage.push(release, back, same, ...robot))[1]).toBe('release skip V12 1.2.3');
    const never = await stage.push(release, back, other, ...robot, '--released', 'none');
    expect(told(never)[1]).toBe('release run V11 1.2.3 api=1.2.3,v1.2,latest');
  });

  it.each<[string, string, string]>([
    ['the same version at another commit', '1.2.3', 'the tag 1.2.3 names'],
    ['a higher version', 'v1.2.9', 'version goes backwards: the git tag v1.2.9 at'],
  ])(
    'a git tag of %s, of which nothing else knows a release, holds it, as on a server (V14)',
    async (_, tag, words) => {
      const [bump = start] = stage.commits(start, { VERSION: '1.2.3\n' });
      stage.repository.setRef(`refs/tags/${tag}`, start);
      const held = await stage.push(release, start, bump, ...robot);
      const recorded = await stage.push(release, start, bump, ...robot, '--released', `${tag}=${start}`);
      stage.repository.setRef(`refs/tags/${tag}`, null);
      expect(told(held)[1]).toContain('release wait V14 1.2.3');
      expect(reasons(held)).toContain(words);
      expect(told(recorded)[1]).toMatch(/^release refuse V1[34] 1\.2\.3/);
    },
  );

  it('a version does not go backwards (V14), and an older one moves no tag of the newest', async () => {
    const [low = start] = stage.commits(start, { VERSION: '1.2.4\n' });
    const backwards = await stage.push(release, start, low, ...robot, '--released', `1.2.9=${start}`);
    expect(told(backwards)[1]).toBe('release refuse V14 1.2.4');
    const elsewhere = await stage.push(release, start, low, ...robot, '--released', `1.3.0=${start}`);
    expect(told(elsewhere)[1]).toBe('release run V11 1.2.4 api=1.2.4,v1.2');
  });

  it('one that fills a gap in the same push takes no moving tag from a higher one', async () => {
    const filling = config.replace('initiators:', 'allowBackfill: true, initiators:');
    const [on = start] = stage.commits(start, { '.sluice.yaml': filling });
    const [, low = start] = stage.commits(on, { VERSION: '1.2.4\n' }, { VERSION: '1.2.3\n' });
    expect(told(await stage.push(release, on, low, ...robot)).slice(1)).toEqual([
      'release run V11 1.2.4 api=1.2.4,v1.2,latest',
      'release run V11 1.2.3 api=1.2.3',
    ]);
  });

  it('is made by the jobs of the commit that is released, not by those of the head', async () => {
    const job = 'jobs: { ship: { template: upload-image, on: release, publish: direct } }\n';
    const [, next = start] = stage.commits(
      start,
      { VERSION: '1.2.3\n', '.sluice.yaml': `${config}${job}` },
      { VERSION: '1.2.4-dev\n', '.sluice.yaml': config },
    );
    const { decisions } = await stage.push(release, start, next, ...robot);
    expect(decisions.filter(({ pipeline }) => pipeline === 'release').map((each) => each.job)).toEqual(['ship']);
  });

  it('a release commit that changes more is refused only where the project says so (V17)', async () => {
    const strict = config.replace('initiators:', 'versionOnly: true, initiators:');
    const [on = start] = stage.commits(start, { '.sluice.yaml': strict });
    const files = { VERSION: '1.2.3\n', 'main.go': 'two\n' };
    const [loose = start, tight = start] = [stage.commits(start, files)[0], stage.commits(on, files)[0]];
    expect(told(await stage.push(release, start, loose, ...robot))[1]).toContain('run V11');
    expect(told(await stage.push(release, on, tight, ...robot))[1]).toBe('release refuse V17 1.2.3');
  });
});
