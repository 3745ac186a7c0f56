import { expect, it } from 'vitest';
import { judgePush } from '../../../src/app/push/judge-push.ts';
import type { ConfigReader } from '../../../src/app/read-config.ts';
import type { JudgedPush } from '../../../src/core/push/facts.ts';
import { externalIdFor } from '../../../src/model/build.ts';
import type { ObservedCheckRun } from '../../../src/model/check-run.ts';
import type { LedgerEntry } from '../../../src/model/ledger.ts';
import type { Sha } from '../../../src/model/sha.ts';
import { subjectIdOf } from '../../../src/model/subject.ts';
import { aConfig, aJob, aProject, people, sha } from '../../fakes/model-data.ts';

const project = aProject();
/** Oldest first: what was pushed, our landing on it, and what was pushed on that. */
const line = [sha('a'), sha('b'), sha('c')] as const;
const [pushed, landing, above] = line;
const job = aJob('after', { pipelines: ['postsubmit'] });
const verdict = { commit: landing, tree: sha('7'), checks: [], configuration: '', git: '', at: 1 };
const plain = { kind: 'landed', number: 1, head: sha('e'), method: 'merge', by: people.ada } as const;
const entry: LedgerEntry = {
  ...{ schema: 1, sequence: 1, repository: project.id, branch: 'main', at: 1 },
  detail: { ...plain, from: pushed, commit: landing, verdict },
};
const parts = { subject: subjectIdOf({ kind: 'push', repository: project.id, branch: 'main' }), entry: 'push' };
const said: ObservedCheckRun = {
  ...{ id: 1, name: 'after', commit: pushed, title: '', summary: '', text: '', startedAt: 1, completedAt: 2 },
  externalId: externalIdFor({ ...parts, commit: pushed, job: 'after', definition: job.definition, request: 1 }),
  state: { status: 'completed', conclusion: 'success' },
};

async function contains(_project: unknown, tip: Sha, commit: Sha): Promise<boolean> {
  return line.indexOf(commit as never) <= line.indexOf(tip as never);
}

/** The branch is back at the landing, after what stood on it was judged. */
async function judged(own: readonly ObservedCheckRun[]): Promise<JudgedPush> {
  const ports = {
    forge: { checkRuns: async () => own },
    landing: { contains, treeOf: async () => sha('8'), firstParents: async () => [] },
    history: {
      push: async () => ({ file: { kind: 'absent' } }),
      changed: async () => ({ known: true, paths: ['one.txt'] }),
      message: async () => '',
    },
    log: {
      warn: (fields: { err: unknown }) => {
        throw fields.err;
      },
    },
  };
  const config = { configAt: async () => ({ kind: 'valid', config: aConfig([job]) }) } as unknown as ConfigReader;
  const ledger = { kind: 'whole', head: sha('9'), entries: [entry] } as const;
  const push = { project, branch: 'main', before: above, after: pushed, reading: { tip: landing, ledger } };
  return judgePush({ ports } as never, config, { ...push, pushers: [], going: [], isFollowed: true, at: 1 });
}

it('a push that was overtaken before it was judged is judged once the branch is back on it; one that was answered is not again', async () => {
  expect(await judged([])).toMatchObject({ kind: 'judged', planned: [{ job: 'after', decision: 'run' }] });
  expect(await judged([said])).toMatchObject({ kind: 'nothing' });
});
