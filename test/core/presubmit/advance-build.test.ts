import { describe, expect, it } from 'vitest';
import { patience } from '../../../src/core/presubmit/advance-build.ts';
import { planPresubmit } from '../../../src/core/presubmit/plan.ts';
import type { Build } from '../../../src/model/build.ts';
import type { BuildOrder } from '../../../src/model/order.ts';
import { aJob, people, rights } from '../../fakes/model-data.ts';
import { endedPod, pendingPod, runningPod } from '../../fakes/pod-data.ts';
import { type Story, startStory } from '../../fakes/story.ts';
import { press, tell } from '../../fakes/story-events.ts';
import { look } from '../../fakes/story-look.ts';
import { begin, grant, pass, settle } from '../../fakes/story-pass.ts';

type Phase = Build['state']['phase'];

function theBuild(story: Story): Build {
  const status = story.record.change?.jobs[0]?.status;
  const build = status && 'builds' in status ? status.builds[0] : undefined;
  if (!build) throw new Error('there is no build');
  return build;
}

/** A story whose one build has come to this phase, with the pod that belongs to it. */
function at(phase: Phase): Story {
  const story = startStory({ jobs: [aJob('unit', { timeoutSeconds: 600 })] });
  tell(story, 'pull_request.opened');
  pass(story);
  if (phase === 'wanted') return story;
  grant(story);
  pass(story);
  if (phase === 'starting') return story;
  pass(story);
  if (phase === 'stopping') story.now += 601_000;
  if (phase === 'finished') endPodOf(story, 0);
  if (phase !== 'running') pass(story, { perform: false });
  expect(theBuild(story).state.phase).toBe(phase);
  return story;
}

function orderOf(story: Story): BuildOrder {
  const [order] = story.started;
  if (!order) throw new Error('nothing was started');
  return order;
}

function endPodOf(story: Story, exitCode: number): void {
  const order = orderOf(story);
  story.pods.set(order.build.id, endedPod(order, undefined, { exitCode, at: story.now }));
}

type Take = (story: Story) => void;

const noListing: Take = (story) => Object.assign(story.reads, { pods: false });
const gone: Take = (story) => story.pods.clear();
const passed: Take = (story) => endPodOf(story, 0);
const failed: Take = (story) => endPodOf(story, 1);
const running: Take = (story) => story.pods.set(orderOf(story).build.id, runningPod(orderOf(story), story.now));
const pending: Take = (story) => story.pods.set(orderOf(story).build.id, pendingPod(orderOf(story)));
const slot: Take = (story) => grant(story);
const later =
  (milliseconds: number): Take =>
  (story) => {
    story.now += milliseconds;
  };
const refused: Take = (story) => {
  grant(story);
  story.startAnswer = { kind: 'refused', because: 'the quota is spent' };
  pass(story);
};
const another: Take = (story) => void pass(story);
const away: Take = (story) => {
  grant(story);
  story.startAnswer = { kind: 'unavailable', because: 'the cluster is away' };
  pass(story);
};
const unreadableHead: Take = (story) => Object.assign(story.reads, { code: false });
const noForge: Take = (story) => Object.assign(story.reads, { forge: false });
const noFiles: Take = (story) => Object.assign(story.reads, { config: false });
const lostRights: Take = (story) => story.rights.set(people.ada.id, rights('read'));

describe('one step of a build: its phase, what is seen, and what becomes of it', () => {
  it.each`
    from          | seen                                         | takes                            | to            | result       | effects
    ${'wanted'}   | ${'no slot'}                                 | ${[]}                            | ${'wanted'}   | ${undefined} | ${[]}
    ${'wanted'}   | ${'a slot'}                                  | ${[slot]}                        | ${'starting'} | ${undefined} | ${['start']}
    ${'wanted'}   | ${'a slot, pods not listed'}                 | ${[slot, noListing]}             | ${'wanted'}   | ${undefined} | ${[]}
    ${'wanted'}   | ${'a slot, the forge not asked'}             | ${[slot, noForge]}               | ${'wanted'}   | ${undefined} | ${[]}
    ${'wanted'}   | ${'a slot, the head not to be had'}          | ${[slot, unreadableHead]}        | ${'wanted'}   | ${undefined} | ${[]}
    ${'wanted'}   | ${'a slot, its files not readable'}          | ${[slot, noFiles]}               | ${'wanted'}   | ${undefined} | ${[]}
    ${'wanted'}   | ${'a slot, no right any more'}               | ${[slot, lostRights]}            | ${'finished'} | ${'aborted'} | ${[]}
    ${'wanted'}   | ${'no slot, no right any more'}              | ${[lostRights]}                  | ${'wanted'}   | ${undefined} | ${[]}
    ${'starting'} | ${'its pod runs'}                            | ${[]}                            | ${'running'}  | ${undefined} | ${[]}
    ${'starting'} | ${'its pod is pending'}                      | ${[pending]}                     | ${'starting'} | ${undefined} | ${[]}
    ${'starting'} | ${'pending for too long'}                    | ${[pending, later(601_000)]}     | ${'stopping'} | ${'error'}   | ${['stop']}
    ${'starting'} | ${'no pod'}                                  | ${[gone]}                        | ${'starting'} | ${undefined} | ${['start']}
    ${'starting'} | ${'no pod, no right any more'}               | ${[gone, lostRights]}            | ${'finished'} | ${'aborted'} | ${[]}
    ${'starting'} | ${'no pod, the forge not asked'}             | ${[gone, noForge]}               | ${'starting'} | ${undefined} | ${[]}
    ${'starting'} | ${'pods not listed'}                         | ${[noListing]}                   | ${'starting'} | ${undefined} | ${[]}
    ${'starting'} | ${'pods not listed for an hour'}             | ${[noListing, later(3_600_000)]} | ${'starting'} | ${undefined} | ${[]}
    ${'starting'} | ${'ended meanwhile, passed'}                 | ${[passed]}                      | ${'finished'} | ${'success'} | ${['remove']}
    ${'starting'} | ${'ended meanwhile, failed'}                 | ${[failed]}                      | ${'finished'} | ${'failure'} | ${['remove']}
    ${'wanted'}   | ${'its start was refused'}                   | ${[refused]}                     | ${'finished'} | ${'error'}   | ${[]}
    ${'wanted'}   | ${'its start was not possible now'}          | ${[away]}                        | ${'starting'} | ${undefined} | ${[]}
    ${'wanted'}   | ${'its start was not possible before'}       | ${[away, another]}               | ${'starting'} | ${undefined} | ${['start']}
    ${'wanted'}   | ${'its start was not possible again'}        | ${[away, another, another]}      | ${'starting'} | ${undefined} | ${['start']}
    ${'running'}  | ${'it runs'}                                 | ${[]}                            | ${'running'}  | ${undefined} | ${[]}
    ${'running'}  | ${'it runs, within its timeout'}             | ${[later(590_000)]}              | ${'running'}  | ${undefined} | ${[]}
    ${'running'}  | ${'it runs, over its timeout'}               | ${[later(600_000)]}              | ${'stopping'} | ${'timeout'} | ${['stop']}
    ${'running'}  | ${'pods not listed'}                         | ${[noListing]}                   | ${'running'}  | ${undefined} | ${[]}
    ${'running'}  | ${'pods not listed, over its timeout'}       | ${[noListing, later(3_600_000)]} | ${'running'}  | ${undefined} | ${[]}
    ${'running'}  | ${'its pod is gone'}                         | ${[gone]}                        | ${'wanted'}   | ${undefined} | ${['remove']}
    ${'running'}  | ${'it passed'}                               | ${[passed]}                      | ${'finished'} | ${'success'} | ${['remove']}
    ${'running'}  | ${'it failed'}                               | ${[failed]}                      | ${'finished'} | ${'failure'} | ${['remove']}
    ${'running'}  | ${'it passed after its timeout had run out'} | ${[later(700_000), passed]}      | ${'finished'} | ${'success'} | ${['remove']}
    ${'stopping'} | ${'it still runs'}                           | ${[running]}                     | ${'stopping'} | ${'timeout'} | ${['stop']}
    ${'stopping'} | ${'it runs for two minutes more'}            | ${[running, later(121_000)]}     | ${'stopping'} | ${'timeout'} | ${['remove']}
    ${'stopping'} | ${'pods not listed'}                         | ${[noListing]}                   | ${'stopping'} | ${'timeout'} | ${[]}
    ${'stopping'} | ${'its pod is gone'}                         | ${[gone]}                        | ${'finished'} | ${'timeout'} | ${[]}
    ${'stopping'} | ${'it ended'}                                | ${[failed]}                      | ${'finished'} | ${'timeout'} | ${[]}
    ${'stopping'} | ${'it ended well'}                           | ${[passed]}                      | ${'finished'} | ${'timeout'} | ${[]}
    ${'finished'} | ${'its pod is there'}                        | ${[]}                            | ${'finished'} | ${'success'} | ${['remove']}
    ${'finished'} | ${'its pod is gone'}                         | ${[gone]}                        | ${'finished'} | ${'success'} | ${[]}
    ${'finished'} | ${'pods not listed'}                         | ${[noListing]}                   | ${'finished'} | ${'success'} | ${[]}
  `('$from, $seen: $to $result $effects', ({ from, takes, to, result, effects }) => {
    const story = at(from);
    for (const take of takes as readonly Take[]) take(story);
    const plan = pass(story);
    const { state } = theBuild(story);
    expect(state.phase).toBe(to);
    expect('result' in state ? state.result : undefined).toBe(result);
    const asked = plan.effects.map(({ kind }) => kind).filter((kind) => ['start', 'stop', 'remove'].includes(kind));
    expect(asked).toEqual(effects);
  });

  it('finds a pod of its own that an earlier life of ours had started: nothing is started again', () => {
    const story = at('starting');
    const [name] = [...story.pods.keys()];
    const before = startStory({ jobs: [aJob('unit', { timeoutSeconds: 600 })] });
    for (const [key, pod] of story.pods) before.pods.set(key, pod);
    tell(before, 'pull_request.opened');
    for (let i = 0; i < 3; i += 1) pass(before);
    expect(theBuild(before)).toMatchObject({ id: name, state: { phase: 'running' } });
    expect(before.started).toEqual([]);
  });
});

describe('errors of ours', () => {
  it('get three attempts, each another build with another pod; the third is final', () => {
    const story = startStory();
    tell(story, 'pull_request.opened');
    begin(story);
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      expect(theBuild(story).parts.attempt).toBe(attempt);
      story.pods.clear();
      pass(story);
      begin(story);
    }
    expect(new Set(story.started.map(({ build }) => build.id)).size).toBe(3);
    expect(theBuild(story).state).toMatchObject({
      result: 'error',
      because: 'its pod got deleted unexpectedly (attempt 3 of 3)',
    });
  });

  it('update the same check run, which is concluded once', () => {
    const story = startStory();
    tell(story, 'pull_request.opened');
    story.fate = ({ build }) => (build.parts.attempt < 3 ? 'vanish' : 0);
    settle(story);
    const runs = story.checks.all().filter(({ name }) => name === 'unit');
    expect(runs.map(({ state }) => state)).toEqual([{ status: 'completed', conclusion: 'success' }]);
    expect(story.started).toHaveLength(3);
    expect(story.checks.violations).toEqual([]);
  });

  it('of the same attempt come back under a new name only when the old pod was asked to go', () => {
    const story = at('running');
    const old = theBuild(story).id;
    story.pods.clear();
    const plan = pass(story);
    expect(plan.effects).toContainEqual({ kind: 'remove', build: old });
    expect(theBuild(story).id).not.toBe(old);
  });

  it('a result of an earlier attempt that comes late changes nothing, its pod is removed', () => {
    const story = at('running');
    const order = orderOf(story);
    story.pods.clear();
    pass(story);
    story.pods.set(order.build.id, endedPod(order, undefined, { exitCode: 0, at: story.now }));
    const plan = pass(story);
    expect(theBuild(story).state.phase).toBe('wanted');
    expect(plan.effects).toContainEqual({ kind: 'remove', build: order.build.id });
  });

  it.each<Phase>(['wanted', 'starting', 'running'])(
    'go on at the last attempt that has a pod, where an old backup knows the first as %s',
    (phase) => {
      const story = at(phase);
      const backup = structuredClone(story.record);
      if (phase === 'wanted') begin(story);
      if (phase === 'starting') pass(story);
      for (const attempt of [2, 3]) {
        story.pods.clear();
        pass(story);
        begin(story);
        expect(theBuild(story).parts.attempt).toBe(attempt);
      }
      const last = theBuild(story).id;
      const { length } = story.started;
      story.record = backup;
      grant(story);
      const plan = pass(story);
      expect(theBuild(story)).toMatchObject({ id: last, parts: { attempt: 3 }, state: { phase: 'starting' } });
      expect(plan.effects.filter(({ kind }) => kind === 'start' || kind === 'remove')).toEqual([]);
      pass(story);
      expect(theBuild(story).state.phase).toBe('running');
      expect([...story.pods.keys()]).toEqual([last]);
      expect(story.started).toHaveLength(length);
    },
  );

  it('a start that is refused is final, with the executor’s words', () => {
    const story = at('wanted');
    refused(story);
    pass(story);
    expect(theBuild(story).state).toMatchObject({
      result: 'error',
      because: 'it could not be started: the quota is spent',
    });
  });

  it('a start that is never possible is tried three times, ten minutes each', () => {
    const story = at('wanted');
    story.startAnswer = { kind: 'unavailable', because: 'the cluster is away' };
    const began = story.now;
    while (theBuild(story).state.phase !== 'finished' && story.now - began < 7_200_000) {
      grant(story);
      pass(story);
      story.now += 5000;
    }
    expect(theBuild(story)).toMatchObject({ parts: { attempt: 3 }, state: { phase: 'finished', result: 'error' } });
    expect(story.now - began).toBeLessThan(4 * patience.startMs);
  });

  it('a pod that nothing starts in ends with the scheduler’s words', () => {
    const story = at('starting');
    const why = { reason: 'Unschedulable', message: '0/3 nodes are available: 3 @Insufficient `cpu`' };
    story.pods.set(orderOf(story).build.id, pendingPod(orderOf(story), why));
    story.now += patience.startMs + 1;
    pass(story);
    // Until its pod is gone it holds its slot.
    expect(theBuild(story).state.phase).toBe('stopping');
    story.pods.clear();
    pass(story);
    expect(theBuild(story).state).toMatchObject({
      phase: 'finished',
      result: 'error',
      because:
        'its pod did not start within 10 minutes: `` Unschedulable: 0/3 nodes are available: 3 @Insufficient `cpu` ``',
    });
  });
});

describe('the log', () => {
  it.each`
    log                           | age       | phase
    ${{ ended: false, text: '' }} | ${1000}   | ${'running'}
    ${{ ended: false, text: '' }} | ${20_000} | ${'finished'}
    ${{ ended: true, text: '' }}  | ${0}      | ${'finished'}
  `('a pod that ended $age ms ago with its log $log: $phase', ({ log, age, phase }) => {
    const story = at('running');
    endPodOf(story, 0);
    story.now += age;
    const facts = look(story);
    const { id } = theBuild(story);
    const plan = planPresubmit(story.record, { ...facts, logs: new Map([[id, { containerFile: null, ...log }]]) });
    const status = plan.record.change?.jobs[0]?.status;
    expect(status && 'builds' in status && status.builds[0]?.state.phase).toBe(phase);
  });

  it('what was decided is told with its last lines', () => {
    const story = at('running');
    endPodOf(story, 1);
    pass(story);
    expect(theBuild(story).state).toMatchObject({ outcome: { tail: 'a log' } });
  });
});

describe('another request', () => {
  it('is another build: its number is part of its name, earlier pods are stopped', () => {
    const story = at('running');
    const first = theBuild(story);
    press(story, people.ada, { check: 'unit' });
    const plan = pass(story);
    expect(plan.effects).toContainEqual({ kind: 'stop', build: first.id });
    expect(theBuild(story).parts).toMatchObject({ request: 2, attempt: 1 });
    expect(theBuild(story).id).not.toBe(first.id);
  });
});
