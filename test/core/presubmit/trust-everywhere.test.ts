import { describe, expect, it } from 'vitest';
import type { Person } from '../../../src/model/person.ts';
import { aJob, people, rights, sha, unreadable } from '../../fakes/model-data.ts';
import { type Story, startStory } from '../../fakes/story.ts';
import { change, press, push, say, tell } from '../../fakes/story-events.ts';
import { begin, finish, grant, pass, settle, shown } from '../../fakes/story-pass.ts';

/** Every way in which something may reach a head; `by` is who does it. */
const ways: readonly { readonly way: string; readonly go: (story: Story, by: Person) => void }[] = [
  ...[
    'opened',
    'reopened',
    'synchronize',
    'ready_for_review',
    'converted_to_draft',
    'edited',
    'labeled',
    'unlabeled',
    'assigned',
    'review_requested',
    'auto_merge_enabled',
    'enqueued',
    'locked',
  ].map((action) => ({
    way: `pull_request.${action}`,
    go: (story: Story, by: Person) => void tell(story, `pull_request.${action}`, by),
  })),
  { way: 'pull_request_review.submitted', go: (story, by) => say(story, 'LGTM', by, { source: 'review' }) },
  { way: 'a review with /test', go: (story, by) => say(story, '/test unit', by, { source: 'review' }) },
  { way: 'a review comment with /test', go: (story, by) => say(story, '/test unit', by, { source: 'review-comment' }) },
  { way: 'the body with /test', go: (story, by) => say(story, '/test unit', by, { source: 'body', id: 5 }) },
  { way: '/test NAME', go: (story, by) => say(story, '/test unit', by) },
  { way: '/test all', go: (story, by) => say(story, '/test all', by) },
  { way: '/retest', go: (story, by) => say(story, '/retest', by) },
  { way: '/retest-required', go: (story, by) => say(story, '/retest-required', by) },
  { way: '/gate', go: (story, by) => say(story, `/gate ${story.pull?.head}`, by) },
  { way: 'Re-run', go: (story, by) => press(story, by, { button: 'rerun', check: 'unit' }) },
  { way: 'Re-run of sluice', go: (story, by) => press(story, by, { button: 'rerun', check: 'sluice' }) },
  { way: 'Re-run all', go: (story, by) => press(story, by, { button: 'rerun-all', check: '' }) },
  { way: 'Cancel', go: (story, by) => press(story, by, { button: 'action', identifier: 'cancel' }) },
  { way: 'an unknown button', go: (story, by) => press(story, by, { button: 'action', identifier: 'land' }) },
  {
    way: 'retargeted and back',
    go: (story) => {
      change(story, 'pull_request.edited', { baseRef: 'release' });
      pass(story);
      change(story, 'pull_request.edited', { baseRef: 'main' });
    },
  },
  {
    way: 'closed and reopened',
    go: (story) => {
      change(story, 'pull_request.closed', { state: 'closed' });
      pass(story);
      change(story, 'pull_request.reopened', { state: 'open' });
    },
  },
  { way: 'a resync', go: (story) => tell(story, 'resync') },
];

const approving: readonly { readonly way: string; readonly go: (story: Story, by: Person) => void }[] = [
  { way: '/ok-to-test', go: (story, by) => say(story, `/ok-to-test ${story.pull?.head}`, by) },
  {
    way: '/ok-to-test in a review',
    go: (story, by) => say(story, `/ok-to-test ${story.pull?.head}`, by, { source: 'review' }),
  },
  {
    way: 'the button',
    go: (story, by) => press(story, by, { button: 'action', identifier: 'approve', check: 'sluice' }),
  },
];

function strangers(): Story {
  const story = startStory({ jobs: [aJob('unit')], pull: { author: people.mallory } });
  tell(story, 'pull_request.opened');
  settle(story);
  return story;
}

describe('one function decides on every path whether code is built (intake A4)', () => {
  it.each(ways)('$way by a maintainer starts nothing of a head that nobody approved', ({ go }) => {
    const story = strangers();
    go(story, people.boss);
    settle(story);
    expect(story.started).toEqual([]);
    expect(story.record.approvals).toEqual([]);
    expect(story.checks.shown(sha('a'), 'sluice')?.title).toBe('Awaiting approval');
  });

  it.each([...ways, ...approving])('$way by its author starts nothing of a head that nobody approved', ({ go }) => {
    const story = strangers();
    go(story, people.mallory);
    settle(story);
    expect(story.started).toEqual([]);
    expect(story.record.approvals).toEqual([]);
    expect(story.checks.shown(sha('a'), 'sluice')?.title).toBe('Awaiting approval');
  });

  it.each([...ways, ...approving])('$way by somebody whose rights cannot be read starts nothing', ({ go }) => {
    const story = strangers();
    story.rights.set(people.boss.id, unreadable);
    go(story, people.boss);
    settle(story);
    expect(story.started).toEqual([]);
    expect(story.record.approvals).toEqual([]);
  });

  it.each([...ways, ...approving])('$way starts nothing while the rights of the author cannot be read', ({ go }) => {
    const story = startStory({ jobs: [aJob('unit')] });
    story.rights.set(people.ada.id, unreadable);
    tell(story, 'pull_request.opened');
    pass(story);
    go(story, people.ada);
    for (let i = 0; i < 5; i += 1) {
      grant(story);
      pass(story);
    }
    expect(story.started).toEqual([]);
  });

  it.each(ways)('$way by a stranger on a member’s head that nobody approved starts nothing more', ({ go }) => {
    const story = startStory({ jobs: [aJob('unit')] });
    tell(story, 'pull_request.opened');
    story.fate = () => 1;
    settle(story);
    go(story, people.mallory);
    story.now += 5000;
    settle(story);
    const requests = story.started.filter(({ build }) => build.parts.entry === 'main');
    expect(requests).toHaveLength(1);
  });

  it.each(approving)('$way by a maintainer approves exactly this head, and automatic jobs start', ({ go }) => {
    const story = strangers();
    go(story, people.boss);
    begin(story);
    expect(shown(story, 'unit')).toBe('in_progress');
    expect(story.started[0]?.build.trust).toBe('approved');
    expect(story.record.approvals).toMatchObject([{ head: sha('a'), by: people.boss, permission: 'admin' }]);
  });
});

describe('what was allowed is asked again when the pod is made (design.md §6)', () => {
  it('a push between approval and start: the new head is another change (intake A1)', () => {
    const story = strangers();
    say(story, `/ok-to-test ${sha('a')}`, people.boss);
    push(story, sha('b'));
    settle(story);
    expect(story.started).toEqual([]);
    expect(story.replies.get('boss')).toContain('is not the present head');
  });

  it('a push between plan and slot: nothing of the old head starts', () => {
    const story = strangers();
    say(story, `/ok-to-test ${sha('a')}`, people.boss);
    pass(story);
    grant(story);
    push(story, sha('b'));
    settle(story);
    expect(story.started).toEqual([]);
  });

  it('an author who has lost the right meanwhile: the build that waits ends with the reason', () => {
    const story = startStory();
    tell(story, 'pull_request.opened');
    pass(story);
    story.rights.set(people.ada.id, rights('read'));
    settle(story);
    expect(story.started).toEqual([]);
    expect(shown(story, 'unit')).toBe('cancelled');
    expect(story.checks.shown(sha('a'), 'unit')?.summary).toContain('ada has only read permission here');
  });

  it('rights that cannot be read at that moment: the build keeps its place and starts when they can', () => {
    const story = startStory();
    tell(story, 'pull_request.opened');
    pass(story);
    grant(story);
    story.rights.set(people.ada.id, unreadable);
    pass(story);
    pass(story);
    expect(story.started).toEqual([]);
    expect(shown(story, 'unit')).toBe('queued');
    story.rights.set(people.ada.id, rights('write'));
    begin(story);
    expect(shown(story, 'unit')).toBe('in_progress');
  });

  it('a start that was lost is asked for again only after the same question', () => {
    const story = startStory();
    tell(story, 'pull_request.opened');
    pass(story);
    grant(story);
    pass(story, { perform: false });
    story.rights.set(people.ada.id, rights('read'));
    story.now += 20_000;
    settle(story);
    expect(story.started).toEqual([]);
    expect(shown(story, 'unit')).toBe('cancelled');
  });

  it('another attempt after an error of ours, too', () => {
    const story = startStory();
    tell(story, 'pull_request.opened');
    begin(story);
    story.rights.set(people.ada.id, rights('read'));
    for (const name of [...story.pods.keys()]) story.pods.delete(name);
    story.server.nudged = true;
    settle(story);
    expect(story.started).toHaveLength(1);
    expect(shown(story, 'unit')).toBe('cancelled');
  });

  it('/retest never widens an approval: a new head behind a failure stays unbuilt (intake A39)', () => {
    const story = strangers();
    say(story, `/ok-to-test ${sha('a')}`, people.boss);
    begin(story);
    finish(story, 'unit', 1);
    pass(story);
    push(story, sha('b'));
    say(story, '/retest', people.boss);
    settle(story);
    expect(story.started).toHaveLength(1);
    expect(story.replies.get('boss')).toContain(`/ok-to-test ${sha('b')}`);
  });

  it('approving revives nothing that was stopped: it acts on a head, not on a build (intake A5)', () => {
    const story = strangers();
    say(story, `/ok-to-test ${sha('a')}`, people.boss);
    begin(story);
    push(story, sha('b'));
    settle(story);
    press(story, people.boss, { button: 'action', identifier: 'approve', check: 'sluice', head: sha('a') });
    settle(story);
    expect(story.started).toHaveLength(1);
    expect(story.replies.get('boss')).toBe('Nothing was started: `aaaaaaaaaaaa` is not the present head any more.');
    expect(story.checks.shown(sha('a'), 'unit')?.state).toEqual({ status: 'completed', conclusion: 'cancelled' });
  });
});

describe('whom the base branch trusts', () => {
  it('is read from the base branch, never from the pull request (intake A6)', () => {
    const story = startStory({ pull: { author: people.mia } });
    if (story.base.kind !== 'valid') throw new Error('the story begins with a valid file');
    const { config } = story.base;
    story.base = { kind: 'valid', config: { ...config, trust: { trust: 'collaborators', trustedApps: [] } } };
    story.head = { kind: 'valid', config: { ...config, trust: { trust: 'members', trustedApps: [] } } };
    tell(story, 'pull_request.opened');
    settle(story);
    expect(story.started).toEqual([]);
  });

  it('a member is not told that he may not while the settings cannot be read', () => {
    const story = startStory({ pull: { author: people.mia } });
    story.reads.code = false;
    tell(story, 'pull_request.opened');
    say(story, '/test unit', people.mia);
    pass(story);
    expect(shown(story, 'sluice')).toBeUndefined();
    expect(story.replies.get('mia')).toMatch(/could not be fetched\. Please try again\.$/);
    story.reads.code = true;
    story.fate = () => 0;
    settle(story);
    expect(shown(story, 'unit')).toBe('success');
  });

  it('while the base branch’s file is broken only people with write permission are trusted', () => {
    const story = startStory({ pull: { author: people.mia } });
    story.head = story.base;
    story.base = { kind: 'invalid', problems: [] };
    tell(story, 'pull_request.opened');
    settle(story);
    expect(story.started).toEqual([]);
    expect(story.checks.shown(sha('a'), 'sluice')?.title).toBe('Awaiting approval');
  });
});
