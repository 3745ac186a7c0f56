import { describe, expect, it } from 'vitest';
import { planPresubmit } from '../../../src/core/presubmit/plan.ts';
import type { ObservedCheckRun } from '../../../src/model/check-run.ts';
import { aConfig, aJob, matchers, people, sha } from '../../fakes/model-data.ts';
import { type Story, type StoryOptions, startStory } from '../../fakes/story.ts';
import { change, press, say, tell } from '../../fakes/story-events.ts';
import { look } from '../../fakes/story-look.ts';
import { begin, finish, forgetAll, pass, settle, shown } from '../../fakes/story-pass.ts';

const jobs = [
  aJob('unit'),
  aJob('lint'),
  aJob('docs', { selection: { onlyIf: matchers('docs/**') } }),
  aJob('bench', { selection: { trigger: 'manual' } }),
];

function opened(options: StoryOptions = {}): Story {
  const story = startStory({ jobs, ...options });
  tell(story, 'pull_request.opened');
  return story;
}

function lost(story: Story): void {
  forgetAll(story);
  tell(story, 'resync');
}

describe('after a loss of Redis everything is found again from forge and cluster (design.md §5)', () => {
  it('final results stand: nothing is started, nothing is written anew', () => {
    const story = opened();
    story.fate = ({ build }) => (build.parts.job === 'lint' ? 1 : 0);
    settle(story);
    const before = story.checks.all();
    story.started.length = 0;
    lost(story);
    settle(story);
    expect(story.started).toEqual([]);
    expect(story.checks.all()).toEqual(before);
    expect(
      story.record.change?.jobs.map(({ job, request, status }) => [
        job,
        request,
        'result' in status ? status.result : status.kind,
      ]),
    ).toEqual([
      ['unit', 1, 'success'],
      ['lint', 1, 'failure'],
      ['docs', 1, 'skipped'],
      ['bench', 1, 'skipped'],
    ]);
  });

  it.each`
    end         | retested
    ${1}        | ${['lint']}
    ${'vanish'} | ${['lint']}
    ${0}        | ${[]}
  `('/retest knows what ended with $end', ({ end, retested }) => {
    const story = opened();
    story.fate = ({ build }) => (build.parts.job === 'lint' ? end : 0);
    settle(story);
    story.started.length = 0;
    lost(story);
    settle(story);
    story.fate = () => 0;
    say(story, '/retest');
    settle(story);
    expect(story.started.map(({ build }) => build.parts.job)).toEqual(retested);
    expect(story.started.every(({ build }) => build.parts.request === 2)).toBe(true);
    expect(story.checks.violations).toEqual([]);
  });

  it('what was under way goes on: the same ids, the same pods, nothing started twice', () => {
    const story = opened();
    begin(story);
    const pods = [...story.pods.keys()];
    const ids = story.checks.all().map(({ externalId }) => externalId);
    story.started.length = 0;
    lost(story);
    for (let i = 0; i < 4; i += 1) pass(story);
    expect([...story.pods.keys()]).toEqual(pods);
    story.fate = () => 0;
    settle(story);
    expect(story.started).toEqual([]);
    expect([shown(story, 'unit'), shown(story, 'lint')]).toEqual(['success', 'success']);
    expect(story.checks.all().map(({ externalId }) => externalId)).toEqual(ids);
  });

  it('what had its check run, queued, and no pod yet is a wanted build', () => {
    const story = opened({ pull: { draft: true } });
    say(story, '/test bench');
    pass(story);
    expect(shown(story, 'bench')).toBe('queued');
    lost(story);
    story.fate = () => 0;
    settle(story);
    expect(shown(story, 'bench')).toBe('success');
    expect(story.checks.all().filter(({ name }) => name === 'bench')).toHaveLength(1);
  });

  it('what was at its second attempt is found at that attempt', () => {
    const story = opened({ jobs: [aJob('unit')] });
    story.fate = ({ build }) => (build.parts.attempt === 1 ? 'vanish' : null);
    for (let i = 0; i < 3; i += 1) begin(story);
    story.pods.clear();
    begin(story);
    begin(story);
    const [pod] = story.pods.values();
    expect(pod?.labels['sluice.dev/attempt']).toBe('2');
    story.started.length = 0;
    lost(story);
    story.fate = () => 0;
    settle(story);
    expect(story.started).toEqual([]);
    expect(shown(story, 'unit')).toBe('success');
  });

  it('a request whose check run was never written is found by its pod; no number is given twice', () => {
    const story = opened({ jobs: [aJob('unit')] });
    story.fate = () => 1;
    settle(story);
    story.fate = () => null;
    press(story, people.ada, { check: 'unit' });
    begin(story);
    const runs: ObservedCheckRun[] = story.checks
      .on(sha('a'))
      .filter(({ externalId, name }) => name !== 'unit' || externalId.endsWith('/1'));
    forgetAll(story);
    tell(story, 'resync');
    const facts = look(story);
    const forge = facts.forge && { ...facts.forge, checkRuns: runs };
    const { record } = planPresubmit(story.record, { ...facts, forge });
    expect(record.change?.jobs).toMatchObject([{ request: 2, status: { kind: 'building' } }]);
    const status = record.change?.jobs[0]?.status;
    expect(status && 'builds' in status && status.builds.map(({ id }) => id)).toEqual([...story.pods.keys()]);
  });

  it('pods of the same head on another base branch, or of another pull request, are not taken for it', () => {
    const story = opened({ jobs: [aJob('unit', { selection: { branches: matchers('main') } })] });
    begin(story);
    change(story, 'pull_request.edited', { baseRef: 'release' });
    lost(story);
    settle(story);
    expect(shown(story, 'unit')).toBe('skipped');
    expect([...story.pods.keys()]).toEqual([]);
  });

  it('results of another definition of the job do not count, and no final check run is touched', () => {
    const story = opened({ jobs: [aJob('unit')] });
    story.fate = () => 0;
    settle(story);
    story.base = { kind: 'valid', config: aConfig([aJob('unit', { definition: 'another' })]) };
    lost(story);
    settle(story);
    expect(story.started).toHaveLength(2);
    expect(story.checks.violations).toEqual([]);
  });
});

describe('while what is on the forge cannot be understood', () => {
  it.each(['code', 'config'] as const)(
    'because the %s cannot be read: it waits, removes no pod, and then goes on',
    (what) => {
      const story = opened();
      begin(story);
      const pods = [...story.pods.keys()];
      story.started.length = 0;
      lost(story);
      story.reads[what] = false;
      for (let i = 0; i < 3; i += 1) {
        pass(story);
        story.now += 15_000;
      }
      expect([...story.pods.keys()]).toEqual(pods);
      expect(story.server.wakeAt).not.toBeNull();
      story.reads[what] = true;
      story.fate = () => 0;
      settle(story);
      expect(story.started).toEqual([]);
      expect(story.checks.violations).toEqual([]);
      expect(shown(story, 'unit')).toBe('success');
    },
  );

  it('because of a conflict: once it is over the jobs begin under numbers that were never used', () => {
    const story = opened({ jobs: [aJob('unit')] });
    story.fate = () => 1;
    settle(story);
    lost(story);
    story.conflict = ['go.mod'];
    settle(story);
    expect(story.checks.violations).toEqual([]);
    story.conflict = null;
    story.fate = () => 0;
    tell(story, 'resync');
    settle(story);
    expect(shown(story, 'unit')).toBe('success');
    expect(story.started.map(({ build }) => build.parts.request)).toEqual([1, 2]);
    expect(story.checks.violations).toEqual([]);
  });
});

describe('our own line', () => {
  it('is not written anew when it says the same', () => {
    const story = opened({ pull: { draft: true } });
    settle(story);
    lost(story);
    settle(story);
    expect(story.checks.all().filter(({ name }) => name === 'sluice')).toHaveLength(1);
    expect(story.checks.violations).toEqual([]);
  });

  it('goes on counting when it says something else', () => {
    const story = opened({ pull: { draft: true } });
    settle(story);
    change(story, 'pull_request.ready_for_review', { draft: false });
    lost(story);
    settle(story);
    const ids = story.checks
      .all()
      .filter(({ name }) => name === 'sluice')
      .map(({ externalId }) => externalId.split('/')[1]);
    expect(ids).toEqual(['1', '2']);
    expect(story.checks.violations).toEqual([]);
  });
});

describe('a loss at any moment', () => {
  it.each([1, 2, 3, 4, 5, 6, 7])('after %i passes: the same end, no build twice, no final one changed', (passes) => {
    const story = opened();
    for (let i = 0; i < passes; i += 1) {
      if (i === 4) finish(story, 'unit', 0);
      if (i % 2 === 0) pass(story);
      else begin(story);
    }
    lost(story);
    story.fate = () => 0;
    settle(story);
    expect(['unit', 'lint', 'docs', 'bench'].map((name) => shown(story, name))).toEqual([
      'success',
      'success',
      'skipped',
      'skipped',
    ]);
    expect(story.started).toHaveLength(2);
    expect(story.checks.violations).toEqual([]);
    expect([...story.pods.keys()]).toEqual([]);
  });
});

describe('after an old backup of Redis', () => {
  it.each`
    end     | what
    ${null} | ${'goes on under its own number'}
    ${0}    | ${'has the result that it was told'}
  `('a later request that it does not know $what', ({ end }) => {
    const story = opened({ jobs: [aJob('unit')] });
    begin(story);
    const backup = story.record;
    press(story, people.boss, { check: 'unit' });
    story.fate = ({ build }) => (build.parts.request === 1 ? null : end);
    begin(story);
    if (end !== null) settle(story);
    story.record = backup;
    story.checks.forget();
    for (let i = 0; i < 3; i += 1) pass(story);
    tell(story, 'resync');
    story.fate = () => 0;
    settle(story);
    expect(story.record.change?.jobs).toMatchObject([{ job: 'unit', request: 2, status: { result: 'success' } }]);
    expect(shown(story, 'unit')).toBe('success');
    // The first one's end is not written over by the real writer, as the backup would have it.
    expect(story.checks.violations.filter((violation) => !violation.includes('/1 was cancelled'))).toEqual([]);
    expect(story.record.retired).toEqual([]);
    expect([...story.pods.keys()]).toEqual([]);
  });
});

describe('a pull request that was closed before its jobs were known to end', () => {
  function closedAndLost(): Story {
    const story = opened();
    story.fate = () => null;
    begin(story);
    for (let i = 0; i < 3; i += 1) pass(story);
    expect(shown(story, 'unit')).toBe('in_progress');
    if (story.pull) story.pull = { ...story.pull, state: 'closed', updatedAt: story.now };
    lost(story);
    return story;
  }

  it('has them concluded all the same, once its code can be read', () => {
    const story = closedAndLost();
    story.reads.code = false;
    expect(pass(story).wakeAt).toBe(story.now + 15_000);
    expect([shown(story, 'unit'), story.record.change]).toEqual(['in_progress', null]);
    story.reads.code = true;
    settle(story);
    expect([shown(story, 'unit'), shown(story, 'lint')]).toEqual(['cancelled', 'cancelled']);
    expect(story.pods.size).toBe(0);
  });

  it('is not asked about for ever where its code is gone', () => {
    const story = closedAndLost();
    story.reads.code = false;
    story.now += 3_600_000;
    settle(story);
    expect(story.server.wakeAt).toBeNull();
  });
});
