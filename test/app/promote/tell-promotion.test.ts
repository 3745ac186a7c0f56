import { expect, it } from 'vitest';
import type { AppContext } from '../../../src/app/context.ts';
import { tellForgottenLines } from '../../../src/app/promote/tell-promotion.ts';
import { subjectIdOf } from '../../../src/model/subject.ts';
import { aProject } from '../../fakes/model-data.ts';

const project = aProject();
const lineOf = (branch: string) => subjectIdOf({ kind: 'promote', repository: project.id, branch });

/** The lines that are told, where something is known of `main` alone and two branches have a ledger. */
async function told(isAfterLoss: boolean): Promise<readonly string[]> {
  const found: string[] = [];
  const document = { schema: 1, landings: [] };
  const ports = {
    landing: { ledgers: async () => ['main', 'release-v1.2'] },
    documents: { load: async (id: string) => ({ version: 1, document: id === lineOf('main') ? document : null }) },
    intake: { accept: async (_event: object, subjects: readonly string[]) => void found.push(...subjects) },
    signals: { wake: async () => undefined },
    clock: { now: () => 1_000 },
  };
  await tellForgottenLines({ ports } as unknown as AppContext, project, { isAfterLoss });
  return found;
}

it('a promote line of which nothing is known is told; after a loss each is, as an old backup may know less than was done', async () => {
  expect(await told(false)).toEqual([lineOf('release-v1.2')]);
  expect(await told(true)).toEqual([lineOf('main'), lineOf('release-v1.2')]);
});
