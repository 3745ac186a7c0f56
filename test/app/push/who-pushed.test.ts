import { describe, expect, it } from 'vitest';
import { pusherOf, pushersIn, whoBrought } from '../../../src/app/push/who-pushed.ts';
import type { ForgeEvent } from '../../../src/model/forge-event.ts';
import type { PushRun } from '../../../src/model/push.ts';
import type { ReleaseWish } from '../../../src/model/release.ts';
import type { Sha } from '../../../src/model/sha.ts';
import { aProject, people, sha } from '../../fakes/model-data.ts';

const project = aProject();
/** One line, oldest first. */
const line = ['a', 'b', 'c', 'd', 'e'].map((letter) => sha(letter));

const landing = {
  async contains(_: unknown, tip: Sha, commit: Sha): Promise<boolean> {
    if (!line.includes(tip)) throw new Error(`fatal: the clone has no ${tip}`);
    return line.indexOf(commit) <= line.indexOf(tip);
  },
};

function pushed(before: string, after: string, by: ForgeEvent['sender'], forced = false): ForgeEvent {
  const repository = { id: project.id, owner: project.owner, name: project.name };
  const plain = { delivery: `${before}-${after}`, name: 'push', installation: 1, repository, receivedAt: 1 };
  const detail = { kind: 'push', ref: 'refs/heads/main', before: sha(before), after: sha(after), forced } as const;
  return { ...plain, sender: by, detail };
}

async function whoPushed(commit: string, ...inbox: readonly ForgeEvent[]) {
  const pushers = await pushersIn(landing, project, inbox);
  return pusherOf(landing, { project, pushers }, sha(commit));
}

describe('who pushed a commit', () => {
  it('is who brought it with others, and nobody who pushed something on top of it: a right is not lent to what lies beneath', async () => {
    expect(await whoPushed('c', pushed('c', 'd', people.boss))).toBeNull();
    expect(await whoPushed('c', pushed('a', 'b', people.mia), pushed('b', 'd', people.ada))).toEqual(people.ada);
    expect(await whoPushed('c', pushed('0', 'c', people.ada))).toEqual(people.ada);
  });

  it('is nobody who only took the branch back to it', async () => {
    expect(await whoPushed('c', pushed('e', 'c', people.boss, true))).toBeNull();
    const [back] = await pushersIn(landing, project, [pushed('e', 'c', people.boss, true)]);
    expect(back).toEqual({ before: sha('e'), after: sha('c'), by: people.boss, isBack: true });
  });

  it('is nobody of whom it cannot be told, as what the branch held is gone', async () => {
    expect(await whoPushed('c', pushed('9', 'c', people.boss, true))).toBeNull();
    expect(await whoPushed('c', pushed('9', 'd', people.boss))).toBeNull();
    expect(await whoPushed('c', pushed('a', '9', people.boss))).toBeNull();
  });

  it('is found of what a run releases, also when it is told late, of one of several pushes', async () => {
    const wish = { commit: sha('c'), by: null } as ReleaseWish;
    const runs = [{ releases: [{ wish, ended: null }] } as Partial<PushRun> as PushRun];
    const pushers = await pushersIn(landing, project, [pushed('b', 'd', people.ada)]);
    expect(await whoBrought(landing, { project, runs }, pushers)).toEqual(new Map([[sha('c'), people.ada]]));
  });
});
