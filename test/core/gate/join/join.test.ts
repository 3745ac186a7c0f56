import { describe, expect, it } from 'vitest';
import { aJob } from '../../../fakes/model-data.ts';
import { commitOf, JoinWorld, minute } from './join-world.ts';

const gate = { pipelines: ['gate'] } as const;

describe('a join', () => {
  it('runs all jobs on the branch as it is once a change landed as another tree, and says so on that commit', () => {
    const world = new JoinWorld().lands(1).lands(2).pass();
    expect(world.ran).toEqual(['left@2', 'right@2']);
    expect(world.said()).toEqual({ 2: 'in_progress: All jobs of the gate run on the branch' });
    expect([...world.reports.values()][0]).toMatchObject({
      name: 'sluice/join/main',
      commit: commitOf(2),
      summary: expect.stringMatching(
        /since #1 landed, as `[0-9a-f]{12}`, the branch holds changes that were not tested/,
      ),
    });
    world.passes(2);
    expect(world.said()).toEqual({ 2: 'success: All of the branch passed' });
    expect(world.record.joined).toMatchObject({ commit: commitOf(2), sequence: 3 });
  });

  it.each<[string, (world: JoinWorld) => JoinWorld]>([
    ['nothing landed', (world) => world],
    ['each landed as its own tree', (world) => world.lands(1, 'part').lands(2, 'part')],
    ['the last landed with each job passing on its tree', (world) => world.lands(1).lands(2, 'whole')],
    ['somebody pushed after such a one', (world) => world.lands(1, 'whole').pushes(commitOf(30))],
  ])('is not begun where %s', (_, told) => {
    expect(told(new JoinWorld()).passes(2).record.join).toBeUndefined();
  });

  it('is begun where one landed as its own tree with a job skipped: what is below was not tested by that', () => {
    expect(new JoinWorld().lands(1).lands(2, 'part').pass().ran).toEqual(['left@2', 'right@2']);
  });

  it.each<[string, Partial<JoinWorld>]>([
    ['joins are off', { joinMs: undefined }],
    ['whole trees are tested', { lanes: false }],
  ])('is not begun where %s', (_, over) => {
    const world = Object.assign(new JoinWorld(), over).lands(1).passes(2);
    expect([world.record.join, world.plan?.wakeAt]).toEqual([undefined, null]);
  });

  it('comes again an hour after the last was begun and no sooner, of what landed since, though nobody waits', () => {
    const world = new JoinWorld().lands(1).pass();
    const { since } = world.join;
    world.passes(2).lands(2).passes(2);
    expect(world.ran).toHaveLength(2);
    expect(world.plan?.wakeAt).toBe(since + 60 * minute);
    world.pass(since + 60 * minute - 1 - world.at);
    expect(world.ran).toHaveLength(2);
    world.pass(1);
    expect(world.ran.slice(2)).toEqual(['left@2', 'right@2']);
  });

  it('and not at all while nothing landed since', () => {
    const world = new JoinWorld()
      .lands(1)
      .passes(3)
      .pass(120 * minute);
    expect([world.ran.length, world.plan?.wakeAt]).toEqual([2, null]);
  });

  it('goes on where the branch moves, and counts for the commit that it was made on', () => {
    const world = new JoinWorld().lands(1).pass().lands(2).passes(2);
    expect(world.record.joined?.commit).toBe(commitOf(1));
    expect(world.said()).toEqual({ 1: 'success: All of the branch passed' });
  });

  it('waits behind all that people wait for, and holds a slot of nobody', () => {
    const world = new JoinWorld().lands(1);
    world.pass();
    expect(world.plan?.line.map(({ priority, author }) => ({ priority, author }))).toEqual([
      { priority: 200, author: 0 },
      { priority: 200, author: 0 },
    ]);
  });

  it('takes what fails once and passes then for a flake', () => {
    const world = new JoinWorld().lands(1);
    world.ends = (job, _, nth) => (job === 'left' && nth === 1 ? 'failure' : 'success');
    expect(world.passes(4).ran).toEqual(['left@1', 'right@1', 'left@1']);
    expect(world.said()).toEqual({ 1: 'success: All of the branch passed' });
  });

  it('runs what was kept from running by a flake, too', () => {
    const world = new JoinWorld().lands(1);
    world.jobs = [aJob('left', gate), aJob('e2e', { ...gate, needs: [{ job: 'left', soft: false }] })];
    world.ends = (job, _, nth) => (job === 'left' && nth === 1 ? 'failure' : 'success');
    expect(world.passes(6).ran).toEqual(['left@1', 'left@1', 'e2e@1']);
    expect(world.said()).toEqual({ 1: 'success: All of the branch passed' });
  });

  it('tries again what we could not run, and in the end says that it says nothing', () => {
    const world = new JoinWorld().lands(1);
    world.ends = (job) => (job === 'left' ? 'error' : 'success');
    world.passes(40, minute);
    expect(world.ran.filter((name) => name === 'left@1')).toHaveLength(6);
    expect(world.said()).toEqual({ 1: 'neutral: Not tested as a whole' });
    expect([...world.reports.values()][0]?.summary).toContain('left could not be run on');
    expect(world.pass(120 * minute).ran).toHaveLength(7);
    expect(world.lands(2).pass().ran.slice(7)).toEqual(['left@2', 'right@2']);
  });

  it.each<[string, Partial<JoinWorld>, string]>([
    [
      'no job counts',
      { jobs: [aJob('left', { ...gate, selection: { optional: true } })] },
      'no job of the gate counts',
    ],
    ['there is no job', { jobs: [] }, 'no job of the gate counts'],
  ])('says so where %s', (_, over, because) => {
    const world = Object.assign(new JoinWorld(), over).lands(1).passes(2);
    expect(world.record.join?.phase).toMatchObject({ kind: 'given-up', because: expect.stringContaining(because) });
  });

  it('stops, and says so, once joins are not wanted any more', () => {
    const world = new JoinWorld().lands(1).pass();
    world.joinMs = undefined;
    world.pass();
    expect(world.said()).toEqual({ 1: 'neutral: Not tested as a whole' });
  });

  it('is followed by no other before its end is known to be told', () => {
    const world = new JoinWorld().lands(1).passes(3);
    world.isTold = false;
    expect(world.lands(2).pass(90 * minute).ran).toHaveLength(2);
    world.isTold = true;
    expect(world.pass().ran).toHaveLength(4);
  });
});
