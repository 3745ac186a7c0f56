import { expect, it } from 'vitest';
import { lineEntries, planPresubmit } from '../../../src/core/presubmit/plan.ts';
import { startStory } from '../../fakes/story.ts';
import { tell } from '../../fakes/story-events.ts';
import { look } from '../../fakes/story-look.ts';
import { pass } from '../../fakes/story-pass.ts';

it.each([
  [0, 60],
  [100, 60],
  [400, 200],
  [10_000, 600],
])('with %i builds ahead of it a change that waits is looked at again after %i s', (ahead, seconds) => {
  const story = startStory();
  tell(story, 'pull_request.opened');
  pass(story);
  pass(story);
  const facts = look(story);
  const line = new Map(lineEntries(story.record).map(({ build }) => [build, { granted: false, ahead }]));
  // What is new to say of it is said first; then nothing changes any more.
  const { record } = planPresubmit(story.record, { ...facts, line });
  const plan = planPresubmit(record, { ...facts, line });
  expect((plan.wakeAt ?? 0) - facts.now).toBe(seconds * 1000);
});
