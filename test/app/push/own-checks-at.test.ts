import { expect, it } from 'vitest';
import { openAt } from '../../../src/app/push/own-checks-at.ts';
import type { ConfigReader } from '../../../src/app/read-config.ts';
import { versionCheckId } from '../../../src/core/push/report-run.ts';
import type { ObservedCheckRun } from '../../../src/model/check-run.ts';
import type { Sha } from '../../../src/model/sha.ts';
import { subjectIdOf } from '../../../src/model/subject.ts';
import { aConfig, aProject, sha } from '../../fakes/model-data.ts';

const project = aProject();
const id = subjectIdOf({ kind: 'push', repository: project.id, branch: 'main' });
const [commit, before, elsewhere] = [sha('c'), sha('b'), sha('d')];
const config = { configAt: async () => ({ kind: 'valid', config: aConfig([]) }) } as unknown as ConfigReader;

async function openOn(at: Sha, ...states: readonly ObservedCheckRun['state'][]): Promise<readonly string[]> {
  const plain = { id: 1, name: 'sluice/version', title: '', summary: '', text: '', startedAt: 1, completedAt: null };
  const own = states.map((state, index) => {
    return { ...plain, commit: at, externalId: versionCheckId(id, at, index + 1), state };
  });
  const forge = { checkRuns: async (_: unknown, asked: Sha) => (asked === at ? own : []) };
  const ports = { landing: { firstParents: async () => [before, sha('a')] }, forge } as never;
  return (await openAt(ports, config, { id, project, commit }, at)).map(({ externalId }) => externalId);
}

it('finds what stands open where a push began, and nothing that has ended or that the push does not stand on', async () => {
  const [open, done] = [{ status: 'queued' } as const, { status: 'completed', conclusion: 'success' } as const];
  expect(await openOn(before, done, open)).toEqual([versionCheckId(id, before, 2)]);
  expect(await openOn(elsewhere, open)).toEqual([]);
});
