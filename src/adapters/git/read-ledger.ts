import type { LedgerEntry, LedgerState } from '../../model/ledger.ts';
import type { Project } from '../../model/project.ts';
import type { Sha } from '../../model/sha.ts';
import { readLedgerCommit } from './ledger-commit.ts';
import type { LedgerSigner } from './ledger-key.ts';
import type { ObjectReader } from './object-reader.ts';

/** What was verified already; `head` null: nothing. */
export interface VerifiedLedger {
  readonly head: Sha | null;
  /** Oldest first. */
  readonly entries: readonly LedgerEntry[];
}

export const nothingVerified: VerifiedLedger = { head: null, entries: [] };

type Place = { readonly objects: ObjectReader; readonly signer: LedgerSigner };

/**
 * Verifies a ledger from its newest commit back to what was verified before, which must still be in it. The chain alone
 * does not tell that its newest entries were taken away: only who remembers them sees that.
 */
export async function verifyLedger(
  { objects, signer }: Place,
  project: Pick<Project, 'id'>,
  branch: string,
  head: Sha | null,
  verified: VerifiedLedger,
): Promise<LedgerState> {
  const fresh: LedgerEntry[] = [];
  const broken = (because: string): LedgerState => ({ kind: 'broken', because });
  let at = head;
  while (at !== null && at !== verified.head) {
    const link = await readLedgerCommit(objects, signer, at);
    if (link.kind === 'unsound') return broken(link.because);
    const wrong = placeFault(link.entry, project, branch, fresh.at(-1)?.sequence ?? null);
    if (wrong !== null) return broken(`ledger commit ${at} ${wrong}`);
    if (link.parent === null && link.entry.sequence !== 1)
      return broken(`ledger commit ${at} begins the ledger with entry ${link.entry.sequence} instead of 1`);
    fresh.push(link.entry);
    at = link.parent;
  }
  if (at !== verified.head) return broken(`the ledger was cut: ${verified.head}, verified before, is no longer in it`);
  const [last, next] = [verified.entries.length, fresh.at(-1)?.sequence];
  if (next !== undefined && next !== last + 1)
    return broken(`ledger commit ${at} holds entry ${last}, before entry ${next}`);
  return { kind: 'whole', head, entries: [...verified.entries, ...fresh.reverse()] };
}

/** Null where the entry belongs to this ledger and right before the one after it. */
function placeFault(
  entry: LedgerEntry,
  project: Pick<Project, 'id'>,
  branch: string,
  after: number | null,
): string | null {
  if (entry.repository !== project.id) return `holds an entry of repository ${entry.repository}`;
  if (entry.branch !== branch) return `holds an entry of branch ${JSON.stringify(entry.branch)}`;
  if (after !== null && entry.sequence !== after - 1) return `holds entry ${entry.sequence}, before entry ${after}`;
  return null;
}
