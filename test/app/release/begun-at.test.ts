import { expect, it } from 'vitest';
import type { AppContext } from '../../../src/app/context.ts';
import { asRecorded } from '../../../src/app/release/begun-at.ts';
import type { LedgerDetail } from '../../../src/model/ledger.ts';
import { commit, project, tree, wish } from '../../core/release/release-fixture.ts';
import { people, sha } from '../../fakes/model-data.ts';

const begun: LedgerDetail = {
  kind: 'releasing',
  component: null,
  version: '1.2.3',
  tag: null,
  commit,
  tree,
  configuration: 'cfg',
  by: people.ada,
  images: [],
};

async function recorded(asked: typeof wish, treeOf: () => Promise<unknown>, ledger: 'whole' | 'broken' = 'whole') {
  const entry = {
    schema: 1,
    sequence: 1,
    repository: project.id,
    branch: 'release-v1.2',
    at: 1,
    detail: begun,
  } as const;
  const read = async () => ({ tip: commit, ledger: { kind: ledger, because: 'cut', head: null, entries: [entry] } });
  const landing = { ledgers: async () => ['release-v1.2'], read, treeOf };
  const context = { ports: { landing, log: { debug: () => undefined } } } as unknown as AppContext;
  return asRecorded(context, project, asked);
}

it('a release that a ledger has begun from a commit with the same files goes on there (V12), and no other', async () => {
  const asked = { ...wish, commit: sha('d'), branch: 'release-v1.x', by: people.boss };
  expect(await recorded(asked, async () => tree)).toEqual({ ...asked, commit, branch: 'release-v1.2' });
  expect(await recorded(asked, async () => sha('8'))).toBe(asked);
  expect(await recorded({ ...asked, version: 'v1.2.4' }, async () => tree)).toMatchObject({ commit: sha('d') });
  expect(await recorded(asked, async () => tree, 'broken')).toBe(asked);
  expect(await recorded(asked, () => Promise.reject(new Error('502')))).toBe(asked);
});
