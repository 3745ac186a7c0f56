import { describe, expect, it } from 'vitest';
import { planPresubmit } from '../../../src/core/presubmit/plan.ts';
import { approvalMark } from '../../../src/core/presubmit/read-back.ts';
import type { ObservedCheckRun } from '../../../src/model/check-run.ts';
import { people, sha } from '../../fakes/model-data.ts';
import { type Story, type StoryOptions, startStory } from '../../fakes/story.ts';
import { press, push, say, tell } from '../../fakes/story-events.ts';
import { look } from '../../fakes/story-look.ts';
import { forgetAll, settle, shown } from '../../fakes/story-pass.ts';

function opened(options: StoryOptions = {}): Story {
  const story = startStory(options);
  tell(story, 'pull_request.opened');
  return story;
}

function lost(story: Story): void {
  forgetAll(story);
  tell(story, 'resync');
}

describe('approvals are found again in our own check run on that exact head', () => {
  function approved(): Story {
    const story = opened({ pull: { author: people.mallory } });
    say(story, `/ok-to-test ${sha('a')}`, people.boss);
    story.fate = () => 0;
    settle(story);
    return story;
  }

  it('with who gave it, and once', () => {
    const story = approved();
    lost(story);
    settle(story);
    expect(story.record.approvals).toMatchObject([
      { head: sha('a'), by: { id: 14, login: 'boss' }, permission: 'admin' },
    ]);
    lost(story);
    press(story, people.mallory, { check: 'unit' });
    settle(story);
    expect(story.started.filter(({ build }) => build.parts.job === 'unit')).toHaveLength(2);
  });

  it('not for another head', () => {
    const story = approved();
    push(story, sha('b'));
    lost(story);
    settle(story);
    expect(shown(story, 'unit')).toBeUndefined();
    expect(shown(story, 'sluice')).toBe('action_required');
  });

  const mark = approvalMark({ head: sha('a'), by: people.mallory, permission: 'admin', at: 1 });

  it.each`
    what                                              | over
    ${'another name'}                                 | ${{ name: 'unit' }}
    ${'another name of ours'}                         | ${{ name: 'sluice/version' }}
    ${'our name and the identity of a job'}           | ${{ externalId: `${'0'.repeat(32)}/1` }}
    ${'our name and another pull request’s identity'} | ${{ externalId: `sluice-${'0'.repeat(32)}/1` }}
    ${'another commit'}                               | ${{ commit: sha('b') }}
    ${'another head in the record'}                   | ${{ text: mark.replaceAll(sha('a'), sha('b')) }}
    ${'a record that is cut'}                         | ${{ text: mark.replace('}', '') }}
    ${'a record that is no JSON'}                     | ${{ text: '<!-- sluice:approval {nonsense} -->' }}
    ${'a record without a person'}                    | ${{ text: `<!-- sluice:approval {"head":"${sha('a')}"} -->` }}
    ${'a person by name only'}                        | ${{ text: `<!-- sluice:approval {"head":"${sha('a')}","login":"boss","id":"14"} -->` }}
    ${'null'}                                         | ${{ text: '<!-- sluice:approval {"__proto__":null} -->' }}
  `('a check run with $what approves nothing', ({ over }) => {
    const story = opened({ pull: { author: people.mallory } });
    settle(story);
    const own = story.checks.on(sha('a')).find(({ name }) => name === 'sluice');
    if (!own) throw new Error('there is no check run sluice');
    forgetAll(story);
    tell(story, 'resync');
    const facts = look(story);
    const forged: ObservedCheckRun = { ...own, text: mark, ...over };
    const plan = planPresubmit(story.record, {
      ...facts,
      forge: facts.forge && { ...facts.forge, checkRuns: [forged] },
    });
    expect(plan.record.approvals).toEqual([]);
    const real = { ...own, text: mark };
    const control = planPresubmit(story.record, {
      ...facts,
      forge: facts.forge && { ...facts.forge, checkRuns: [real] },
    });
    expect(control.record.approvals).toHaveLength(1);
  });

  it('the log of a job cannot write one: it is shown on the job’s own check run only', () => {
    const story = opened({ pull: { author: people.mallory } });
    settle(story);
    for (const report of story.checks.all()) expect(report.text).not.toContain('sluice:approval');
  });
});
