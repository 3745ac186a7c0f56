import { describe, expect, it } from 'vitest';
import { aJob, matchers, people, rights, sha, unreadable } from '../../fakes/model-data.ts';
import { type Story, type StoryOptions, startStory } from '../../fakes/story.ts';
import { change, say, tell } from '../../fakes/story-events.ts';
import { begin, finish, pass, settle, shown } from '../../fakes/story-pass.ts';

const jobs = [
  aJob('unit'),
  aJob('docs', { selection: { onlyIf: matchers('docs/**') } }),
  aJob('bench', { selection: { trigger: 'manual' } }),
];

function opened(options: StoryOptions = {}, event = 'pull_request.opened'): Story {
  const story = startStory({ jobs, ...options });
  tell(story, event);
  return story;
}

function lineOfSluice(story: Story): string {
  const report = story.pull ? story.checks.shown(story.pull.head, 'sluice') : undefined;
  return report ? `${shown(story, 'sluice')}: ${report.title}` : 'nothing';
}

/** What is seen of every job after one pass. */
function seen(story: Story): Record<string, string | undefined> {
  return Object.fromEntries(jobs.map(({ name }) => [name, shown(story, name)]));
}

const started = { unit: 'queued', docs: 'skipped', bench: 'skipped' };
const nothing = { unit: undefined, docs: undefined, bench: undefined };
const stranger: StoryOptions = { pull: { author: people.mallory } };

describe('events on a pull request (commands.md §2): opened, reopened, ready for review', () => {
  it.each`
    situation                            | options                                              | checks     | line
    ${'author trusted, not a draft'}     | ${{}}                                                | ${started} | ${'success: 1 job to build, 2 skipped'}
    ${'author a member who may read'}    | ${{ pull: { author: people.mia } }}                  | ${started} | ${'success: 1 job to build, 2 skipped'}
    ${'draft'}                           | ${{ pull: { draft: true } }}                         | ${nothing} | ${'action_required: Draft'}
    ${'author not trusted'}              | ${stranger}                                          | ${nothing} | ${'action_required: Awaiting approval'}
    ${'author not trusted, and a draft'} | ${{ pull: { author: people.mallory, draft: true } }} | ${nothing} | ${'action_required: Awaiting approval'}
    ${'author is a bot nobody listed'}   | ${{ pull: { author: people.robot } }}                | ${nothing} | ${'action_required: Awaiting approval'}
  `('$situation: $line', ({ options, checks, line }) => {
    for (const event of ['opened', 'reopened', 'ready_for_review', 'synchronize']) {
      const story = opened(options, `pull_request.${event}`);
      pass(story);
      expect(seen(story)).toEqual(checks);
      expect(lineOfSluice(story)).toBe(line);
    }
  });

  it('says how to approve, with the full SHA to copy, and offers the button', () => {
    const story = opened(stranger);
    pass(story);
    const report = story.checks.shown(sha('a'), 'sluice');
    expect(report?.summary).toContain(`\n/ok-to-test ${sha('a')}\n`);
    expect(report?.actions.map(({ identifier }) => identifier)).toEqual(['approve']);
  });

  it('a draft starts nothing by itself, says so, and /test works', () => {
    const story = opened({ pull: { draft: true } });
    pass(story);
    expect(story.checks.shown(sha('a'), 'sluice')?.summary).toContain('`/test NAME` works');
    say(story, '/test unit');
    begin(story);
    expect(seen(story)).toEqual({ ...nothing, unit: 'in_progress' });
    expect(lineOfSluice(story)).toBe('action_required: Draft');
  });

  it('ready for review starts what a draft did not, and leaves what /test started', () => {
    const story = opened({ pull: { draft: true } });
    say(story, '/test bench');
    begin(story);
    change(story, 'pull_request.ready_for_review', { draft: false });
    pass(story);
    expect(seen(story)).toEqual({ unit: 'queued', docs: 'skipped', bench: 'in_progress' });
  });

  it('while the author’s rights cannot be read nothing is decided; it is looked at again soon', () => {
    const story = opened();
    story.rights.set(people.ada.id, unreadable);
    const plan = pass(story);
    expect(seen(story)).toEqual(nothing);
    expect(lineOfSluice(story)).toBe('nothing');
    expect(plan.wakeAt).toBeLessThanOrEqual(story.now + 15_000);
    story.rights.set(people.ada.id, rights('write'));
    pass(story);
    expect(seen(story)).toEqual(started);
  });
});

describe('pull requests that were open before the App was installed', () => {
  const old: StoryOptions = { pull: { updatedAt: 400_000 } };

  it('start nothing by themselves when the resync finds them, and nothing is written there', () => {
    const story = opened(old, 'resync');
    settle(story);
    expect(seen(story)).toEqual(nothing);
    expect(lineOfSluice(story)).toBe('nothing');
  });

  it.each(['opened', 'synchronize', 'edited', 'labeled', 'reopened'])('start with their next event: %s', (event) => {
    const story = opened(old, 'resync');
    pass(story);
    tell(story, `pull_request.${event}`);
    pass(story);
    expect(seen(story)).toEqual(started);
  });

  it('start with a /test', () => {
    const story = opened(old, 'resync');
    pass(story);
    say(story, '/test unit');
    pass(story);
    expect(shown(story, 'unit')).toBe('queued');
  });

  it('are awake when they were updated after the App came', () => {
    const story = opened({}, 'resync');
    pass(story);
    expect(seen(story)).toEqual(started);
  });
});

describe('what changes nothing', () => {
  it.each(['edited', 'labeled', 'assigned', 'review_requested'])(
    '%s: the same builds go on, nothing is decided',
    (event) => {
      const story = opened();
      begin(story);
      const before = { record: story.record, started: story.started.length, reasons: story.reasons.length };
      change(story, `pull_request.${event}`, { title: 'Another title' });
      pass(story);
      expect(story.started).toHaveLength(before.started);
      expect(story.reasons).toHaveLength(before.reasons);
      expect(story.record.change).toEqual(before.record.change);
    },
  );

  it('the forge’s own idea of mergeability is not even known: our merge decides', () => {
    const story = opened();
    expect(Object.keys(story.pull ?? {}).filter((key) => /merge(able|_state)/i.test(key))).toEqual([]);
    story.conflict = ['go.mod'];
    pass(story);
    expect(lineOfSluice(story)).toBe('action_required: Conflicts with main');
  });

  it('the base branch moving on takes nothing back and starts nothing', () => {
    const story = opened();
    begin(story);
    story.baseTip = sha('1');
    tell(story, 'resync');
    settle(story);
    expect(story.started).toHaveLength(1);
    expect(story.started[0]?.checkout.base).toBe(sha('0'));
  });
});

describe('a known conflict with the base', () => {
  it('builds nothing, and the check run says which files conflict', () => {
    const story = opened();
    story.conflict = ['go.mod', 'a`b.go'];
    settle(story);
    expect(seen(story)).toEqual(nothing);
    const summary = story.checks.shown(sha('a'), 'sluice')?.summary;
    expect(summary).toContain('it conflicts with `main` in 2 files');
    expect(summary).toContain('* `go.mod`\n* ``a`b.go``');
  });

  it('is what /test is answered too', () => {
    const story = opened();
    story.conflict = ['go.mod'];
    say(story, '/test unit');
    pass(story);
    expect(story.replies.get('ada')).toContain('Nothing was started: it conflicts with `main` in 1 file: `go.mod`.');
    expect(seen(story)).toEqual(nothing);
  });

  it('over: it starts as if it had been opened then', () => {
    const story = opened();
    story.conflict = ['go.mod'];
    pass(story);
    story.conflict = null;
    tell(story, 'resync');
    pass(story);
    expect(seen(story)).toEqual(started);
    expect(lineOfSluice(story)).toBe('success: 1 job to build, 2 skipped');
  });

  it('that comes later takes nothing back: what goes on was planned on a base it merged with', () => {
    const story = opened();
    begin(story);
    story.conflict = ['go.mod'];
    tell(story, 'resync');
    pass(story);
    finish(story, 'unit', 0);
    settle(story);
    expect(shown(story, 'unit')).toBe('success');
    expect(lineOfSluice(story)).toBe('action_required: Conflicts with main');
  });

  it('is remembered until it is over, so that a resync looks again: the forge tells nothing when a base moves', () => {
    const story = opened();
    story.conflict = ['go.mod'];
    settle(story);
    expect(story.record.change?.conflicts).toBe(true);
    story.conflict = null;
    tell(story, 'resync');
    settle(story);
    expect(story.record.change).not.toHaveProperty('conflicts');
    expect(lineOfSluice(story)).toBe('success: 1 job to build, 2 skipped');
  });
});
