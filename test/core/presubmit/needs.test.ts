import { describe, expect, it } from 'vitest';
import { foldResults } from '../../../src/core/presubmit/advance-jobs.ts';
import type { BuildResult } from '../../../src/model/build.ts';
import { aJob, anImage, anImageJob, matchers, people, sha } from '../../fakes/model-data.ts';
import { type PodFate, type Story, startStory } from '../../fakes/story.ts';
import { press, say, tell } from '../../fakes/story-events.ts';
import { begin, finish, pass, settle, shown } from '../../fakes/story-pass.ts';

const hard = [{ job: 'first', soft: false }];
const soft = [{ job: 'first', soft: true }];
const onlyDocs = { onlyIf: matchers('docs/**') };

function opened(jobs: Parameters<typeof aJob>[1][], names: readonly string[]): Story {
  const story = startStory({ jobs: jobs.map((over, index) => aJob(names[index] ?? '', over)) });
  tell(story, 'pull_request.opened');
  return story;
}

describe('needs order the jobs (gate.md §3)', () => {
  it.each`
    need    | first                      | fate | expected
    ${hard} | ${{}}                      | ${0} | ${'success'}
    ${soft} | ${{}}                      | ${0} | ${'success'}
    ${hard} | ${{}}                      | ${1} | ${'skipped'}
    ${soft} | ${{}}                      | ${1} | ${'skipped'}
    ${hard} | ${{ selection: onlyDocs }} | ${0} | ${'skipped'}
    ${soft} | ${{ selection: onlyDocs }} | ${0} | ${'success'}
  `(
    'the first $first ends with $fate: the second, which needs $need, is $expected',
    ({ need, first, fate, expected }) => {
      for (const order of [
        ['first', 'second'],
        ['second', 'first'],
      ]) {
        const over = { first, second: { needs: need } };
        const story = opened(
          order.map((name) => over[name as 'first']),
          order,
        );
        story.fate = ({ build }): PodFate => (build.parts.job === 'first' ? fate : 0);
        settle(story);
        expect(shown(story, 'second')).toBe(expected);
      }
    },
  );

  it('the second waits, queued, with the reason, and needs no event to begin', () => {
    const story = opened([{}, { needs: hard }], ['first', 'second']);
    begin(story);
    expect(story.checks.shown(sha('a'), 'second')).toMatchObject({
      state: { status: 'queued' },
      title: 'Waiting for the jobs it needs',
    });
    finish(story, 'first', 0);
    pass(story);
    expect(story.server.line.map(({ state }) => state)).toEqual(['waiting']);
  });

  it('goes on when the files that say what it needs can be read again, without any event', () => {
    const story = opened([{}, { needs: hard }], ['first', 'second']);
    begin(story);
    finish(story, 'first', 0);
    story.reads.config = false;
    for (let i = 0; i < 5; i += 1) pass(story);
    expect(shown(story, 'second')).toBe('queued');
    story.reads.config = true;
    story.server.nudged = false;
    story.fate = () => 0;
    settle(story);
    expect(shown(story, 'second')).toBe('success');
  });

  it('a chain is skipped to its end at once, with each one’s reason', () => {
    const needs = (job: string) => [{ job, soft: false }];
    const story = opened([{ needs: needs('b') }, { needs: needs('first') }, {}], ['c', 'b', 'first']);
    begin(story);
    finish(story, 'first', 1);
    pass(story);
    expect(['first', 'b', 'c'].map((name) => shown(story, name))).toEqual(['failure', 'skipped', 'skipped']);
    expect(story.checks.shown(sha('a'), 'b')?.summary).toBe('It needs first, which ended with failure.');
    expect(story.checks.shown(sha('a'), 'c')?.summary).toBe('It needs b, which was skipped.');
  });

  it('waits for all of several', () => {
    const needs = [...hard, { job: 'other', soft: false }];
    const story = opened([{}, {}, { needs }], ['first', 'other', 'second']);
    begin(story);
    finish(story, 'first', 0);
    pass(story);
    expect(shown(story, 'second')).toBe('queued');
    expect(story.server.line.filter(({ state }) => state === 'waiting')).toEqual([]);
    finish(story, 'other', 0);
    story.fate = () => 0;
    settle(story);
    expect(shown(story, 'second')).toBe('success');
  });

  it('a need of which nothing is recorded is no reason to wait for ever', () => {
    const story = startStory({ jobs: [aJob('first'), aJob('second', { needs: hard })], pull: { draft: true } });
    tell(story, 'pull_request.opened');
    say(story, '/test second');
    story.fate = () => 0;
    settle(story);
    expect(shown(story, 'second')).toBe('success');
  });

  it.each`
    how             | again
    ${'/retest'}    | ${(story: Story) => say(story, '/retest')}
    ${'/test NAME'} | ${(story: Story) => say(story, '/test first')}
    ${'Re-run'}     | ${(story: Story) => press(story, people.ada, { check: 'first' })}
  `(
    'what was skipped for a failure gets its chance when that job is started again by $how: no green without it',
    ({ again }) => {
      const story = opened(
        [{}, { needs: hard }, { needs: [{ job: 'second', soft: false }] }],
        ['first', 'second', 'third'],
      );
      story.fate = () => 1;
      settle(story);
      expect(['second', 'third'].map((name) => shown(story, name))).toEqual(['skipped', 'skipped']);
      again(story);
      story.fate = () => 0;
      settle(story);
      expect(['first', 'second', 'third'].map((name) => shown(story, name))).toEqual(['success', 'success', 'success']);
      expect(story.checks.violations).toEqual([]);
    },
  );

  it('what was skipped by its own matcher stays skipped', () => {
    const story = opened([{}, { needs: hard, selection: onlyDocs }], ['first', 'second']);
    story.fate = () => 1;
    settle(story);
    say(story, '/retest');
    story.fate = () => 0;
    settle(story);
    expect(shown(story, 'second')).toBe('skipped');
    expect(story.started.map(({ build }) => build.parts.job)).toEqual(['first', 'first']);
  });
});

describe('several builds of one job', () => {
  const results: readonly BuildResult[] = ['success', 'aborted', 'timeout', 'failure', 'error'];

  it.each(results.flatMap((a, i) => results.map((b, j) => ({ a, b, worst: results[Math.max(i, j)] }))))(
    '$a and $b fold to $worst',
    ({ a, b, worst }) => {
      expect(foldResults([a, b])).toBe(worst);
    },
  );

  it('none is no result: a job without builds never passes by that', () => {
    expect(foldResults([])).toBe('nothing-ran');
  });

  it('a job whose list of images is empty fails, with the reason', () => {
    const story = startStory({ jobs: [anImageJob('build-image', [])] });
    tell(story, 'pull_request.opened');
    settle(story);
    expect(shown(story, 'build-image')).toBe('failure');
    expect(story.checks.shown(sha('a'), 'build-image')?.summary).toBe('It has no image to build.');
  });

  it('a job ends when the last of its builds has, with the worst of them', () => {
    const images = [anImage('api'), anImage('web')];
    const story = startStory({ jobs: [anImageJob('build-image', images)] });
    tell(story, 'pull_request.opened');
    begin(story);
    const failing = story.started.find(({ build }) => build.parts.point.image === 'api')?.build.id;
    story.fate = ({ build }) => (build.id === failing ? 1 : null);
    for (let i = 0; i < 4; i += 1) pass(story);
    expect(shown(story, 'build-image')).toBe('in_progress');
    story.fate = ({ build }) => (build.id === failing ? 1 : 0);
    settle(story);
    expect(shown(story, 'build-image')).toBe('failure');
  });
});
