import { describe, expect, it } from 'vitest';
import { createUnseen, isUnseenSubject, keepsWords, newestOf } from '../../src/app/unseen.ts';
import type { Project } from '../../src/model/project.ts';
import { subjectIdOf } from '../../src/model/subject.ts';
import type { NoteName } from '../../src/ports/store.ts';
import { aProject } from '../fakes/model-data.ts';

const project = aProject();
const ours = subjectIdOf({ kind: 'promote', repository: project.id, branch: 'main' });
const others = subjectIdOf({ kind: 'promote', repository: project.id + 1, branch: 'main' });
const shared = subjectIdOf({ kind: 'shared-queue', installation: 7, name: 'q', branch: 'main' });
const [second, minute, hour] = [1_000, 60_000, 3_600_000];

/** A forge that may not be asked too often, with a clock and notes that all workers share. */
function world() {
  const notes = new Map<NoteName, string>();
  const woken: string[] = [];
  const state = { now: 1_000 * hour, seen: null as Project | null, asked: 0, fails: false };
  const ports = {
    clock: { now: () => state.now, sleep: async () => undefined },
    notes: { read: async (name: NoteName) => notes.get(name) ?? null },
    documents: { subjects: async () => [ours, others, shared] },
    signals: { wake: async (id: string) => void woken.push(id) },
  } as unknown as Parameters<typeof createUnseen>[0];
  const ask = async (): Promise<Project | null> => {
    state.asked += 1;
    if (state.fails) throw new Error('502');
    return state.seen;
  };
  const worker = () => createUnseen(ports, { project: ask, recentProject: () => state.seen });
  /** How often the forge was asked while it was looked every 5 s for so long. */
  const lookFor = async (unseen: ReturnType<typeof worker>, milliseconds: number, heardAt = 0): Promise<number> => {
    const before = state.asked;
    for (const end = state.now + milliseconds; state.now < end; state.now += 5 * second)
      expect(await unseen.is(project.id, async () => heardAt)).toBe(true);
    return state.asked - before;
  };
  return { state, woken, notes, ports, worker, lookFor };
}

describe('a repository that the App may not see', () => {
  it('is asked for again after 15 s, then after as long as it was away, and every 5 minutes at the least', async () => {
    const { worker, lookFor } = world();
    const unseen = worker();
    const counts: number[] = [];
    for (const _ of Array.from({ length: 10 })) counts.push(await lookFor(unseen, minute));
    // After 0, 15 and 30 s; 1, 2, 4 and 8 minutes.
    expect(counts).toEqual([3, 1, 1, 0, 1, 0, 0, 0, 1, 0]);
    expect(await lookFor(unseen, hour)).toBe(12);
  });

  it('is asked for once, however much there is of it', async () => {
    const { state, worker } = world();
    const unseen = worker();
    for (const _ of Array.from({ length: 1_000 })) await unseen.is(project.id, async () => 5);
    expect(state.asked).toBe(1);
  });

  it('is asked for at once where a word of it came since, once for each', async () => {
    const { state, worker, lookFor } = world();
    const unseen = worker();
    await lookFor(unseen, hour, 5);
    expect(await lookFor(unseen, minute, 6)).toBe(1);
    expect(await lookFor(unseen, minute, 5)).toBe(0);
    state.seen = project;
    expect(await unseen.is(project.id, async () => 7)).toBe(false);
  });

  it('is asked for at once by every worker where an installation changed', async () => {
    const { state, notes, worker, lookFor } = world();
    const workers = [worker(), worker()];
    for (const unseen of workers) await lookFor(unseen, hour);
    notes.set('installations-changed', 'guid-1');
    for (const unseen of workers) expect(await lookFor(unseen, minute)).toBe(1);
    state.seen = project;
    notes.set('installations-changed', 'guid-2');
    for (const unseen of workers) expect(await unseen.is(project.id, async () => 0)).toBe(false);
  });

  it('has all there is of it woken once an installation changed, after which it was not asked for yet', async () => {
    const { woken, notes, worker, lookFor } = world();
    const [unseen, idle] = [worker(), worker()];
    const turns = async (): Promise<readonly string[]> => {
      woken.length = 0;
      for (const each of [unseen, idle, unseen]) await each.wakeChanged();
      return [...woken];
    };
    await lookFor(unseen, hour);
    expect(await turns()).toEqual([]);
    notes.set('installations-changed', 'guid-1');
    expect(await turns()).toEqual([ours]);
    await lookFor(unseen, second);
    expect(await turns()).toEqual([]);
    notes.set('installations-changed', 'guid-2');
    await lookFor(unseen, second);
    expect(await turns()).toEqual([]);
    notes.set('installations-changed', 'guid-3');
    expect(await turns()).toEqual([ours]);
  });

  it('is away from anew when it was seen meanwhile, and whether it is stays open while the forge gives no answer', async () => {
    const { state, worker, lookFor } = world();
    const unseen = worker();
    await lookFor(unseen, hour);
    state.now += hour;
    state.seen = project;
    expect(await unseen.is(project.id, async () => 0)).toBe(false);
    state.seen = null;
    expect(await lookFor(unseen, minute)).toBe(3);
    state.now += hour;
    state.fails = true;
    await expect(unseen.is(project.id, async () => 0)).rejects.toThrow('502');
    state.fails = false;
    expect(await lookFor(unseen, second)).toBe(1);
  });

  it('costs nothing while it is seen', async () => {
    const { state, worker } = world();
    state.seen = project;
    const unseen = worker();
    const never = async (): Promise<number> => Promise.reject(new Error('nobody needs to know'));
    expect([await unseen.is(project.id, never), state.asked]).toEqual([false, 0]);
  });
});

describe('words of it', () => {
  const push = subjectIdOf({ kind: 'push', repository: project.id, branch: 'main' });

  it.each`
    what                         | id        | ages               | expected
    ${'go after a week'}         | ${push}   | ${[168 * hour]}    | ${false}
    ${'stay for a week'}         | ${push}   | ${[1, 200 * hour]} | ${true}
    ${'none are none'}           | ${push}   | ${[]}              | ${false}
    ${'of no one repository go'} | ${shared} | ${[0]}             | ${false}
  `('$what: $ages ms old', async ({ id, ages, expected }) => {
    const { state, ports, worker } = world();
    const inbox = (ages as number[]).map((age) => ({ receivedAt: state.now - age }));
    expect(await keepsWords({ ports }, worker(), id, inbox)).toBe(expected);
  });

  it('are as new as the newest, and need none for the repository not to be seen', async () => {
    expect([newestOf([]), newestOf([{ receivedAt: 3 }, { receivedAt: 9 }, { receivedAt: 4 }])]).toEqual([0, 9]);
    expect(await isUnseenSubject(world().worker(), push, [])).toBe(true);
  });
});
