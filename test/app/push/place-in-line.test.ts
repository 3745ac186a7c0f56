import { expect, it } from 'vitest';
import type { AppContext } from '../../../src/app/context.ts';
import { placeInLine } from '../../../src/app/push/observe-pushes.ts';
import { standingLandings } from '../../../src/core/promote/own-tags.ts';
import type { LedgerDetail, LedgerEntry } from '../../../src/model/ledger.ts';
import type { Sha } from '../../../src/model/sha.ts';
import { people, sha } from '../../fakes/model-data.ts';
import { entriesOf, image, project } from './ledger-fixture.ts';

/** On one line, oldest first. */
const line = [sha('a'), sha('b'), sha('c')] as const;
const [ground, change, later] = line;
function landed(from: Sha, commit: Sha): LedgerDetail {
  const verdict = { commit, tree: sha('7'), checks: [], configuration: '', git: '', at: 1, images: [image] };
  return { kind: 'landed', number: 1, head: sha('e'), from, commit, method: 'merge', by: people.ada, verdict };
}

/** Lies on the first of them alone. */
const beside = sha('d');

const placeOf = (entries: readonly LedgerEntry[], commit: Sha) => {
  const contains = async (_: unknown, at: Sha, other: Sha) =>
    at === beside
      ? other === beside || other === ground
      : line.slice(0, line.indexOf(at as never) + 1).includes(other as never);
  const context = { ports: { landing: { contains } } } as unknown as AppContext;
  return placeInLine(context, { project }, { tip: commit, ledger: { kind: 'whole', head: null, entries } }, commit);
};

it('what is built where a branch was taken back to stands under what was taken back, once that stands again', async () => {
  const back = { kind: 'reset', standing: 0, tip: ground } as const;
  const entries = entriesOf(landed(ground, change), back);
  const place = await placeOf(entries, ground);
  expect(place).toEqual({ below: 0, above: 2 });
  const built = { kind: 'pushed', ...place, commit: ground, tree: sha('7'), by: people.ada, images: [image] } as const;
  const all = [...entries.slice(1).map(({ detail }) => detail), built];
  expect(standingLandings(entriesOf(...all)).map(({ sequence }) => sequence)).toEqual([4]);
  const again = { kind: 'reset', standing: 2, tip: change } as const;
  expect(standingLandings(entriesOf(...all, again)).map(({ sequence }) => sequence)).toEqual([4, 2]);
});

it('what holds that is over it, and what was taken back beside it says nothing', async () => {
  const entries = entriesOf(landed(ground, change), { kind: 'reset', standing: 0, tip: ground });
  expect(await placeOf(entries, later)).toEqual({ below: 2 });
  expect(await placeOf(entries, sha('f'))).toEqual({ below: 0 });
});

it('what is built where a branch was taken back to stands under the lowest of what was there, pushed or landed', async () => {
  const pushed = { kind: 'pushed', tree: sha('7'), by: people.ada, images: [image] } as const;
  const before = [landed(ground, change), { ...pushed, below: 2, commit: later }] as const;
  const back = [...before, { kind: 'reset', standing: 0, tip: ground, gone: [3] }] as const;
  const again = { kind: 'reset', standing: 2, tip: later } as const;
  const numbers = (...details: readonly LedgerDetail[]) =>
    standingLandings(entriesOf(...details)).map(({ sequence }) => sequence);
  // Recorded before the branch came forward again, and after.
  const early = await placeOf(entriesOf(...back), ground);
  expect(early).toEqual({ below: 0, above: 2 });
  expect(numbers(...back, { ...pushed, ...early, commit: ground }, again)).toEqual([5, 2, 3]);
  const late = await placeOf(entriesOf(...back, again), ground);
  expect(late).toEqual(early);
  expect(numbers(...back, again, { ...pushed, ...late, commit: ground })).toEqual([6, 2, 3]);
});

it('what is built late where a branch was taken back to stands under what was pushed there since, and under what was taken back', async () => {
  const pushed = { kind: 'pushed', tree: sha('7'), by: people.ada, images: [image] } as const;
  const back = [landed(ground, change), { kind: 'reset', standing: 0, tip: ground }] as const;
  const since = [...back, { ...pushed, below: 0, commit: beside }] as const;
  const place = await placeOf(entriesOf(...since), ground);
  const all = [...since, { ...pushed, ...place, commit: ground }] as const;
  const numbers = (...details: readonly LedgerDetail[]) =>
    standingLandings(entriesOf(...details)).map(({ sequence }) => sequence);
  expect(numbers(...all)).toEqual([5, 4]);
  const again = { kind: 'reset', standing: 2, tip: change, gone: [4] } as const;
  expect(numbers(...all, again)).toEqual([5, 2]);
});
