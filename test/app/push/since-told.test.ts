import { describe, expect, it } from 'vitest';
import { sinceTold } from '../../../src/app/push/since-told.ts';
import type { ForgeEvent } from '../../../src/model/forge-event.ts';
import type { BranchReading } from '../../../src/model/landing.ts';
import type { PushRecord } from '../../../src/model/push.ts';
import type { Sha } from '../../../src/model/sha.ts';
import { aProject, people, sha } from '../../fakes/model-data.ts';

const project = aProject();
const [older, old, tip, away] = [sha('a'), sha('b'), sha('c'), sha('d')];

function told(before: Sha, after: Sha): ForgeEvent {
  const { id, owner, name, installation } = project;
  const detail = { kind: 'push', ref: 'refs/heads/main', before, after, forced: false } as const;
  const plain = { delivery: `${before}${after}`, name: 'push', installation, sender: people.ada, receivedAt: 1 };
  return { ...plain, repository: { id, owner, name }, detail };
}

function at(...landed: readonly Sha[]): BranchReading {
  const verdict = { commit: tip, tree: sha('7'), checks: [], configuration: '', git: '', at: 1 };
  const plain = { kind: 'landed', number: 1, head: sha('e'), from: old, method: 'merge', by: people.ada } as const;
  const entries = landed.map((commit, index) => {
    const detail = { ...plain, commit, verdict };
    return { schema: 1, sequence: index + 1, repository: project.id, branch: 'main', at: 1, detail } as const;
  });
  return { tip, ledger: { kind: 'whole', head: null, entries } };
}

const untold: PushRecord = { schema: 1, project, branch: 'main', seen: tip, runs: [], isUntold: true };

describe('a branch of which nothing shows whether its last push was judged', () => {
  it('is judged from before what the forge tells of late, the oldest of it', () => {
    const record = sinceTold(untold, [told(older, old), told(old, tip)], at());
    expect(record).toEqual({ schema: 1, project, branch: 'main', seen: older, from: older, runs: [] });
    expect(sinceTold({ ...untold, isUnsure: true }, [told(old, tip)], at())).not.toHaveProperty('isUnsure');
    expect(sinceTold({ ...untold, seen: old }, [told(older, old)], null).seen).toBe(older);
  });

  it('is judged from where a push led away from that the next one took back', () => {
    expect(sinceTold(untold, [told(tip, away), told(away, tip)], at()).seen).toBe(away);
  });

  it('is judged from before all of them where it came back to a push that was never judged', () => {
    const pushes = [told(older, tip), told(tip, away), told(away, tip)];
    expect(sinceTold(untold, pushes, at()).seen).toBe(older);
    // In whatever order they are heard.
    expect(sinceTold(untold, [told(old, tip), told(older, old)], at()).seen).toBe(older);
  });

  it('is judged from before what was told first, where the word of a push between is lost', () => {
    expect(sinceTold(untold, [told(older, old), told(away, tip)], at()).seen).toBe(older);
    // What was told after says nothing of how it came there.
    expect(sinceTold(untold, [told(away, tip), told(older, old)], at()).seen).toBe(away);
  });

  it('is judged from where a push led away from that nobody told to have been taken back', () => {
    expect(sinceTold(untold, [told(tip, away)], at()).seen).toBe(away);
    expect(sinceTold(untold, [told(tip, away)], null)).toBe(untold);
  });

  it('is judged from where it was found, where what led there began where it is now', () => {
    const found = sinceTold({ ...untold, seen: away }, [told(tip, away), told(away, tip)], at());
    expect(found).toMatchObject({ seen: away, from: away });
  });

  it('is judged from before the push that our own landings stand on', () => {
    const landed = { ...untold, seen: tip };
    expect(sinceTold(landed, [told(older, old)], at(tip)).seen).toBe(older);
  });

  it('stays so while nothing tells of what led to where it was found', () => {
    const found = { ...untold, seen: old };
    expect(sinceTold(found, [told(old, tip)], at())).toBe(found);
    expect(sinceTold(found, [told(tip, away), told(away, tip)], null)).toBe(found);
    expect(sinceTold(untold, [told(old, tip)], at(tip))).toBe(untold);
    expect(sinceTold(untold, [told('0'.repeat(40) as Sha, tip)], at())).toBe(untold);
    const known: PushRecord = { schema: 1, project, branch: 'main', seen: tip, runs: [] };
    expect(sinceTold(known, [told(older, tip)], at())).toBe(known);
  });
});

describe('a branch that was back where what the forge told first began, before any of it was judged', () => {
  const begun: PushRecord = { schema: 1, project, branch: 'main', seen: tip, from: tip, runs: [] };
  const plain = { commit: tip, tree: sha('7'), before: away, at: 1, by: null, jobs: [], tags: {} };
  const run = { ...plain, version: null, shadow: false, endedAt: null };
  const heard = [{ before: tip, after: away, by: people.ada }];

  it('is judged from where it was told to have gone, once both were told, in whatever order', () => {
    const both = [told(tip, away), told(away, tip)];
    for (const inbox of [both, both.toReversed()])
      expect(sinceTold(begun, inbox, at())).toMatchObject({ seen: away, from: away });
    expect(sinceTold({ ...begun, told: heard }, [told(away, tip)], at())).toMatchObject({ seen: away, from: away });
    const further = [told(older, tip), told(tip, away), told(away, old), told(old, tip)];
    expect(sinceTold(begun, further, at())).toMatchObject({ seen: away });
  });

  it.each<[string, PushRecord, readonly ForgeEvent[], BranchReading | null]>([
    ['it was told to have left alone, which git may show late', begun, [told(tip, away)], at()],
    ['it is not there any more', { ...begun, told: heard }, [told(away, tip)], { ...at(), tip: away }],
    ['it is not to be seen', { ...begun, told: heard }, [told(away, tip)], null],
    ['what led there is told late', begun, [told(older, old), told(old, tip)], at()],
    ['it is answered', { ...begun, runs: [run] }, [told(tip, away), told(away, tip)], at()],
    ['it was looked at there before it left', { ...begun, from: old }, [told(tip, away), told(away, tip)], at()],
  ])('is left as it is where %s', (_where, record, inbox, reading) => {
    expect(sinceTold(record, inbox, reading)).toBe(record);
  });
});
