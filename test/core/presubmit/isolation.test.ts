import { describe, expect, it } from 'vitest';
import { lineEntries } from '../../../src/core/presubmit/plan.ts';
import type { Build } from '../../../src/model/build.ts';
import type { IsolationStanding } from '../../../src/model/isolation.ts';
import { people } from '../../fakes/model-data.ts';
import { type Story, startStory } from '../../fakes/story.ts';
import { say, tell } from '../../fakes/story-events.ts';
import { finish, grant, pass } from '../../fakes/story-pass.ts';

const held: IsolationStanding = { kind: 'held', because: 'A canary reached `pod`.' };
const open = (said: string | null): IsolationStanding => ({ kind: 'open', said });
const accepted = '**Not shut in:** `pod`.';

function theBuild(story: Story): Build {
  const status = story.record.change?.jobs[0]?.status;
  const build = status && 'builds' in status ? status.builds[0] : undefined;
  if (!build) throw new Error('there is no build');
  return build;
}

function opened(isolation: IsolationStanding | null): Story {
  const story = startStory();
  story.isolation = isolation;
  tell(story, 'pull_request.opened');
  pass(story);
  return story;
}

/** The check run of the job, as it is to be seen. */
function shown(story: Story) {
  const plan = pass(story);
  const report = plan.effects.find((effect) => effect.kind === 'report' && effect.report.name === 'unit');
  if (report?.kind !== 'report') throw new Error('the job is not reported');
  return report.report;
}

describe('a build of code that nobody approved, while nothing proves that it would be shut in', () => {
  it('waits, says so and why, and starts once it is proved', () => {
    const story = opened(held);
    expect(shown(story)).toMatchObject({
      state: { status: 'queued' },
      title: 'Waiting: not proved that it would be shut in',
      summary: expect.stringContaining('A canary reached `pod`.'),
    });
    expect(shown(story).summary).toContain('| waits to be shut in |');
    story.isolation = open(null);
    grant(story);
    const started = shown(story);
    expect(story.started).toHaveLength(1);
    expect(started.summary).not.toContain('canary');
  });

  it('does not start with a slot that it was given before', () => {
    const story = opened(open(null));
    story.isolation = held;
    grant(story);
    pass(story);
    expect([story.started, theBuild(story).state.phase]).toEqual([[], 'wanted']);
  });

  it('is not started again where its pod never came to be', () => {
    const story = opened(open(null));
    grant(story);
    story.startAnswer = { kind: 'unavailable', because: 'away' };
    pass(story);
    story.startAnswer = null;
    story.isolation = held;
    pass(story);
    expect([story.started, theBuild(story).state.phase]).toEqual([[], 'starting']);
  });

  it('that runs goes on', () => {
    const story = opened(open(null));
    grant(story);
    pass(story);
    pass(story);
    story.isolation = held;
    pass(story);
    expect(theBuild(story).state.phase).toBe('running');
    finish(story, 'unit', 0);
    expect(shown(story).state).toMatchObject({ conclusion: 'success' });
  });

  it('is told apart in the line, and starts once somebody approves that very head', () => {
    const story = opened(held);
    expect(lineEntries(story.record)).toMatchObject([{ trust: 'untrusted' }]);
    say(story, `/ok-to-test ${story.pull?.head}`, people.boss);
    pass(story);
    pass(story);
    const entry = lineEntries(story.record).find(({ state }) => state === 'waiting');
    expect(entry).toBeDefined();
    expect(entry?.trust).toBe('approved');
    grant(story);
    pass(story);
    expect(story.started.map(({ build }) => build.trust)).toEqual(['approved']);
  });
});

describe('what is accepted', () => {
  it('stands on the check run from the start to the end, whatever is accepted later', () => {
    const story = opened(open(accepted));
    grant(story);
    pass(story);
    expect(shown(story).summary).toContain(accepted);
    story.isolation = open('**Not shut in:** `other`.');
    finish(story, 'unit', 0);
    const ended = shown(story);
    expect(ended.state).toMatchObject({ conclusion: 'success' });
    expect(ended.summary).toContain(accepted);
    expect(ended.summary).not.toContain('`other`');
  });

  it('is that of now for another attempt', () => {
    const story = opened(open(accepted));
    story.fate = () => 'vanish';
    grant(story);
    pass(story);
    pass(story);
    story.pods.clear();
    story.isolation = open(null);
    pass(story);
    grant(story);
    pass(story);
    expect(theBuild(story)).not.toHaveProperty('isolation');
  });

  it('is nothing that an approved head has to say', () => {
    const story = startStory();
    story.isolation = open(accepted);
    say(story, `/ok-to-test ${story.pull?.head}`, people.boss);
    tell(story, 'pull_request.opened');
    pass(story);
    grant(story);
    expect(shown(story).summary).not.toContain('Not shut in');
    expect(story.started.map(({ build }) => build.trust)).toEqual(['approved']);
  });
});
