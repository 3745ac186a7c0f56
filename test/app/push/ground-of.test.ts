import { expect, it } from 'vitest';
import { groundOf } from '../../../src/app/push/judge-push.ts';
import type { LedgerEntry } from '../../../src/model/ledger.ts';
import type { Sha } from '../../../src/model/sha.ts';
import { aProject, people, sha } from '../../fakes/model-data.ts';

const project = aProject();
/** Oldest first: each stands on the one before it. */
const line = [sha('a'), sha('b'), sha('c')] as const;
const [first, second, third] = line;
const apart = sha('d');

/** `apart` stands on the first. */
async function contains(_project: unknown, tip: Sha, commit: Sha): Promise<boolean> {
  if (tip === apart) return commit === apart || commit === first;
  return line.some((each, at) => each === commit && line.slice(at).some((one) => one === tip));
}

function landed(from: Sha, commit: Sha): LedgerEntry {
  const verdict = { commit, tree: sha('7'), checks: [], configuration: '', git: '', at: 1 };
  const plain = { kind: 'landed', number: 1, head: sha('e'), method: 'merge', by: people.ada } as const;
  const detail = { ...plain, from, commit, verdict };
  return { schema: 1, sequence: 1, repository: project.id, branch: 'main', at: 1, detail };
}

function ground(before: Sha, after: Sha, tip: Sha, ...entries: readonly LedgerEntry[]) {
  const reading = { tip, ledger: { kind: 'whole', head: null, entries } } as const;
  return groundOf({ contains }, { project, before, after, reading });
}

it('a push that stands on what was there before is a plain one', async () => {
  expect(await ground(first, second, second)).toMatchObject({ change: 'pushed' });
});

it('a branch that went back is judged, unless the ledger knows where it went', async () => {
  expect(await ground(second, first, first)).toMatchObject({ change: 'forced' });
  expect(await ground(third, second, second, landed(first, second))).toBeNull();
});

it('a branch that went back counts, whatever landed there since; beneath landings that stood there before it does not', async () => {
  expect(await ground(second, first, apart, landed(first, apart))).toMatchObject({ change: 'forced' });
  expect(await ground(third, first, second, landed(first, second))).toBeNull();
  // What stood on it was taken back with that push.
  const [taken, since] = [landed(first, second), landed(first, apart)];
  expect(await ground(second, first, apart, taken, since)).toMatchObject({ change: 'forced' });
});
