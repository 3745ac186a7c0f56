import { describe, expect, it } from 'vitest';
import { aJob, people, rights, sha, unreadable } from '../../fakes/model-data.ts';
import { type Story, startStory } from '../../fakes/story.ts';
import { change, press, push, tell } from '../../fakes/story-events.ts';
import { begin, pass, settle, shown } from '../../fakes/story-pass.ts';

const jobs = [aJob('unit'), aJob('lint'), aJob('bench', { selection: { trigger: 'manual' } })];

function concluded(): Story {
  const story = startStory({ jobs });
  tell(story, 'pull_request.opened');
  story.fate = ({ build }) => (build.parts.job === 'unit' ? 1 : 0);
  settle(story);
  story.started.length = 0;
  return story;
}

describe('buttons on check runs are commands of who presses them (commands.md §2)', () => {
  it.each`
    button                                | as               | expected
    ${{ check: 'unit' }}                  | ${'/test unit'}  | ${['unit']}
    ${{ check: 'bench' }}                 | ${'/test bench'} | ${['bench']}
    ${{ check: 'sluice' }}                | ${'/test all'}   | ${['unit', 'lint']}
    ${{ button: 'rerun-all', check: '' }} | ${'/retest'}     | ${['unit']}
  `('Re-run $button is $as', ({ button, expected }) => {
    const story = concluded();
    press(story, people.boss, button);
    begin(story);
    expect(story.started.map(({ build }) => build.parts.job)).toEqual(expected);
    expect(story.replies.size).toBe(0);
  });

  it('a re-run makes a new check run; the one it was pressed on stays as it ended', () => {
    const story = concluded();
    press(story, people.boss, { check: 'unit' });
    story.fate = () => 0;
    settle(story);
    const runs = story.checks.all().filter(({ name }) => name === 'unit');
    expect(runs.map(({ state }) => state)).toEqual([
      { status: 'completed', conclusion: 'failure' },
      { status: 'completed', conclusion: 'success' },
    ]);
    expect(new Set(runs.map(({ externalId }) => externalId)).size).toBe(2);
  });

  it.each(['rerun', 'rerun-all', 'action'] as const)(
    '%s on a superseded head is answered, nothing starts',
    (button) => {
      const story = concluded();
      push(story, sha('b'));
      settle(story);
      story.started.length = 0;
      press(story, people.boss, { button, head: sha('a'), identifier: button === 'action' ? 'cancel' : null });
      settle(story);
      expect(story.started).toEqual([]);
      expect(story.replies.get('boss')).toBe('Nothing was started: `aaaaaaaaaaaa` is not the present head any more.');
    },
  );

  it.each`
    who               | had               | answer
    ${people.mallory} | ${rights('read')} | ${'Nothing was started: mallory has only read permission here.'}
    ${people.boss}    | ${unreadable}     | ${'Nothing was started: the rights of boss could not be read: the forge answered 502.'}
  `('Re-run by $who.login with $had is refused in a reply', ({ who, had, answer }) => {
    const story = concluded();
    story.rights.set(who.id, had);
    press(story, who, { check: 'unit' });
    settle(story);
    expect(story.started).toEqual([]);
    expect(story.replies.get(who.login)).toBe(answer);
  });

  it('Re-run of a check run that is no job of ours any more is answered', () => {
    const story = concluded();
    press(story, people.boss, { check: 'gone' });
    settle(story);
    expect(story.replies.get('boss')).toBe('There is no presubmit job `gone`');
  });

  it('Re-run on a closed pull request is answered', () => {
    const story = concluded();
    change(story, 'pull_request.closed', { state: 'closed' });
    press(story, people.boss, { check: 'unit' });
    settle(story);
    expect(story.replies.get('boss')).toBe('Nothing was started: it was closed.');
    expect(story.started).toEqual([]);
  });

  it('Cancel stops that job, and only with the right to', () => {
    const story = startStory({ jobs });
    tell(story, 'pull_request.opened');
    begin(story);
    press(story, people.mallory, { button: 'action', identifier: 'cancel', check: 'unit' });
    pass(story);
    expect(story.replies.get('mallory')).toBe('Nothing was cancelled: mallory has only read permission here.');
    press(story, people.boss, { button: 'action', identifier: 'cancel', check: 'unit' });
    for (let i = 0; i < 4; i += 1) pass(story);
    expect([shown(story, 'unit'), shown(story, 'lint')]).toEqual(['cancelled', 'in_progress']);
  });

  it('Approve & run takes the head of the check run it was pressed on as the approved one', () => {
    const story = startStory({ jobs, pull: { author: people.mallory } });
    tell(story, 'pull_request.opened');
    pass(story);
    press(story, people.boss, { button: 'action', identifier: 'approve', check: 'sluice', head: sha('a') });
    begin(story);
    expect(story.record.approvals).toMatchObject([{ head: sha('a'), by: people.boss }]);
    expect(shown(story, 'unit')).toBe('in_progress');
  });

  it('Approve & run by who may not is answered with the reason', () => {
    const story = startStory({ jobs, pull: { author: people.mallory } });
    tell(story, 'pull_request.opened');
    press(story, people.mallory, { button: 'action', identifier: 'approve', check: 'sluice' });
    settle(story);
    expect(story.replies.get('mallory')).toBe(
      'Nothing was approved: mallory has only read permission here; approving needs write permission.',
    );
  });

  it('what was refused to two people is two replies', () => {
    const story = concluded();
    story.rights.set(people.mia.id, rights('none'));
    press(story, people.mallory, { check: 'unit' });
    press(story, people.mia, { check: 'unit' });
    settle(story);
    expect([...story.replies.keys()].sort()).toEqual(['mallory', 'mia']);
  });
});
