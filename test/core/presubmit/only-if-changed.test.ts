import { describe, expect, it } from 'vitest';
import { aJob, anImage, anImageJob, matchers, people } from '../../fakes/model-data.ts';
import { type Story, startStory } from '../../fakes/story.ts';
import { say, tell } from '../../fakes/story-events.ts';
import { begin, forgetAll, settle, shown } from '../../fakes/story-pass.ts';

const images = [
  anImage('api', { onlyIf: matchers('api/**') }),
  anImage('web', { onlyIf: matchers('web/**') }),
  anImage('base'),
];
const build = anImageJob('build', images);

function opened(changed: string, jobs = [build]): Story {
  const story = startStory({ jobs, changed: [changed] });
  story.fate = () => 0;
  tell(story, 'pull_request.opened');
  return story;
}

function started(story: Story): readonly (string | undefined)[] {
  return story.started
    .filter((order) => order.build.parts.job === 'build')
    .map((order) => order.build.parts.point.image)
    .toSorted();
}

/** The images whose builds made the result. */
function counted(story: Story): readonly (string | undefined)[] {
  const status = story.record.change?.jobs.find(({ job }) => job === 'build')?.status;
  return status && 'builds' in status ? status.builds.map(({ parts }) => parts.point.image).toSorted() : [];
}

describe('only the images that a change concerns are built (flavours-from-promotion.md §3A)', () => {
  it('at once', () => {
    const story = opened('api/main.go');
    settle(story);
    expect(started(story)).toEqual(['api', 'base']);
    expect(shown(story, 'build')).toBe('success');
  });

  it('behind what the job needs', () => {
    const story = opened('api/main.go', [
      aJob('unit'),
      anImageJob('build', images, { needs: [{ job: 'unit', soft: false }] }),
    ]);
    settle(story);
    expect(started(story)).toEqual(['api', 'base']);
  });

  it('again on /retest, although more is asked for by name', () => {
    const story = opened('api/main.go');
    story.fate = () => 1;
    settle(story);
    story.started.length = 0;
    say(story, '/retest', people.ada);
    settle(story);
    expect(started(story)).toEqual(['api', 'base']);
    story.started.length = 0;
    say(story, '/test build', people.ada);
    settle(story);
    expect(started(story)).toEqual(['api', 'base', 'web']);
    story.started.length = 0;
    say(story, '/retest', people.ada);
    settle(story);
    expect(started(story)).toEqual(['api', 'base', 'web']);
  });

  it('a job that was asked for by name and concerns nothing is tested again with all of its images', () => {
    const story = opened('docs/a.md', [anImageJob('build', images.slice(0, 2))]);
    settle(story);
    expect(shown(story, 'build')).toBe('skipped');
    say(story, '/test build', people.ada);
    story.fate = () => 1;
    settle(story);
    story.started.length = 0;
    say(story, '/retest', people.ada);
    settle(story);
    expect(started(story)).toEqual(['api', 'web']);
  });

  it('after a loss of Redis', () => {
    const story = opened('api/main.go');
    story.fate = () => null;
    begin(story);
    expect(shown(story, 'build')).toBe('in_progress');
    forgetAll(story);
    tell(story, 'resync');
    story.fate = () => 0;
    settle(story);
    expect(started(story)).toEqual(['api', 'base']);
    expect(shown(story, 'build')).toBe('success');
  });

  it('after a loss of Redis all, where a pod shows that they were asked for by name', () => {
    const story = startStory({ jobs: [build], changed: ['api/main.go'], pull: { draft: true } });
    story.fate = () => null;
    tell(story, 'pull_request.opened');
    begin(story);
    expect(started(story)).toEqual([]);
    say(story, '/test build', people.ada);
    begin(story);
    expect(started(story)).toEqual(['api', 'base', 'web']);
    forgetAll(story);
    tell(story, 'resync');
    story.fate = () => 0;
    settle(story);
    expect(shown(story, 'build')).toBe('success');
    expect(counted(story)).toEqual(['api', 'base', 'web']);
  });
});
