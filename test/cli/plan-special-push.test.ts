import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Sha, toSha } from '../../src/model/sha.ts';
import {
  versionsConfig as config,
  dev,
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
    stage.repository.git('tag', '-a', '1.2.3', '-m', 'release', bump);
    expect(told(await stage.push(release, zero, bump, ...robot))).toEqual(['postsubmit skip V24', 'release skip V24']);
    stage.repository.setRef('refs/tags/1.2.3', null);
    stage.repository.setRef('refs/heads/other', null);
  });

  it('what the clone has of the push itself, the new branch or a tag beside it, is no evidence of a release', async () => {
    const [bump = start] = stage.commits(start, { VERSION: '1.2.3\n' });
    stage.repository.setRef(release, bump);
    stage.repository.setRef('refs/tags/v1.2.3', bump);
    expect(told(await stage.push(release, zero, bump, ...robot))[1]).toContain('release run V11 1.2.3');
    expect(told(await stage.push(release, start, bump, ...robot))[1]).toContain('release run V11 1.2.3');
    stage.repository.setRef('refs/tags/v1.2.3', null);
    // The same commit on another release branch is the same release.
    expect(told(await stage.push('refs/heads/release-v1', start, bump, ...robot))[1]).toBe('release skip V12 1.2.3');
    stage.repository.setRef(release, null);
  });

  it('a version that was final on main only was never released', async () => {
    const [, back = start] = stage.commits(start, { VERSION: '1.2.3\n' }, { VERSION: '1.2.3-dev\n' });
    stage.repository.setRef(main, back);
    const [bump = start] = stage.commits(back, { VERSION: '1.2.3\n' });
    expect(told(await stage.push(release, back, bump, ...robot))[1]).toContain('release run V11 1.2.3');
    stage.repository.setRef(main, start);
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

  it('a project that only looks on is told that nothing is published', async () => {
    const [before = start] = stage.commits(start, { '.sluice.yaml': `mode: shadow\n${config}` });
    const [after = start] = stage.commits(before, { 'main.go': 'two\n' });
    expect((await stage.push(main, before, after)).notes).toContain('Mode shadow: nothing of this is published');
    expect((await stage.push(main, start, start)).notes).not.toContain('Mode shadow');
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
