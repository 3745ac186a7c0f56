import { describe, expect, it } from 'vitest';
import { aConfig, aJob, matchers, people, rights, sha, unreadable } from '../../fakes/model-data.ts';
import { type Story, type StoryOptions, startStory } from '../../fakes/story.ts';
import { change, push, say, tell } from '../../fakes/story-events.ts';
import { begin, pass, settle, shown } from '../../fakes/story-pass.ts';

const jobs = [aJob('unit')];

function opened(options: StoryOptions = {}): Story {
  const story = startStory({ jobs, ...options });
  tell(story, 'pull_request.opened');
  return story;
}

function lineOfSluice(story: Story): string {
  const report = story.pull ? story.checks.shown(story.pull.head, 'sluice') : undefined;
  return report ? `${shown(story, 'sluice')}: ${report.title}` : 'nothing';
}

const stranger: StoryOptions = { pull: { author: people.mallory } };

describe('a new head', () => {
  it('stops and concludes every unfinished build of the old one, and starts like opened', () => {
    const story = opened();
    begin(story);
    push(story, sha('b'));
    pass(story);
    story.fate = () => 0;
    settle(story);
    const old = story.checks.shown(sha('a'), 'unit');
    expect(old?.state).toEqual({ status: 'completed', conclusion: 'cancelled' });
    expect(old?.summary).toContain('Superseded by a push of bbbbbbbbbbbb.');
    expect(shown(story, 'unit')).toBe('success');
    expect(story.started.map(({ build }) => build.parts.commit)).toEqual([sha('a'), sha('b')]);
    expect([...story.pods.keys()]).toEqual([]);
  });

  it('leaves what had ended on the old head as it ended', () => {
    const story = opened();
    story.fate = () => 1;
    settle(story);
    push(story, sha('b'));
    settle(story);
    expect(story.checks.shown(sha('a'), 'unit')?.state).toEqual({ status: 'completed', conclusion: 'failure' });
  });

  it('has no approval, whatever was approved before (intake A3)', () => {
    const story = opened(stranger);
    say(story, `/ok-to-test ${sha('a')}`, people.boss);
    begin(story);
    expect(shown(story, 'unit')).toBe('in_progress');
    push(story, sha('b'));
    settle(story);
    expect(shown(story, 'unit')).toBeUndefined();
    expect(lineOfSluice(story)).toBe('action_required: Awaiting approval');
    expect(story.started).toHaveLength(1);
  });

  it('that was approved once is approved when it comes back, and results are not mixed (F38)', () => {
    const story = opened(stranger);
    say(story, `/ok-to-test ${sha('a')}`, people.boss);
    story.fate = () => 1;
    settle(story);
    push(story, sha('b'));
    settle(story);
    push(story, sha('a'));
    settle(story);
    expect(shown(story, 'unit')).toBe('failure');
    expect(story.started).toHaveLength(1);
    say(story, '/retest', people.boss);
    story.fate = () => 0;
    settle(story);
    expect(shown(story, 'unit')).toBe('success');
    expect(story.checks.violations).toEqual([]);
  });

  it('that comes back while its old builds are being stopped begins anew under another number', () => {
    const story = opened();
    begin(story);
    push(story, sha('b'));
    pass(story);
    push(story, sha('a'));
    pass(story);
    story.fate = () => 0;
    settle(story);
    expect(story.checks.violations).toEqual([]);
    expect(shown(story, 'unit')).toBe('success');
    expect(
      story.started.filter(({ build }) => build.parts.commit === sha('a')).map(({ build }) => build.parts.request),
    ).toEqual([1, 2]);
  });

  it('that comes back before anybody saw its first check run begins under another number as well', () => {
    const story = opened();
    pass(story, { perform: false });
    push(story, sha('b'));
    pass(story, { perform: false });
    push(story, sha('a'));
    story.fate = () => 0;
    settle(story);
    expect(story.checks.violations).toEqual([]);
    expect(shown(story, 'unit')).toBe('success');
    const runs = story.checks.all().filter(({ name, commit }) => name === 'unit' && commit === sha('a'));
    expect(runs.map(({ externalId }) => externalId.split('/')[1]).sort()).toEqual(['1', '2']);
  });

  it('that comes back while its job is defined otherwise: no number is given twice, whichever definition counts then', () => {
    const story = opened();
    pass(story);
    push(story, sha('b'));
    pass(story);
    push(story, sha('a'));
    const before = story.base;
    story.base = { kind: 'valid', config: aConfig([aJob('unit', { definition: 'another' })]) };
    story.rights.set(people.ada.id, unreadable);
    pass(story);
    story.base = before;
    story.rights.set(people.ada.id, rights('write'));
    story.fate = () => 0;
    settle(story);
    expect(story.checks.violations).toEqual([]);
    expect(shown(story, 'unit')).toBe('success');
  });
});

describe('the base branch is edited', () => {
  it('stops the builds for the old base and starts for the new one, under an identity of its own', () => {
    const story = opened();
    begin(story);
    change(story, 'pull_request.edited', { baseRef: 'release' });
    story.fate = () => 0;
    settle(story);
    const runs = story.checks.all().filter(({ name }) => name === 'unit');
    expect(runs.map(({ state }) => state)).toEqual([
      { status: 'completed', conclusion: 'cancelled' },
      { status: 'completed', conclusion: 'success' },
    ]);
    expect(runs[0]?.summary).toContain('The base branch is `release` now, not `main`.');
    expect(story.started.map(({ build }) => build.parts.entry)).toEqual(['main', 'release']);
  });

  it('and back: results on the first base are found again, none is used for the other', () => {
    const story = opened();
    story.fate = () => 1;
    settle(story);
    change(story, 'pull_request.edited', { baseRef: 'release' });
    story.fate = () => 0;
    settle(story);
    change(story, 'pull_request.edited', { baseRef: 'main' });
    settle(story);
    expect(story.record.change?.jobs.find(({ job }) => job === 'unit')?.status).toMatchObject({ result: 'failure' });
    expect(story.started).toHaveLength(2);
    expect(story.checks.violations).toEqual([]);
  });

  it('and back before the forge shows what was stopped: that request is not given again', () => {
    const story = opened();
    begin(story);
    story.checks.writes(false);
    change(story, 'pull_request.edited', { baseRef: 'release' });
    for (let i = 0; i < 5; i += 1) pass(story);
    change(story, 'pull_request.edited', { baseRef: 'main' });
    pass(story);
    story.checks.writes(true);
    story.fate = () => 0;
    settle(story);
    const onMain = story.started.filter(({ build }) => build.parts.entry === 'main');
    expect(onMain.map(({ build }) => build.parts.request)).toEqual([1, 2]);
    expect(story.checks.violations).toEqual([]);
    expect(story.record.retired).toEqual([]);
  });

  it('starts on the new base what applies there only', () => {
    const story = opened({ jobs: [...jobs, aJob('ports', { selection: { branches: matchers('release') } })] });
    pass(story);
    expect(shown(story, 'ports')).toBe('skipped');
    change(story, 'pull_request.edited', { baseRef: 'release' });
    pass(story);
    expect(shown(story, 'ports')).toBe('queued');
  });
});
