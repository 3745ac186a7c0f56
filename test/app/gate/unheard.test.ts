import { beforeEach, describe, expect, it } from 'vitest';
import type { AppContext } from '../../../src/app/context.ts';
import { createUnheardReader, type UnheardReader, unheardMs } from '../../../src/app/gate/unheard.ts';
import { emptyRecord } from '../../../src/core/presubmit/take-facts.ts';
import type { SubjectId } from '../../../src/model/subject.ts';
import { subjectIdOf } from '../../../src/model/subject.ts';
import { aCandidate, anItem, aRecord, aVerdict, idOf } from '../../core/gate/gate-fixture.ts';
import { aProject, sha } from '../../fakes/model-data.ts';

const green = aRecord({
  items: [anItem(1, { candidate: aCandidate(sha('c1'), { verdict: aVerdict(sha('c1')) }) }), anItem(2)],
});
const project = aProject();
const ofFirst = subjectIdOf({ kind: 'presubmit', repository: project.id, number: 1 });

let world: { life: string; resynced: string | null; projects: string | null; elapsed: number; warned: number };
let inboxes: Map<SubjectId, readonly unknown[]>;
let documents: Map<SubjectId, unknown>;
let reader: UnheardReader;

function aReader(): UnheardReader {
  const notes = {
    life: async () => world.life,
    read: async (name: string) => (name === 'resynced-life' ? world.resynced : world.projects),
  };
  const store = {
    inbox: async (id: SubjectId) => inboxes.get(id) ?? [],
    load: async (id: SubjectId) => ({ version: 1, document: documents.get(id) ?? null }),
  };
  const log = {
    warn: () => {
      world.warned += 1;
    },
  };
  const ports = { notes, documents: store, clock: { elapsed: () => world.elapsed }, log };
  return createUnheardReader({ ports: ports as unknown as AppContext['ports'] });
}

async function held(record = green): Promise<readonly (readonly [string, string])[]> {
  return [...(await reader.read(record))];
}

beforeEach(() => {
  world = { life: 'a', resynced: 'a', projects: null, elapsed: 0, warned: 0 };
  [inboxes, documents] = [new Map(), new Map()];
  reader = aReader();
});

describe('a change that could land', () => {
  it('is kept by nothing while all that was said is known', async () => {
    expect(await held()).toEqual([]);
  });

  it.each([
    ['the server was started anew', { life: 'b' }],
    ['what it knew was taken away', { resynced: null }],
    ['it was put back to a time before the last resync', { resynced: 'older' }],
  ])('waits for what was said since to be read again where %s, and nothing else does', async (_what, lost) => {
    await held();
    Object.assign(world, lost);
    expect(await held()).toEqual([[idOf(1), expect.stringContaining('what was said since is read again first')]]);
    expect(await held(aRecord({ items: [anItem(2)] }))).toEqual([]);
    world.resynced = world.life;
    expect(await held()).toEqual([]);
  });

  it('waits for no repository but its own', async () => {
    Object.assign(world, { life: 'b', projects: `b 1 ${project.id} 2` });
    expect(await held()).toEqual([]);
    world.projects = `a 1 ${project.id} 2`;
    expect(await held()).toHaveLength(1);
    world.projects = `b 1 2`;
    expect(await held()).toHaveLength(1);
  });

  it('waits with what is ahead of it, which may land with it', async () => {
    world.resynced = null;
    const behind = aRecord({ items: [anItem(2), ...green.items] });
    expect((await held(behind)).map(([id]) => id)).toEqual([idOf(2), idOf(1)]);
  });

  it('waits once that is found until its own pull request was looked at, and told the queue', async () => {
    inboxes.set(ofFirst, [{}]);
    expect(await held()).toEqual([[idOf(1), expect.stringContaining('still being read')]]);
    inboxes.clear();
    const said = { id: 'tell/x', effect: { kind: 'tell' } };
    documents.set(ofFirst, { ...emptyRecord(project, 1), outbox: [said] });
    expect(await held()).toHaveLength(1);
    documents.set(ofFirst, { ...emptyRecord(project, 1), outbox: [{ id: 'x', effect: { kind: 'react' } }] });
    expect(await held()).toEqual([]);
  });

  it('waits for so long only, where not everything can be read again; another loss counts anew', async () => {
    world.resynced = null;
    expect(await held()).toHaveLength(1);
    world.elapsed = unheardMs;
    expect(await held()).toHaveLength(1);
    world.elapsed += 1;
    expect([await held(), await held(), world.warned]).toEqual([[], [], 1]);
    world.resynced = 'a';
    inboxes.set(ofFirst, [{}]);
    expect(await held()).toEqual([]);
    world.resynced = null;
    expect(await held()).toHaveLength(1);
    world.life = 'b';
    world.elapsed *= 2;
    expect(await held()).toHaveLength(1);
  });
});
