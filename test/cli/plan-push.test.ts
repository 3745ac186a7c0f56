import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Sha, toSha } from '../../src/model/sha.ts';
import { type Files, makePushStage, type PushStage, reasons, told } from './push-stage.ts';

const config = `images: [{ name: api, repository: registry.example.com/acme/api }]
version:
  file: VERSION
  main: main
  releaseBranches: "release-v*"
  release: { initiators: [robot, "team:acme/releasers"], moving: ["v{{major}}.{{minor}}", latest] }
`;
const main = 'refs/heads/main';
const release = 'refs/heads/release-v1.2';

let stage: PushStage;
/** Version 1.2.3-dev, on main. */
let start: Sha;

beforeAll(() => {
  stage = makePushStage();
  [start = start] = stage.commits(null, {
    '.sluice.yaml': config,
    Dockerfile: 'FROM scratch\n',
    VERSION: '1.2.3-dev\n',
    'main.go': 'one\n',
  });
  stage.repository.setRef(main, start);
});
afterAll(() => stage.remove());

const dev = (version: string, commit = 'A'): string => `api=${version}-dev-${commit},${version}-dev`;
const robot = ['--pushed-by', 'robot'];

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

  it('a version does not go backwards (V14), and an older one moves no tag of the newest', async () => {
    const [low = start] = stage.commits(start, { VERSION: '1.2.4\n' });
    const backwards = await stage.push(release, start, low, ...robot, '--released', `1.2.9=${start}`);
    expect(told(backwards)[1]).toBe('release refuse V14 1.2.4');
    const elsewhere = await stage.push(release, start, low, ...robot, '--released', `1.3.0=${start}`);
    expect(told(elsewhere)[1]).toBe('release run V11 1.2.4 api=1.2.4,v1.2');
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

describe('special pushes (versions.md §5)', () => {
  const zero = null;

  it('a branch that goes away (V1), and one that nobody watches (V2)', async () => {
    expect(told(await stage.push(main, start, zero))).toEqual(['postsubmit skip V1', 'release skip V1']);
    const [after = start] = stage.commits(start, { 'main.go': 'two\n', VERSION: '1.2.3\n' });
    const other = await stage.push('refs/heads/feature', start, after);
    expect(told(other)).toEqual(['postsubmit skip V2', 'release skip V2']);
  });

  it('a branch that was just cut builds and releases nothing (V24)', async () => {
    const cut = await stage.push(release, zero, start);
    expect(told(cut)).toEqual(['postsubmit skip V24', 'release skip V24']);
    expect(reasons(cut)).toContain('its commit was built where it comes from');
  });

  it('a new branch with commits of its own is a push from where it begins', async () => {
    const pushed = stage.commits(start, { VERSION: '1.2.3\n' });
    expect(told(await stage.push(release, zero, pushed[0] ?? start, ...robot), pushed)).toEqual([
      'postsubmit skip V11',
      'release run V11 1.2.3 api=1.2.3,v1.2,latest',
    ]);
  });

  it('a branch cut at a final version asks first; one cut at a released tag does not release again', async () => {
    const [bump = start] = stage.commits(start, { VERSION: '1.2.3\n' });
    stage.repository.setRef('refs/heads/other', bump);
    const asked = await stage.push(release, zero, bump, ...robot);
    expect(told(asked)[1]).toBe('release wait V24 1.2.3 api=1.2.3,v1.2,latest');
    stage.repository.setRef('refs/tags/1.2.3', bump);
    expect(told(await stage.push(release, zero, bump, ...robot))).toEqual(['postsubmit skip V24', 'release skip V24']);
    stage.repository.setRef('refs/tags/1.2.3', null);
    stage.repository.setRef('refs/heads/other', null);
  });

  it('a branch without any history in common is built, and releases nothing yet', async () => {
    const [alone = start] = stage.commits(null, { '.sluice.yaml': config, Dockerfile: 'FROM x\n', VERSION: '1.2.3\n' });
    const decided = await stage.push(release, zero, alone, ...robot);
    expect(told(decided, [alone])).toEqual([`postsubmit run V10 ${dev('1.2.3')}`, 'release wait V10']);
  });

  it('a forced push counts what it brings (V25)', async () => {
    const [left = start] = stage.commits(start, { 'left.go': '1\n' });
    const pushed = stage.commits(start, { VERSION: '1.2.3\n' }, { VERSION: '1.2.4-dev\n', 'fix.go': '1\n' });
    const forced = await stage.push(release, left, pushed[1] ?? start, ...robot);
    expect(told(forced, pushed)).toEqual([
      `postsubmit run V11 ${dev('1.2.4', 'B')}`,
      'release run V11 1.2.3 api=1.2.3,v1.2,latest',
    ]);
    expect(forced.notes).toContain('A forced push');
    const back = await stage.push(main, left, start);
    expect(told(back, [start])[0]).toBe(`postsubmit run V7 ${dev('1.2.3')}`);
  });
});

describe('what else decides', () => {
  it('jobs run by the branches that they name, and images by their own paths', async () => {
    const text = `images:
  - { name: api, repository: r.example.com/api, onlyIf: { paths: ["api/**"] } }
  - { name: web, repository: r.example.com/web, onlyIf: { paths: ["web/**"] } }
jobs:
  tests: { on: postsubmit, image: "localhost/a:1", run: make, branches: [main, "feature/*"] }
  asked: { on: postsubmit, image: "localhost/a:1", run: make, trigger: manual }
`;
    const [base = start] = stage.commits(null, { '.sluice.yaml': text, Dockerfile: 'FROM x\n' });
    const pushed = stage.commits(base, { 'api/a.go': '1\n' });
    const after = pushed[0] ?? base;
    const at = async (ref: string) => {
      const { decisions } = await stage.push(ref, base, after);
      return decisions
        .filter(({ pipeline }) => pipeline === 'postsubmit')
        .map(({ job, decision }) => `${job} ${decision}`);
    };
    expect(await at(main)).toEqual(['publish run', 'tests run', 'asked skip']);
    expect(await at('refs/heads/feature/x')).toEqual(['publish skip', 'tests run', 'asked skip']);
    const { decisions } = await stage.push(main, base, after);
    expect(decisions[0]?.images).toEqual([{ name: 'api', tags: ['latest'] }]);
    expect(decisions[2]?.reason).toBe('it is manual: a push does not start it');
  });

  it('five lines with a VERSION beside them have dev images and releases by what is usual', async () => {
    const five = {
      '.sluice.yaml': 'images:\n  - name: api\n    repository: quay.io/acme/api\n',
      Dockerfile: 'FROM x\n',
    };
    const [base = start] = stage.commits(null, { ...five, VERSION: 'v1.2.3-dev\n' });
    const pushed = stage.commits(base, { 'a.go': '1\n' }, { VERSION: 'v1.2.3\n' });
    const [fix = base, bump = base] = pushed;
    expect(told(await stage.push(main, base, fix), pushed)[0]).toBe('postsubmit run V7 api=v1.2.3-dev-A,v1.2.3-dev');
    expect(told(await stage.push(release, base, bump), pushed)).toEqual([
      'postsubmit skip V11',
      'release run V11 v1.2.3 api=v1.2.3',
    ]);
  });

  it('images are judged on what changed since they were last published, where that is said', async () => {
    const [fix = start, bump = start] = stage.commits(start, { 'main.go': 'two\n' }, { VERSION: '1.3.0-dev\n' });
    expect(told(await stage.push(main, fix, bump))[0]).toBe('postsubmit skip V6');
    const left = await stage.push(main, fix, bump, '--published', `api=${start}`);
    expect(told(left, [fix, bump])[0]).toBe(`postsubmit run V6 ${dev('1.3.0', 'B')}`);
    expect(reasons(left)).toContain(`api since ${start.slice(0, 12)}`);
    expect(told(await stage.push(main, fix, bump, '--published', `api=${fix}`))[0]).toBe('postsubmit skip V6');
  });

  it('[skip ci] in the message of the head suppresses dev images, never a release', async () => {
    const says = (of: Sha): Sha =>
      toSha(stage.repository.git('commit-tree', '-p', start, '-m', 'a fix [skip ci]', `${of}^{tree}`));
    const [fix = start] = stage.commits(start, { 'main.go': 'two\n' });
    const quiet = await stage.push(main, start, says(fix));
    expect([told(quiet)[0], reasons(quiet)]).toEqual(['postsubmit skip V7', expect.stringContaining('says [skip ci]')]);
    const [bump = start] = stage.commits(start, { VERSION: '1.2.3\n' });
    expect(told(await stage.push(release, start, says(bump), ...robot))[1]).toContain('release run V11 1.2.3');
  });

  it('components have versions of their own', async () => {
    const text = `images:
  - { name: api, repository: r.example.com/api, context: api }
  - { name: web, repository: r.example.com/web, context: web }
version: { components: { api: { file: api/VERSION, paths: ["api/**"] }, web: { file: web/VERSION, paths: ["web/**"] } } }
`;
    const dockerfiles = { 'api/Dockerfile': 'FROM x\n', 'web/Dockerfile': 'FROM x\n' };
    const [base = start] = stage.commits(null, {
      '.sluice.yaml': text,
      ...dockerfiles,
      'api/VERSION': '1.0.0-dev\n',
      'web/VERSION': '2.0.0-dev\n',
    });
    const pushed = stage.commits(base, { 'web/a.go': '1\n' });
    const decided = await stage.push(main, base, pushed[0] ?? base);
    expect(told(decided, pushed).slice(0, 2)).toEqual([
      'postsubmit skip V5',
      'postsubmit run V7 web=2.0.0-dev-A,2.0.0-dev',
    ]);
  });

  it('a file that is not valid is refused before anything is planned', async () => {
    const [broken = start] = stage.commits(start, { '.sluice.yaml': 'images: 7\n' });
    expect((await stage.push(main, start, broken)).decisions).toMatchObject([
      { pipeline: 'postsubmit', job: 'sluice', decision: 'refuse' },
    ]);
  });

  it('people read a table, with the tags below it', async () => {
    const [bump = start] = stage.commits(start, { VERSION: '1.2.3\n' });
    const words = ['--push', `${start}..${bump}`, '--ref', release, '--pushed-by', 'mallory'];
    const { code, out } = await stage.run(...words);
    expect(code).toBe(0);
    expect(out).toMatch(/^DECISION +PIPELINE +JOB +REASON\nskip +postsubmit +publish +V11: /);
    expect(out).toMatch(/wait +release +publish +V16: mallory is not in/);
    expect(out).toMatch(/\nJOB +IMAGE +TAGS\npublish \(waits\) +api +1\.2\.3 v1\.2 latest\n$/);
  });
});
