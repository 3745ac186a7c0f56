import { describe, expect, it } from 'vitest';
import { aJob, matchers, sha } from '../../fakes/model-data.ts';
import { type Story, startStory } from '../../fakes/story.ts';
import { change, push, say, tell } from '../../fakes/story-events.ts';
import { forgetAll, settle, shown } from '../../fakes/story-pass.ts';

const jobs = [
  aJob('unit'),
  aJob('e2e', { selection: { labels: matchers('e2e') } }),
  aJob('after', { needs: [{ job: 'e2e', soft: false }] }),
];

function opened(labels: readonly string[] = []): Story {
  const story = startStory({ jobs });
  story.fate = () => 0;
  change(story, 'pull_request.opened', { labels });
  settle(story);
  return story;
}

const started = ({ started: all }: Story): readonly string[] => all.map(({ build }) => build.parts.job);

describe('a job with labels', () => {
  it('is skipped without one, with the words that help, and starts once it is put on, with what waits for it', () => {
    const story = opened(['docs']);
    expect(started(story)).toEqual(['unit']);
    expect(shown(story, 'e2e')).toBe('skipped');
    expect(story.record.change?.jobs.find(({ job }) => job === 'e2e')?.because).toBe(
      'the pull request has no label `e2e`: put one on, or comment `/test e2e` to start it',
    );
    change(story, 'pull_request.labeled', { labels: ['docs', 'E2E'] });
    settle(story);
    expect(started(story)).toEqual(['unit', 'e2e', 'after']);
    expect([shown(story, 'e2e'), shown(story, 'after')]).toEqual(['success', 'success']);
    change(story, 'pull_request.unlabeled', { labels: [] });
    settle(story);
    change(story, 'pull_request.labeled', { labels: ['e2e'] });
    settle(story);
    expect(started(story)).toEqual(['unit', 'e2e', 'after']);
  });

  it('runs at once where the label is there, and again on another head', () => {
    const story = opened(['e2e']);
    expect(started(story).toSorted()).toEqual(['after', 'e2e', 'unit']);
    push(story, sha('b'));
    settle(story);
    expect(started(story)).toHaveLength(6);
  });

  it('is started by its name without one', () => {
    const story = opened();
    say(story, '/test e2e');
    tell(story, 'issue_comment.created');
    settle(story);
    expect(shown(story, 'e2e')).toBe('success');
  });

  it('waits for its label after a loss, too', () => {
    const story = opened();
    forgetAll(story);
    tell(story, 'resync');
    settle(story);
    expect(started(story)).toEqual(['unit']);
    change(story, 'pull_request.labeled', { labels: ['e2e'] });
    settle(story);
    expect(started(story)).toEqual(['unit', 'e2e', 'after']);
  });

  it('is not started again where what it needs did not succeed', () => {
    const story = startStory({
      jobs: [
        aJob('unit'),
        aJob('e2e', { needs: [{ job: 'unit', soft: false }], selection: { labels: matchers('e2e') } }),
      ],
    });
    story.fate = () => 1;
    change(story, 'pull_request.opened', { labels: ['e2e'] });
    settle(story);
    change(story, 'pull_request.labeled', { labels: ['e2e', 'docs'] });
    settle(story);
    expect(started(story)).toEqual(['unit']);
    expect(shown(story, 'e2e')).toBe('skipped');
  });
});
