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

const placeOf = (entries: readonly LedgerEntry[], commit: Sha) => {
  const contains = async (_: unknown, at: Sha, other: Sha) =>
    line.slice(0, line.indexOf(at as never) + 1).includes(other as never);
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
