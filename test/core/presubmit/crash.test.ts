import { describe, expect, it } from 'vitest';
import { aJob, anImage, anImageJob, matchers, people, sha } from '../../fakes/model-data.ts';
import { type Story, startStory } from '../../fakes/story.ts';
import { change, press, push, say, tell } from '../../fakes/story-events.ts';
import { begin, finish, grant, pass, settle, shown } from '../../fakes/story-pass.ts';

const jobs = [
  anImageJob('build-image', [anImage('api'), anImage('web')]),
  aJob('unit'),
  aJob('e2e', { needs: [{ job: 'unit', soft: false }] }),
  aJob('docs', { selection: { onlyIf: matchers('docs/**') } }),
];

interface Tale {
  readonly what: string;
  readonly go: (story: Story) => void;
  /** Conclusions of build-image, unit, e2e and docs in the end. */
  readonly end: readonly (string | undefined)[];
}

const all = ['success', 'success', 'success', 'skipped'];
const stopped = ['cancelled', 'cancelled', 'cancelled', 'skipped'];

const tales: readonly Tale[] = [
  { what: 'opened', go: () => undefined, end: all },
  { what: 'a push', go: (story) => push(story, sha('b')), end: all },
  { what: 'a re-run', go: (story) => press(story, people.ada, { check: 'unit' }), end: all },
  { what: 'a comment', go: (story) => say(story, '/test unit\n/test nope'), end: all },
  { what: 'a comment to stop', go: (story) => say(story, '/cancel'), end: stopped },
  { what: 'closed', go: (story) => change(story, 'pull_request.closed', { state: 'closed' }), end: stopped },
];

/** Plays a tale in which the process dies between saving and doing in pass `dies`; what then is seen in the end. */
function play(tale: Tale, dies: readonly number[]): Story {
  const story = startStory({ jobs });
  tell(story, 'pull_request.opened');
  for (let i = 0; i < 8; i += 1) {
    if (i === 3) tale.go(story);
    pass(story, { perform: !dies.includes(i) });
    grant(story);
    story.now += 1000;
  }
  // Another process finds what is due by itself.
  story.server.nudged = false;
  story.fate = () => 0;
  settle(story);
  return story;
}

describe.each(tales)('the process dies between saving and doing: $what', (tale) => {
  it.each([[[]], [[0]], [[1]], [[2]], [[3]], [[4]], [[5]], [[6]], [[7]], [[0, 1, 2, 3, 4, 5, 6, 7]], [[3, 4, 5]]])(
    'in passes %j: the same end, nothing done twice, nothing left',
    (dies) => {
      const story = play(tale, dies);
      expect(['build-image', 'unit', 'e2e', 'docs'].map((name) => shown(story, name))).toEqual(tale.end);
      expect(story.checks.violations).toEqual([]);
      expect([...story.pods.keys()]).toEqual([]);
      expect(story.record.outbox).toEqual([]);
      expect(story.record.retired).toEqual([]);
      const ids = story.started.map(({ build }) => build.id);
      expect(new Set(ids).size).toBe(ids.length);
    },
  );
});

describe('what only the last pass had to say', () => {
  it('a result whose report was lost is told without any event', () => {
    const story = startStory();
    tell(story, 'pull_request.opened');
    begin(story);
    finish(story, 'unit', 0);
    pass(story, { perform: false });
    expect(shown(story, 'unit')).toBe('in_progress');
    settle(story);
    expect(shown(story, 'unit')).toBe('success');
    expect([...story.pods.keys()]).toEqual([]);
  });

  it('a pod that could not be removed is removed later, however often that fails', () => {
    const story = startStory();
    tell(story, 'pull_request.opened');
    begin(story);
    finish(story, 'unit', 0);
    for (let i = 0; i < 10; i += 1) {
      pass(story, { perform: false });
      story.server.nudged = false;
    }
    expect([...story.pods.keys()]).toHaveLength(1);
    settle(story);
    expect([...story.pods.keys()]).toEqual([]);
    expect(story.server.wakeAt).toBeNull();
  });

  it('jobs that were all skipped are concluded without any event', () => {
    const story = startStory({ jobs: [aJob('docs', { selection: { onlyIf: matchers('docs/**') } })] });
    tell(story, 'pull_request.opened');
    pass(story, { perform: false });
    settle(story);
    expect(shown(story, 'docs')).toBe('skipped');
  });
});
