import type { Project } from '../../model/project.ts';
import type { Sha } from '../../model/sha.ts';
import type { BranchReading } from '../../ports/landing.ts';
import type { Clone } from './clones.ts';
import { readRemoteRefs } from './fetch-commits.ts';
import type { LedgerSigner } from './ledger-key.ts';
import { nothingVerified, type VerifiedLedger, verifyLedger } from './read-ledger.ts';

export function branchRef(branch: string): string {
  return `refs/heads/${branch}`;
}

export function ledgerRef(branch: string): string {
  return `refs/sluice/ledger/${branch}`;
}

/** Reads branches with their ledgers, and remembers what was verified of each. */
export function createBranchReader(signer: LedgerSigner) {
  const verified = new Map<string, VerifiedLedger>();
  return async (clone: Clone, project: Project, branch: string): Promise<BranchReading> => {
    const key = `${project.id} ${branch}`;
    // Taken before the remote is asked: what another read verifies meanwhile may be newer than what this one sees.
    const before = verified.get(key) ?? nothingVerified;
    const { tip, head } = await fetchBranch(clone, branch);
    const ledger = await verifyLedger({ objects: clone.objects, signer }, project, branch, head, before);
    if (ledger.kind === 'whole' && (verified.get(key) ?? nothingVerified) === before) verified.set(key, ledger);
    return { tip, ledger };
  };
}

async function fetchBranch(clone: Clone, branch: string): Promise<{ tip: Sha | null; head: Sha | null }> {
  const remote = clone.remote();
  const names = { tip: branchRef(branch), head: ledgerRef(branch) };
  const refs = await readRemoteRefs(clone.git, clone.folder, await remote(), Object.values(names));
  const [tip, head] = [refs.get(names.tip) ?? null, refs.get(names.head) ?? null];
  const kept = [
    { from: tip, keptAs: 'refs/sluice/base' },
    { from: head, keptAs: names.head },
  ];
  const wanted = [];
  for (const { from, keptAs } of kept)
    if (from !== null && (await clone.objects.info(from)) === null) wanted.push({ from, keptAs });
  if (wanted.length > 0 && (await clone.fetch(wanted, remote)) === 'refused')
    throw new Error(`cannot fetch ${branch} and its ledger: the remote no longer has what it named`);
  return { tip, head };
}
