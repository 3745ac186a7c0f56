import type { LedgerEntry } from '../../model/ledger.ts';
import type { Project } from '../../model/project.ts';
import type { Sha } from '../../model/sha.ts';
import type { LandingOutcome } from '../../ports/landing.ts';
import { demandCommit } from './bring-commit.ts';
import type { Clone } from './clones.ts';
import type { Remote } from './fetch-commits.ts';
import { guardEntry } from './guard-landing.ts';
import { judgeLanding } from './judge-landing.ts';
import { writeLedgerCommit } from './ledger-commit.ts';
import type { LedgerSigner } from './ledger-key.ts';
import { pushRefs } from './push-refs.ts';
import { ledgerRef } from './read-branch.ts';

/** A ref that goes from one commit to another; null: it is not there yet. */
export interface RefMove {
  readonly ref: string;
  readonly from: Sha | null;
  readonly to: Sha;
}

/**
 * Adds entries to their ledger, oldest first, and moves other refs in the same push: all or nothing, and only from where each is said
 * to be. A ref that is where it is to go already counts as moved, as git has it.
 */
export async function pushEntries(
  { clone, project, signer, connect }: EntryPlace,
  ledger: Sha | null,
  [entry, ...later]: readonly [LedgerEntry, ...LedgerEntry[]],
  others: readonly RefMove[],
): Promise<LandingOutcome> {
  if (ledger !== null) await demandCommit(clone, ledger);
  const add = async (last: Sha | null, next: LedgerEntry): Promise<Sha> => {
    await guardEntry(clone.objects, signer, project, last, next);
    return writeLedgerCommit(clone.folder, signer, last, next);
  };
  let to = await add(ledger, entry);
  for (const next of later) to = await add(to, next);
  const moves = [...others, { ref: ledgerRef(entry.branch), from: ledger, to }];
  const options = ['--atomic', ...moves.map((move) => `--force-with-lease=${move.ref}:${move.from ?? ''}`)];
  const refspecs = moves.map((move) => `${move.to}:${move.ref}`);
  const pushed = await pushRefs(clone.git, clone.folder, await connect(), options, refspecs);
  const refs = moves.map(({ ref }) => ref);
  return judgeLanding(pushed, refs, to);
}

export interface EntryPlace {
  readonly clone: Clone;
  readonly project: Project;
  readonly signer: LedgerSigner;
  readonly connect: () => Promise<Remote>;
}
