import { describe, expect, it } from 'vitest';
import { externalIdFor } from '../../../src/model/build.ts';
import { aConfig, aJob, anImage, anImageJob, matchers, people, sha } from '../../fakes/model-data.ts';
import { builtDigest } from '../../fakes/pod-data.ts';
import { type Story, startStory } from '../../fakes/story.ts';
import { press, push, tell } from '../../fakes/story-events.ts';
import { begin, finish, grant, pass, settle, shown } from '../../fakes/story-pass.ts';

function opened(jobs = [aJob('unit')]): Story {
  const story = startStory({ jobs });
  tell(story, 'pull_request.opened');
  return story;
}

describe('which check runs there are on a pull request’s head (commands.md §6)', () => {
  it('`sluice` and one per job, skipped ones too, on that head and nowhere else', () => {
    const skipped = aJob('docs', { selection: { onlyIf: matchers('docs/**') } });
    const story = opened([aJob('unit'), skipped, aJob('ci/e2e')]);
    story.fate = () => 0;
    settle(story);
    expect(story.checks.all().map(({ name, commit }) => [name, commit])).toEqual([
      ['unit', sha('a')],
      ['docs', sha('a')],
      ['ci/e2e', sha('a')],
      ['sluice', sha('a')],
    ]);
    expect(story.checks.shown(sha('a'), 'docs')).toMatchObject({
      title: 'Skipped',
      state: { status: 'completed', conclusion: 'skipped' },
      summary: 'None of the 1 changed files matches `docs/**`.',
    });
  });

  it('one for all builds of a template job, with a table of them', () => {
    const images = [anImage('api', { platforms: ['linux/amd64', 'linux/arm64'] }), anImage('web', { targets: ['x'] })];
    const story = opened([anImageJob('build-image', images)]);
    story.fate = () => 0;
    settle(story);
    const report = story.checks.shown(sha('a'), 'build-image');
    const rows = report?.summary.split('\n').filter((line) => line.startsWith('| `')) ?? [];
    expect(rows.map((line) => line.split(' | ')[0])).toEqual([
      '| `api · linux/amd64`',
      '| `api · linux/arm64`',
      '| `web · x`',
    ]);
    expect(rows[0]).toContain(
      `| passed in 0.0 s | \`${builtDigest}\` | 2.0 MB, 3 layers | [log](https://sluice.test/logs/`,
    );
    expect(story.checks.all().filter(({ name }) => name === 'build-image')).toHaveLength(1);
  });

  it('none for jobs of other pipelines', () => {
    const story = opened([aJob('unit'), aJob('stage', { pipelines: ['gate'] })]);
    pass(story);
    expect(shown(story, 'stage')).toBeUndefined();
  });
});

describe('the external id', () => {
  it('is the identity of the builds without point and attempt, then the request', () => {
    const job = aJob('unit');
    const story = opened([job]);
    pass(story);
    const parts = {
      subject: 'presubmit/4711/5',
      entry: 'main',
      commit: sha('a'),
      job: 'unit',
      definition: job.definition,
    };
    expect(story.checks.shown(sha('a'), 'unit')?.externalId).toBe(externalIdFor({ ...parts, request: 1 }));
  });

  it.each`
    what          | change
    ${'a re-run'} | ${(story: Story) => press(story, people.ada, { check: 'unit' })}
    ${'a push'}   | ${(story: Story) => push(story, sha('b'))}
    ${'another base'} | ${(story: Story) => {
  if (story.pull) story.pull = { ...story.pull, baseRef: 'release' };
  tell(story);
}}
  `('$what is a new check run', ({ change }) => {
    const story = opened();
    story.fate = () => 0;
    settle(story);
    change(story);
    settle(story);
    expect(story.checks.all().filter(({ name }) => name === 'unit')).toHaveLength(2);
    expect(story.checks.violations).toEqual([]);
  });

  it('of a re-run under another definition of the job is another one as well', () => {
    const story = opened();
    story.fate = () => 0;
    settle(story);
    story.base = { kind: 'valid', config: aConfig([aJob('unit', { definition: 'another' })]) };
    press(story, people.ada, { check: 'unit' });
    settle(story);
    const ids = story.checks
      .all()
      .filter(({ name }) => name === 'unit')
      .map(({ externalId }) => externalId);
    expect(ids.map((id) => id.split('/')[1])).toEqual(['1', '2']);
    expect(ids[0]?.split('/')[0]).not.toBe(ids[1]?.split('/')[0]);
  });
});

describe('what a check run says on its way', () => {
  it('queued, in progress, completed, with times from the pod', () => {
    const story = opened();
    const states: unknown[] = [];
    const note = () => states.push([shown(story, 'unit'), story.checks.shown(sha('a'), 'unit')?.title]);
    pass(story);
    note();
    grant(story);
    pass(story);
    note();
    pass(story);
    story.now += 65_000;
    finish(story, 'unit', 0);
    pass(story);
    note();
    expect(states).toEqual([
      ['queued', 'Waiting in line'],
      ['in_progress', 'Building'],
      ['success', 'Passed in 1 m 5 s'],
    ]);
    expect(story.checks.shown(sha('a'), 'unit')).toMatchObject({ startedAt: 1_000_000, completedAt: 1_065_000 });
  });

  it.each`
    exitCode | conclusion   | title
    ${0}     | ${'success'} | ${'Passed in 1.0 s'}
    ${1}     | ${'failure'} | ${'Failed in 1.0 s'}
  `('exit code $exitCode is $conclusion', ({ exitCode, conclusion, title }) => {
    const story = opened();
    begin(story);
    story.now += 1000;
    finish(story, 'unit', exitCode);
    pass(story);
    expect(story.checks.shown(sha('a'), 'unit')).toMatchObject({ title, state: { status: 'completed', conclusion } });
  });

  it('our own error is not the author’s: the title says so, and it is no pass', () => {
    const story = opened();
    story.fate = () => 'vanish';
    settle(story);
    expect(story.checks.shown(sha('a'), 'unit')?.title).toMatch(/^Not your change: Sluice itself failed/);
    expect(shown(story, 'unit')).toBe('failure');
  });

  it('a timeout is timed_out, with the limit', () => {
    const story = opened([aJob('unit', { timeoutSeconds: 60 })]);
    settle(story);
    expect(shown(story, 'unit')).toBe('timed_out');
    expect(story.checks.shown(sha('a'), 'unit')?.summary).toContain('it took longer than its timeout of 60 s');
  });

  it('the last lines of a log stay in their block, whatever they hold', () => {
    const story = opened();
    begin(story);
    finish(story, 'unit', 1);
    pass(story);
    expect(story.checks.shown(sha('a'), 'unit')?.text).toContain('**Last lines of `unit`**\n\n```text\na log\n```');
  });

  it('has a button to cancel only while it goes on', () => {
    const story = opened();
    pass(story);
    expect(story.checks.shown(sha('a'), 'unit')?.actions.map(({ identifier }) => identifier)).toEqual(['cancel']);
    story.fate = () => 0;
    settle(story);
    expect(story.checks.shown(sha('a'), 'unit')?.actions).toEqual([]);
  });

  it('keeps GitHub’s limits for buttons', () => {
    const story = startStory({ pull: { author: people.mallory } });
    tell(story);
    pass(story);
    const all = story.checks.all().flatMap(({ actions }) => actions);
    expect(all.length).toBeGreaterThan(0);
    for (const { label, description, identifier } of all) {
      expect([label.length <= 20, description.length <= 40, identifier.length <= 20]).toEqual([true, true, true]);
    }
  });
});

describe('noop', () => {
  it('is the explicit way to say that there is nothing to test', () => {
    const story = opened([aJob('none', { content: { template: 'noop' } })]);
    settle(story);
    expect(shown(story, 'none')).toBe('success');
    expect(story.checks.shown(sha('a'), 'none')?.summary).toBe('It says explicitly that there is nothing to test.');
    expect(story.started).toEqual([]);
  });
});

describe('a container file that is not there', () => {
  it('fails the job with the reason, without a pod', () => {
    const story = opened([anImageJob('build-image', [anImage('api', { containerFilename: ['Dockerfile.gone'] })])]);
    settle(story);
    expect(shown(story, 'build-image')).toBe('failure');
    expect(story.checks.shown(sha('a'), 'build-image')?.summary).toBe(
      'Image `api` has no container file: none of `Dockerfile.gone` exists.',
    );
    expect(story.started).toEqual([]);
  });
});
