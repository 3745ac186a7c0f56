import { expect, it } from 'vitest';
import type { AppContext } from '../../../src/app/context.ts';
import { isBehind, lookBackEvent, withLost } from '../../../src/app/push/begin-pushes.ts';
import type { ConfigReader } from '../../../src/app/read-config.ts';
import { versionCheckId } from '../../../src/core/push/report-run.ts';
import { releaseCheckId } from '../../../src/core/release/report-release.ts';
import type { ObservedCheckRun } from '../../../src/model/check-run.ts';
import type { PushRecord, PushRun } from '../../../src/model/push.ts';
import type { Sha } from '../../../src/model/sha.ts';
import { subjectIdOf } from '../../../src/model/subject.ts';
import { aConfig, aProject, sha } from '../../fakes/model-data.ts';

const project = aProject();
const id = subjectIdOf({ kind: 'push', repository: project.id, branch: 'main' });
const tip = sha('c');
const record: PushRecord = { schema: 1, project, branch: 'main', seen: tip, runs: [], isUntold: true };
const config = { configAt: async () => ({ kind: 'valid', config: aConfig([]) }) } as unknown as ConfigReader;
const asked = [lookBackEvent(record, 1_000)];
const run = {
  commit: tip,
  tree: sha('7'),
  before: null,
  at: 1,
  by: null,
  jobs: [],
  tags: {},
  version: null,
  shadow: false,
};

function behind(known: PushRecord, state: ObservedCheckRun['state'], inbox = asked, request = 1): Promise<boolean> {
  const plain = { id: 1, name: 'sluice/version', title: '', summary: '', text: '', startedAt: 1, completedAt: null };
  const own = { ...plain, commit: tip, externalId: versionCheckId(id, tip, request), state };
  return isBehind({ ports: { forge: { checkRuns: async () => [own] } as never } }, { config }, id, known, inbox);
}

it('a branch is begun anew where the forge shows an answer under way that no run of it has, once somebody asks', async () => {
  const open = { status: 'in_progress' } as const;
  expect(await behind(record, open)).toBe(true);
  expect(await behind(record, open, [])).toBe(false);
  expect(await behind(record, { status: 'completed', conclusion: 'success' })).toBe(false);
});

it('what a run of it has, or is under way elsewhere, is left to that', async () => {
  const open = { status: 'in_progress' } as const;
  const runs = (over: Partial<PushRun>): PushRecord => ({ ...record, runs: [{ ...run, endedAt: 5, ...over }] });
  expect(await behind(runs({}), open)).toBe(false);
  expect(await behind(runs({ commit: sha('b'), endedAt: null }), open)).toBe(false);
  expect(await behind(runs({ commit: sha('b') }), open)).toBe(true);
});

it('a branch is begun anew where its commit was pushed there once more, of which its run knows nothing', async () => {
  const open = { status: 'in_progress' } as const;
  const known = (over: Partial<PushRun>): PushRecord => ({ ...record, runs: [{ ...run, endedAt: 5, ...over }] });
  expect(await behind(known({}), open, asked, 2)).toBe(true);
  expect(await behind(known({ request: 2 }), open, asked, 2)).toBe(false);
  expect(await behind(known({ endedAt: null }), open, asked, 2)).toBe(false);
  expect(await behind(known({}), { status: 'completed', conclusion: 'success' }, asked, 2)).toBe(false);
});

it('what an old backup knows nothing of is looked for among releases as well, once somebody asks', async () => {
  const release = subjectIdOf({ kind: 'release', repository: project.id, name: '1.2.0' });
  const externalId = releaseCheckId(release, { wish: { commit: tip }, revision: 2 });
  const plain = { id: 1, name: 'sluice/release/1.2.0', title: '', summary: '', text: '', startedAt: 1 };
  const open = { ...plain, completedAt: null, commit: tip, externalId, state: { status: 'in_progress' } };
  const wish = { commit: sha('b'), version: '1.2.0' };
  const ports = {
    source: { tipOf: async () => tip },
    landing: { firstParents: async () => [] },
    forge: { checkRuns: async () => [open] },
    documents: { load: async () => ({ version: 1, document: { schema: 1, wish } }) },
    clock: { now: () => 5_000 },
  };
  const context = { ports } as unknown as AppContext;
  const found = await withLost(context, { config }, id, record, asked);
  const ended = { externalId, state: { status: 'completed', conclusion: 'cancelled' } };
  expect(found).toMatchObject({ ...record, orphans: [ended] });
  expect(await withLost(context, { config }, id, found, asked)).toBe(found);
  expect(await withLost(context, { config }, id, record, [])).toBe(record);
});

it('what stands open beneath what was judged last, and no run has, ends as overtaken, once somebody asks', async () => {
  const [below, kept] = [sha('b'), sha('a')];
  const plain = { id: 1, name: 'sluice/version', title: '', summary: '', text: '', startedAt: 1, completedAt: null };
  const openOn = (commit: Sha): ObservedCheckRun => {
    return { ...plain, commit, externalId: versionCheckId(id, commit), state: { status: 'in_progress' } };
  };
  const ports = {
    source: { tipOf: async () => tip },
    landing: { firstParents: async () => [below, kept] },
    forge: { checkRuns: async (_: unknown, commit: Sha) => (commit === tip ? [] : [openOn(commit)]) },
    clock: { now: () => 5_000 },
  };
  const context = { ports } as unknown as AppContext;
  const known: PushRecord = { ...record, runs: [{ ...run, commit: kept, endedAt: null }] };
  const { orphans } = await withLost(context, { config }, id, known, asked);
  expect(orphans).toMatchObject([{ externalId: versionCheckId(id, below), state: { conclusion: 'cancelled' } }]);
  expect(await withLost(context, { config }, id, known, [])).toBe(known);
});
