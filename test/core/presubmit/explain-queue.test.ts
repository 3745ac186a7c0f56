import { expect, it } from 'vitest';
import { explainQueue } from '../../../src/core/presubmit/explain-queue.ts';
import type { ObservedCheckRun } from '../../../src/model/check-run.ts';
import { people, sha } from '../../fakes/model-data.ts';
import { startStory } from '../../fakes/story.ts';
import { say, tell } from '../../fakes/story-events.ts';
import { look } from '../../fakes/story-look.ts';
import { begin, pass } from '../../fakes/story-pass.ts';

const gateRun: ObservedCheckRun = {
  id: 5,
  name: 'sluice/gate/main',
  commit: sha('a'),
  externalId: 'sluice-gate-1/1',
  state: { status: 'queued' },
  title: '2. of 2 in the queue',
  summary: 'Asked for by boss.\n\n* It waits: it is held.',
  text: '<!-- sluice:gate {} -->',
  startedAt: 1,
  completedAt: null,
};

function explained(runs: readonly ObservedCheckRun[] | undefined, gated = true): string | null {
  const story = startStory();
  tell(story, 'pull_request.opened');
  begin(story);
  say(story, '/why');
  const facts = look(story);
  if (!facts.forge) throw new Error('the forge was not asked');
  const { gateRuns: _, ...asked } = facts.forge;
  const forge = runs ? { ...asked, gateRuns: runs } : asked;
  const pull = story.pull;
  return explainQueue({ record: { ...story.record, pull, gated } }, { ...facts, forge });
}

it("says what the gate's newest check run on the present head says", () => {
  const older = { ...gateRun, id: 4, title: 'Rejected' };
  const said = '`sluice/gate/main`: **2. of 2 in the queue**\n\nAsked for by boss.\n\n* It waits: it is held.';
  expect(explained([gateRun, older])).toBe(said);
  expect(explained([older, gateRun])).toBe(said);
});

it.each`
  what                   | over
  ${'of another branch'} | ${{ name: 'sluice/gate/release' }}
  ${'of another head'}   | ${{ commit: sha('b') }}
  ${'that is no gate’s'} | ${{ name: 'unit' }}
`('a check run $what is not its own', ({ over }) => {
  expect(explained([{ ...gateRun, ...over }])).toMatch(
    /^`sluice\/gate\/main` says nothing of this head: comment `\/gate`/,
  );
});

it('without a request it says how to ask, and nothing where nobody looked', () => {
  expect(explained([], false)).toBe('Nobody has asked for its landing: somebody who may merge does so by `/gate`.');
  expect(explained(undefined)).toBeNull();
});

it('/why of one job says nothing of the queue', () => {
  const story = startStory();
  tell(story, 'pull_request.opened');
  begin(story);
  say(story, '/why unit', people.mallory);
  pass(story);
  expect(story.replies.get('mallory')).toMatch(/`unit` is being built/);
  expect(story.replies.get('mallory')).not.toContain('landing');
});
