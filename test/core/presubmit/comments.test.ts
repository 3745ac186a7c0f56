import { describe, expect, it } from 'vitest';
import { holdsCommands } from '../../../src/core/presubmit/answer-comments.ts';
import { planPresubmit } from '../../../src/core/presubmit/plan.ts';
import { aComment, aConfig, aJob, people, rights, sha } from '../../fakes/model-data.ts';
import { type Story, startStory } from '../../fakes/story.ts';
import { change, say, tell } from '../../fakes/story-events.ts';
import { look } from '../../fakes/story-look.ts';
import { forgetAll, pass, settle } from '../../fakes/story-pass.ts';

const jobs = [aJob('bench', { selection: { trigger: 'manual' } })];

function rested(): Story {
  const story = startStory({ jobs, config: { trust: { trust: 'members', trustedApps: [people.listed.id] } } });
  tell(story, 'pull_request.opened');
  story.fate = () => 0;
  settle(story);
  return story;
}

describe('where commands are read from (commands.md §3)', () => {
  it.each`
    what                         | over                                                  | starts
    ${'a comment'}               | ${{}}                                                 | ${1}
    ${'a submitted review'}      | ${{ source: 'review' }}                               | ${1}
    ${'a review comment'}        | ${{ source: 'review-comment' }}                       | ${1}
    ${'the text of the request'} | ${{ source: 'body', id: 5 }}                          | ${1}
    ${'an edited comment'}       | ${{ edited: true }}                                   | ${0}
    ${'our own comment'}         | ${{ ours: true }}                                     | ${0}
    ${'our own, edited'}         | ${{ ours: true, edited: true }}                       | ${0}
    ${'a bot nobody listed'}     | ${{ author: { ...people.robot, id: people.ada.id } }} | ${0}
    ${'a listed bot'}            | ${{ author: people.listed }}                          | ${1}
  `('$what starts $starts', ({ over, starts }) => {
    const story = rested();
    say(story, '/test bench', over.author ?? people.ada, over);
    settle(story);
    expect(story.started).toHaveLength(starts);
    expect([...story.reactions.values()]).toEqual(starts === 1 ? ['+1'] : []);
    expect([...story.replies.keys()]).toEqual([]);
  });

  it.each(['closed', 'merged'] as const)('never from one that is %s, also not once it is open again', (state) => {
    const story = rested();
    change(story, 'pull_request.closed', { state });
    settle(story);
    say(story, '/test bench');
    settle(story);
    change(story, 'pull_request.reopened', { state: 'open' });
    settle(story);
    expect(story.started).toEqual([]);
    expect(story.replies.size).toBe(0);
  });

  it('a bot’s comment waits until it is known whether the bot is listed', () => {
    const story = rested();
    story.reads.code = false;
    say(story, '/test bench', people.listed);
    pass(story);
    expect([story.reactions.size, story.replies.size]).toEqual([0, 0]);
    story.reads.code = true;
    tell(story, 'resync');
    settle(story);
    expect(story.started).toHaveLength(1);
  });

  it('an edit of a comment that was answered changes nothing', () => {
    const story = rested();
    const comment = say(story, '/test bench');
    settle(story);
    story.comments.splice(0, 1, { ...comment, text: '/test bench\n/test bench', edited: true });
    tell(story, 'issue_comment.edited');
    settle(story);
    expect(story.started).toHaveLength(1);
  });

  it('a writer’s edit of an administrator’s words is no command', () => {
    const story = rested();
    say(story, `/ok-to-test ${sha('a')}`, people.boss, { edited: true });
    settle(story);
    expect(story.record.approvals).toEqual([]);
  });

  it('two comments of different kinds with one number are two', () => {
    const story = rested();
    say(story, '/test bench', people.ada, { source: 'comment', id: 9 });
    settle(story);
    say(story, '/test bench', people.ada, { source: 'review', id: 9 });
    settle(story);
    expect(story.started).toHaveLength(2);
  });

  it('an ordinary comment gets no answer and no reaction', () => {
    const story = rested();
    say(story, 'Nice work!\n\n/lgtm\n> /test bench');
    settle(story);
    expect([story.replies.size, story.reactions.size, story.started.length]).toEqual([0, 0, 0]);
  });

  it.each`
    text                 | expected
    ${'/test'}           | ${true}
    ${'/test ünit'}      | ${true}
    ${'hello'}           | ${false}
    ${'/lgtm'}           | ${false}
    ${'```\n/test\n```'} | ${false}
  `('rights are worth reading for $text: $expected', ({ text, expected }) => {
    expect(holdsCommands(aComment(text))).toBe(expected);
    expect(holdsCommands(aComment(text, { ours: true }))).toBe(false);
    expect(holdsCommands(aComment(text, { edited: true }))).toBe(false);
  });
});

describe('a comment is answered once', () => {
  it('however often it is read', () => {
    const story = rested();
    say(story, '/test bench\n/test nope');
    for (let i = 0; i < 5; i += 1) {
      tell(story, 'issue_comment.created');
      settle(story);
    }
    expect(story.started).toHaveLength(1);
  });

  it('also after three hundred others in the same ten minutes', () => {
    const story = rested();
    say(story, '/test bench');
    for (let i = 0; i < 300; i += 1) say(story, `spam ${i}`, people.mallory);
    settle(story);
    tell(story, 'issue_comment.created');
    settle(story);
    say(story, 'one more', people.mallory);
    settle(story);
    expect(story.started).toHaveLength(1);
  });

  it('and the record does not grow with all that was ever said', () => {
    const story = rested();
    for (let i = 0; i < 30; i += 1) {
      for (let j = 0; j < 50; j += 1) say(story, `${i} ${j}`, people.mallory);
      settle(story);
      story.now += 3_600_000;
    }
    expect(story.record.comments.handled.length).toBeLessThanOrEqual(300);
  });

  it('one that becomes readable only after a newer one is answered too', () => {
    const story = rested();
    const late = aComment('/test bench', { createdAt: story.now - 1000 });
    say(story, 'newer');
    settle(story);
    story.comments.unshift(late);
    tell(story, 'issue_comment.created');
    settle(story);
    expect(story.started).toHaveLength(1);
  });

  it('also when the process died before it said anything: the answer is owed until it was given', () => {
    const story = rested();
    const comment = say(story, '/test nope');
    pass(story, { perform: false });
    expect(story.replies.size).toBe(0);
    settle(story);
    expect(story.replies.get('ada')).toContain('There is no presubmit job `nope`');
    expect(story.reactions.get(`comment/${comment.id}`)).toBe('eyes');
    expect(story.record.outbox).toEqual([]);
  });

  it('not again after Redis was lost: our reaction marks what was handled', () => {
    const story = rested();
    say(story, '/test bench');
    settle(story);
    forgetAll(story);
    tell(story, 'resync');
    settle(story);
    expect(story.started).toHaveLength(1);
  });

  it('after a loss too, when nobody had reacted to it', () => {
    const story = rested();
    say(story, '/test bench');
    forgetAll(story);
    tell(story, 'resync');
    settle(story);
    expect(story.started).toHaveLength(1);
  });
});

describe('the reply', () => {
  it('is one for all commands of a comment, the same words once', () => {
    const story = rested();
    say(story, '/promote\n/promote\n/test nope\n/priority slow');
    settle(story);
    expect(story.replies.get('ada')).toBe(
      [
        'Nothing was promoted: this has not landed yet; what lands is promoted by itself.',
        'There is no presubmit job `nope`',
        'Nothing was moved: `slow` is no lane; write `/priority hotfix`, `normal` or `bulk`.',
      ].join('\n\n'),
    );
  });

  it('names what was refused by the limits', () => {
    const story = rested();
    say(story, '/test ünit\n/test bench');
    settle(story);
    expect(story.replies.get('ada')).toBe('`/test ünit`: only ASCII letters, digits and signs are allowed in names.');
    expect(story.started).toHaveLength(1);
  });

  it('is edited in place when the same person tries again, and each person has one', () => {
    const story = rested();
    say(story, '/test nope');
    say(story, '/retest', people.mallory);
    settle(story);
    say(story, '/test noope');
    settle(story);
    expect([...story.replies.keys()]).toEqual(['ada', 'mallory']);
    expect(story.replies.get('ada')).toBe('There is no presubmit job `noope`');
  });

  it('belongs to a person by id, whatever the name is by now', () => {
    const story = rested();
    say(story, '/test nope');
    say(story, '/promote', { ...people.ada, login: 'ada-renamed' });
    const { record } = planPresubmit(story.record, look(story));
    expect(record.outbox.filter(({ effect }) => effect.kind === 'reply')).toHaveLength(1);
  });

  it('keeps the answer to an earlier comment that was not yet given', () => {
    const story = rested();
    say(story, '/test nope');
    say(story, '/promote');
    settle(story);
    expect(story.replies.get('ada')).toBe(
      'There is no presubmit job `nope`\n\nNothing was promoted: this has not landed yet; what lands is promoted by itself.',
    );
  });

  it('that one worker gave does not count as the longer one that another has recorded meanwhile', () => {
    const story = rested();
    say(story, '/test nope');
    const first = planPresubmit(story.record, look(story));
    story.record = first.record;
    say(story, '/promote');
    const second = planPresubmit(first.record, look(story));
    const sent = new Set(first.record.outbox.map(({ id }) => id));
    const third = planPresubmit(second.record, { ...look(story), inbox: [], sent });
    expect(third.record.outbox.map(({ effect }) => effect.kind === 'reply' && effect.text)).toContain(
      'There is no presubmit job `nope`\n\nNothing was promoted: this has not landed yet; what lands is promoted by itself.',
    );
  });

  it('fits into a comment, whatever was asked', () => {
    const story = rested();
    const line = `/test ${Array.from({ length: 250 }, (_, i) => `x${i}`).join(' ')}`.slice(0, 1000);
    say(
      story,
      `${line}\n`.repeat(20).replaceAll(/x/g, () => 'y'),
    );
    for (let i = 0; i < 20; i += 1) say(story, line.replaceAll('x', `z${i}`).slice(0, 1000));
    settle(story);
    expect(story.replies.get('ada')?.length).toBeLessThanOrEqual(65_535);
  });

  it('shows what a stranger wrote as code only', () => {
    const story = rested();
    story.rights.set(people.mallory.id, rights('write'));
    say(story, '/test @acme/owners ![x](http://evil/x.png) <img/src=x> a`b', people.mallory);
    settle(story);
    const text = (story.replies.get('mallory') ?? '').replace(/(`+) ?.*? ?\1(?!`)/g, '');
    expect(text).not.toMatch(/[@![<]/);
  });
});

describe('commands and the configuration', () => {
  it('a job that only other pipelines have cannot be started', () => {
    const story = rested();
    story.base = { kind: 'valid', config: aConfig([...jobs, aJob('stage', { pipelines: ['gate'] })]) };
    say(story, '/test stage');
    settle(story);
    expect(story.replies.get('ada')).toBe('There is no presubmit job `stage`');
  });

  it('a file that is invalid is the answer', () => {
    const story = rested();
    story.head = { kind: 'invalid', problems: [] };
    say(story, '/test bench');
    settle(story);
    expect(story.replies.get('ada')).toBe('Nothing was started: the configuration of this pull request is invalid.');
  });
});
