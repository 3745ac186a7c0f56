import { describe, expect, it } from 'vitest';
import { planPresubmit } from '../../../src/core/presubmit/plan.ts';
import { aConfig, aJob, people, sha } from '../../fakes/model-data.ts';
import { type Story, startStory } from '../../fakes/story.ts';
import { change, press, push, say, tell } from '../../fakes/story-events.ts';
import { look } from '../../fakes/story-look.ts';
import { begin, finish, pass, settle, shown } from '../../fakes/story-pass.ts';

function going(): Story {
  const story = startStory({
    jobs: [aJob('unit'), aJob('lint'), aJob('e2e', { needs: [{ job: 'unit', soft: false }] })],
  });
  tell(story, 'pull_request.opened');
  begin(story);
  return story;
}

function conclusions(story: Story): (string | undefined)[] {
  return ['unit', 'lint', 'e2e'].map((name) => shown(story, name));
}

describe('converted to draft, closed, merged (commands.md §2)', () => {
  it.each`
    event                                | over                   | because
    ${'pull_request.converted_to_draft'} | ${{ draft: true }}     | ${'The pull request was converted to a draft.'}
    ${'pull_request.closed'}             | ${{ state: 'closed' }} | ${'The pull request was closed.'}
    ${'pull_request.closed'}             | ${{ state: 'merged' }} | ${'The pull request was merged.'}
  `('$because: unfinished builds are stopped and concluded', ({ event, over, because }) => {
    const story = going();
    change(story, event, over);
    settle(story);
    expect(conclusions(story)).toEqual(['cancelled', 'cancelled', 'cancelled']);
    for (const name of ['unit', 'lint', 'e2e']) expect(story.checks.shown(sha('a'), name)?.summary).toContain(because);
    expect([...story.pods.keys()]).toEqual([]);
    expect(story.server.line).toEqual([]);
    expect(story.server.wakeAt).toBeNull();
  });

  it('what is stopped as the App does not see it any more keeps the slot of its author until it has ended', () => {
    const story = going();
    story.project = null;
    tell(story, 'pull_request.edited');
    pass(story);
    expect(story.record.pull).toBeNull();
    expect([...new Set(story.server.line.map(({ author }) => author))]).toEqual([people.ada.id]);
    settle(story);
    expect(story.server.line).toEqual([]);
  });

  it('what had ended keeps its result', () => {
    const story = going();
    finish(story, 'lint', 1);
    pass(story);
    change(story, 'pull_request.closed', { state: 'closed' });
    settle(story);
    expect(conclusions(story)).toEqual(['cancelled', 'failure', 'cancelled']);
  });

  it('a build that still waits in line ends at once, without a pod', () => {
    const story = startStory();
    tell(story, 'pull_request.opened');
    pass(story);
    change(story, 'pull_request.closed', { state: 'closed' });
    settle(story);
    expect(shown(story, 'unit')).toBe('cancelled');
    expect(story.started).toEqual([]);
  });

  it('reopened: what was stopped begins again under another number, what passed stands', () => {
    const story = going();
    finish(story, 'lint', 0);
    pass(story);
    change(story, 'pull_request.closed', { state: 'closed' });
    settle(story);
    change(story, 'pull_request.reopened', { state: 'open' });
    story.fate = () => 0;
    settle(story);
    expect(conclusions(story)).toEqual(['success', 'success', 'success']);
    expect(story.started.map(({ build }) => `${build.parts.job}/${build.parts.request}`)).toEqual([
      'unit/1',
      'lint/1',
      'unit/2',
      'e2e/2',
    ]);
    expect(story.checks.violations).toEqual([]);
  });

  it('reopened: a pass of another definition of the job does not stand', () => {
    const story = startStory();
    tell(story, 'pull_request.opened');
    story.fate = () => 0;
    settle(story);
    change(story, 'pull_request.closed', { state: 'closed' });
    settle(story);
    story.base = { kind: 'valid', config: aConfig([aJob('unit', { definition: 'another' })]) };
    change(story, 'pull_request.reopened', { state: 'open' });
    settle(story);
    expect(story.started).toHaveLength(2);
    expect(story.checks.violations).toEqual([]);
  });

  it('a build that /test started before anything was planned is stopped by the conversion as well', () => {
    const story = startStory({ pull: { updatedAt: 400_000 } });
    tell(story, 'resync');
    pass(story);
    press(story, people.ada, { check: 'unit' });
    begin(story);
    expect(shown(story, 'unit')).toBe('in_progress');
    change(story, 'pull_request.converted_to_draft', { draft: true });
    settle(story);
    expect(shown(story, 'unit')).toBe('cancelled');
  });

  it('a build that /test started on a draft goes on, whatever happens to the draft', () => {
    const story = startStory({ pull: { draft: true } });
    tell(story, 'pull_request.opened');
    say(story, '/test unit');
    begin(story);
    change(story, 'pull_request.edited', { title: 'x' });
    pass(story);
    finish(story, 'unit', 0);
    settle(story);
    expect(shown(story, 'unit')).toBe('success');
  });
});

describe('App suspended, repository gone', () => {
  it.each`
    what                        | take
    ${'the repository is gone'} | ${(story: Story) => Object.assign(story, { project: null })}
    ${'the pull request is'}    | ${(story: Story) => Object.assign(story, { pull: null })}
  `('$what: builds stop and are concluded as far as the forge takes it', ({ take }) => {
    const story = going();
    take(story);
    tell(story, 'resync');
    settle(story);
    const unit = story.checks.shown(sha('a'), 'unit');
    expect(unit?.state).toEqual({ status: 'completed', conclusion: 'cancelled' });
    expect(unit?.summary).toContain('The App does not see the pull request any more.');
    expect([...story.pods.keys()]).toEqual([]);
    expect(story.server.wakeAt).toBeNull();
  });

  it('on return everything is read anew and begins again', () => {
    const story = going();
    const { project } = story;
    story.project = null;
    tell(story, 'resync');
    settle(story);
    story.project = project;
    story.fate = () => 0;
    tell(story, 'resync');
    settle(story);
    expect(conclusions(story)).toEqual(['success', 'success', 'success']);
    expect(story.checks.violations).toEqual([]);
  });

  it('on return to a head whose end could not be shown: what was stopped there is not given again', () => {
    const story = startStory({ jobs: [aJob('unit')] });
    tell(story, 'pull_request.opened');
    begin(story);
    const { project } = story;
    story.checks.writes(false);
    story.project = null;
    tell(story, 'resync');
    settle(story);
    expect(story.server.wakeAt).toBeNull();
    story.project = project;
    push(story, sha('b'));
    pass(story);
    story.fate = () => 0;
    push(story, sha('a'));
    pass(story);
    story.checks.writes(true);
    settle(story);
    const onFirst = story.started.filter(({ build }) => build.parts.commit === sha('a'));
    expect(onFirst.map(({ build }) => build.parts.request)).toEqual([1, 2]);
    expect(story.checks.violations).toEqual([]);
    expect(story.record.retired).toEqual([]);
  });

  it('a pod that comes to be after everything was stopped is removed', () => {
    const story = going();
    const [late] = story.pods.values();
    change(story, 'pull_request.closed', { state: 'closed' });
    settle(story);
    if (late) story.pods.set(late.name, late);
    story.server.nudged = true;
    settle(story);
    expect([...story.pods.keys()]).toEqual([]);
  });
});

describe('the same delivery twice, late, or out of order: the same end state', () => {
  const events = ['pull_request.opened', 'pull_request.synchronize', 'issue_comment.created', 'pull_request.closed'];

  it.each([[[0, 1, 2, 3]], [[3, 2, 1, 0]], [[1, 0, 1, 0]], [[3, 3, 0, 0]], [[2]]])(
    'in the order %j: the forge’s present state decides, not what an event said',
    (order) => {
      const story = startStory();
      for (const index of order) {
        tell(story, events[index]);
        pass(story);
      }
      story.fate = () => 0;
      settle(story);
      expect(shown(story, 'unit')).toBe('success');
      expect(story.started).toHaveLength(1);
    },
  );

  it('a delivery that is found in the inbox twice starts nothing twice', () => {
    const story = startStory();
    story.inbox.push(tell(story, 'pull_request.opened'));
    begin(story);
    story.inbox.push(tell(story, 'pull_request.opened'));
    pass(story);
    expect(story.started).toHaveLength(1);
  });
});

describe('the same look again', () => {
  it('changes nothing: the same record, no new reason, no start', () => {
    const story = going();
    say(story, '/why', people.mallory);
    for (const then of [() => pass(story), () => finish(story, 'unit', 0), () => pass(story), () => pass(story)]) {
      then();
      const facts = look(story);
      const once = planPresubmit(story.record, facts);
      const twice = planPresubmit(once.record, { ...facts, sent: new Set() });
      expect(twice.record).toEqual(once.record);
      expect(twice.reasons).toEqual([]);
    }
  });

  it('gives the same plan for the same record and facts', () => {
    const story = going();
    say(story, '/retest');
    const facts = look(story);
    expect(planPresubmit(story.record, facts)).toEqual(planPresubmit(story.record, facts));
  });
});
