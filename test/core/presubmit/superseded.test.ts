import { expect, it } from 'vitest';
import { planPresubmit } from '../../../src/core/presubmit/plan.ts';
import type { PresubmitRecord } from '../../../src/model/presubmit.ts';
import { aJob, sha } from '../../fakes/model-data.ts';
import { startStory } from '../../fakes/story.ts';
import { tell } from '../../fakes/story-events.ts';
import { look } from '../../fakes/story-look.ts';
import { begin, pass } from '../../fakes/story-pass.ts';

function statesOf({ change }: PresubmitRecord): readonly string[] {
  return (change?.jobs ?? []).map(({ status }) => (status.kind === 'ended' ? status.result : status.kind));
}

it('what goes on when its change enters the gate is stopped once, and what is started again is left alone', () => {
  const story = startStory({ jobs: [aJob('unit')] });
  tell(story, 'pull_request.opened');
  begin(story);
  pass(story);
  const facts = { ...look(story), superseded: true };
  const { record, reasons } = planPresubmit(story.record, facts);
  expect(statesOf(record)).toEqual(['aborted']);
  expect(reasons.join()).toContain('entered the gate');
  expect(record.change).toMatchObject({ head: sha('a'), planned: true, superseded: true });
  const { change } = story.record;
  if (change === null) throw new Error('nothing is known');
  const again: PresubmitRecord = { ...story.record, change: { ...change, superseded: true } };
  expect(statesOf(planPresubmit(again, facts).record)).toEqual(['building']);
});
