import { expect, it } from 'vitest';
import { goneOf } from '../../../src/app/gate/read-branch.ts';
import type { LedgerDetail, LedgerEntry } from '../../../src/model/ledger.ts';
import type { Sha } from '../../../src/model/sha.ts';
import { aProject, people, sha } from '../../fakes/model-data.ts';

const project = aProject();
/** `pushed` stands on `first`, and `merged` on both: a change that was made on `pushed` landed on `first`. */
const [first, pushed, merged] = [sha('a'), sha('b'), sha('c')] as const;
const held: Readonly<Record<Sha, readonly Sha[]>> = {
  [first]: [first],
  [pushed]: [first, pushed],
  [merged]: [first, pushed, merged],
};

function entriesOf(...details: readonly LedgerDetail[]): readonly LedgerEntry[] {
  return details.map((detail, index) => {
    return { schema: 1, sequence: index + 1, repository: project.id, branch: 'main', at: 1, detail };
  });
}

const owner = { kind: 'owner', app: 7 } as const;
const push = { kind: 'pushed', below: 0, commit: pushed, tree: sha('7'), by: people.ada, images: [] } as const;
const verdict = { commit: merged, tree: sha('7'), checks: [], configuration: '', git: '', at: 1 };
const landed = {
  kind: 'landed',
  number: 1,
  head: pushed,
  from: first,
  commit: merged,
  method: 'merge',
  by: people.ada,
  verdict,
} as const;
const back = (...gone: readonly number[]) => ({ kind: 'reset', standing: 0, tip: first, gone }) as const;

async function goneAt(tip: Sha, ...details: readonly LedgerDetail[]): Promise<readonly number[]> {
  const landing = { contains: async (_: unknown, at: Sha, commit: Sha) => held[at]?.includes(commit) ?? false };
  const reading = { tip, ledger: { kind: 'whole', head: null, entries: entriesOf(owner, ...details) } } as const;
  return goneOf({ ports: { landing } }, { project }, reading);
}

it('what was pushed is gone while the branch does not hold it, and back with it', async () => {
  expect(await goneAt(pushed, push)).toEqual([]);
  expect(await goneAt(first, push)).toEqual([2]);
  expect(await goneAt(pushed, push, back(2))).toEqual([]);
});

it('what was taken back is not back with a change that has it in its history, and what stood there all the time is', async () => {
  expect(await goneAt(merged, push, back(2), landed)).toEqual([2]);
  expect(await goneAt(merged, push, back(2), landed, back(2))).toEqual([2]);
  expect(await goneAt(merged, push, landed)).toEqual([]);
});

it('what somebody puts the branch back to is there, whatever landed before', async () => {
  expect(await goneAt(pushed, push, back(2), landed)).toEqual([]);
});
