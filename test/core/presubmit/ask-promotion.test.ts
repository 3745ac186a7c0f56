import { describe, expect, it } from 'vitest';
import type { Person } from '../../../src/model/person.ts';
import { aJob, people } from '../../fakes/model-data.ts';
import { type Story, startStory } from '../../fakes/story.ts';
import { say, tell } from '../../fakes/story-events.ts';
import { begin, pass } from '../../fakes/story-pass.ts';

function ended(state: 'open' | 'closed' | 'merged'): Story {
  const story = startStory({ jobs: [aJob('unit')] });
  tell(story, 'pull_request.opened');
  begin(story);
  story.now += 5_000;
  if (story.pull) story.pull = { ...story.pull, state };
  tell(story, 'pull_request.closed');
  pass(story);
  return story;
}

/** Who asked the promote lines that were told something, and which. */
function asked(story: Story, text: string, who: Person): readonly string[] {
  say(story, text, who);
  return pass(story).effects.flatMap((effect) =>
    effect.kind === 'tell' && effect.event.detail.kind === 'promote'
      ? [`${effect.queue} by ${effect.event.detail.by?.login}`]
      : [],
  );
}

describe('/promote (commands.md §3)', () => {
  it.each(['merged', 'closed'] as const)(
    'of a pull request that is %s goes to the promote line of its branch',
    (state) => {
      const story = ended(state);
      expect(asked(story, '/promote', people.ada)).toEqual([expect.stringMatching(/^promote\/\d+\/main by ada$/)]);
    },
  );

  it('is only for who may merge', () => {
    const story = ended('merged');
    expect(asked(story, '/promote', people.mia)).toEqual([]);
    expect(story.replies.get('mia')).toContain('Nothing was promoted: mia has only read permission here');
  });

  it('says that nothing has landed yet', () => {
    const story = ended('open');
    expect(asked(story, '/promote', people.ada)).toEqual([]);
    expect(story.replies.get('ada')).toContain('this has not landed yet');
  });

  it('is the only command that a closed pull request answers', () => {
    const story = ended('merged');
    expect(asked(story, '/promote\n/test unit', people.ada)).toEqual([]);
    expect(asked(story, '/retest', people.ada)).toEqual([]);
    expect(story.replies.size).toBe(0);
  });
});
