import { expect, it } from 'vitest';
import { openAt, openBeneath } from '../../../src/app/push/own-checks-at.ts';
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

/** Beneath what was pushed stand `d` and `a`, oldest last; who held them before is asked of `holds`. */
async function openUnder(landed: readonly Sha[], holds: readonly Sha[]): Promise<readonly Sha[]> {
  const plain = { id: 1, name: 'sluice/version', title: '', summary: '', text: '', startedAt: 1, completedAt: null };
  const forge = {
    checkRuns: async (_: unknown, at: Sha): Promise<readonly ObservedCheckRun[]> => [
      { ...plain, commit: at, externalId: versionCheckId(id, at, 1), state: { status: 'queued' } },
    ],
  };
  const line = ['d', 'a', '9'].map((digit) => sha(digit));
  const landing = {
    firstParents: async () => line,
    contains: async (_: unknown, __: Sha, at: Sha) => holds.includes(at),
  };
  const open = await openBeneath({ landing, forge } as never, config, { id, project, commit }, before, new Set(landed));
  return open.map((run) => run.commit);
}

it('looks beneath a push down to what was there before it, and under our own landings there', async () => {
  const [top, middle, bottom] = [sha('d'), sha('a'), sha('9')];
  expect(await openUnder([], [top, middle, bottom])).toEqual([top]);
  expect(await openUnder([], [middle, bottom])).toEqual([top, middle]);
  expect(await openUnder([top], [top, middle, bottom])).toEqual([top, middle]);
  expect(await openUnder([top, middle], [top, middle, bottom])).toEqual([top, middle, bottom]);
});
