import { expect, it } from 'vitest';
import { goingImages } from '../../../src/core/push/going-images.ts';
import type { LedgerEntry } from '../../../src/model/ledger.ts';
import type { PushRun } from '../../../src/model/push.ts';
import { sha } from '../../fakes/model-data.ts';

const run = (over: Partial<PushRun> = {}): PushRun => {
  const tags = { publish: { api: ['latest'], 'web/small': ['latest'], tool: [] } };
  return { commit: sha('b'), jobs: [], tags, endedAt: null, shadow: false, ...over } as unknown as PushRun;
};
const status = (result: string) => [{ status: { kind: 'ended', result } }] as unknown as PushRun['jobs'];
const recorded = [{ detail: { kind: 'pushed', commit: sha('b') } }] as unknown as readonly LedgerEntry[];

it('images of a push are still to be published while they are built, and until the ledger has them', () => {
  const going = { commit: sha('b'), names: ['api', 'web/small', 'web'] };
  expect(goingImages([run()], [])).toEqual([going]);
  expect(goingImages([run({ jobs: status('success') })], [])).toEqual([going]);
});

it.each<[string, Partial<PushRun>, readonly LedgerEntry[]]>([
  ['it has ended', { endedAt: 5 }, []],
  ['the ledger has them', {}, recorded],
  ['something of it failed', { jobs: status('failure') }, []],
  ['it builds none', { tags: {} }, []],
  ['it uploads none', { shadow: true }, []],
])('images of a push are not: %s', (_, over, entries) => {
  expect(goingImages([run(over)], entries)).toEqual([]);
});
