import { expect, it } from 'vitest';
import type { AppContext } from '../../../src/app/context.ts';
import { tellForgottenReleases } from '../../../src/app/release/tell-releases.ts';
import { newRelease } from '../../../src/core/release/take-wishes.ts';
import type { ForgeEvent } from '../../../src/model/forge-event.ts';
import type { ReleaseDetail } from '../../../src/model/ledger.ts';
import type { ReleaseRun, ReleaseStage } from '../../../src/model/release-run.ts';
import { commit, project, tree, wish } from '../../core/release/release-fixture.ts';
import { people, sha } from '../../fakes/model-data.ts';

const begun: ReleaseDetail & { kind: 'releasing' } = {
  kind: 'releasing',
  component: null,
  version: wish.version,
  tag: null,
  commit,
  tree,
  configuration: 'cfg',
  by: people.ada,
  images: [],
};

/** What is told to a release of which this is known, and which a ledger has like this. */
async function toldOf(known: ReleaseRun | null, details: readonly ReleaseDetail[] = [begun]) {
  const told: ForgeEvent['detail'][] = [];
  const entries = details.map((detail, at) => ({ sequence: at + 1, detail }));
  const landing = {
    ledgers: async () => [wish.branch],
    read: async () => ({ tip: commit, ledger: { kind: 'whole', head: null, entries } }),
  };
  const ports = {
    landing,
    source: { tipOf: async () => null },
    documents: { load: async () => ({ version: 1, document: known }) },
    intake: { accept: async ({ detail }: ForgeEvent) => told.push(detail) },
    signals: { wake: async () => undefined },
    clock: { now: () => 1_000 },
  };
  await tellForgottenReleases({ ports, settings: {} } as unknown as AppContext, project);
  return told;
}

const at = (which: typeof commit, stage: ReleaseStage): ReleaseRun => ({
  ...newRelease(project, { ...wish, commit: which }, 1_000),
  stage,
});
const [failed, building] = [{ kind: 'failed', because: 'V13' }, { kind: 'building' }] as const;
const word = [
  expect.objectContaining({ kind: 'release', isRecorded: true, wish: expect.objectContaining({ commit }) }),
];

it.each`
  known                                                            | what             | expected
  ${null}                                                          | ${'nothing'}     | ${word}
  ${at(sha('d'), failed)}                                          | ${'a failure'}   | ${word}
  ${at(sha('d'), { kind: 'held', because: 'x', hasButton: true })} | ${'a held one'}  | ${word}
  ${at(sha('d'), building)}                                        | ${'a build'}     | ${[]}
  ${at(commit, failed)}                                            | ${'its own end'} | ${[]}
`('a release that was begun and not ended is told so where $what is known of it', async ({ known, expected }) => {
  expect(await toldOf(known)).toEqual(expected);
});

it('one that has ended is not', async () => {
  expect(await toldOf(at(sha('d'), failed), [begun, { ...begun, kind: 'released' }])).toEqual([]);
});
