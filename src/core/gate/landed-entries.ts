import type { LedgerDetail, LedgerEntry } from '../../model/ledger.ts';
import type { LandingMethod, MadeCandidate, QueueBranch, QueueItem } from '../../model/queue.ts';
import type { Sha } from '../../model/sha.ts';
import type { RecordedVerdict } from '../../model/verdict.ts';

/** An item, and the commit as which it lands. */
export interface LandedPart {
  readonly item: QueueItem;
  readonly candidate: MadeCandidate;
}

type Landed = Extract<LedgerDetail, { kind: 'landed' }>;

/** What the ledger says of it. */
export function landedEntry(
  branch: QueueBranch,
  item: QueueItem,
  verdict: RecordedVerdict,
  entries: readonly LedgerEntry[],
  landed: Pick<Landed, 'from' | 'commit' | 'method' | 'within' | 'since'>,
): LedgerEntry {
  return {
    schema: 1,
    sequence: entries.length + 1,
    repository: branch.project.id,
    branch: branch.branch,
    at: verdict.at,
    detail: {
      kind: 'landed',
      number: item.number,
      head: item.request.head,
      ...landed,
      by: item.request.by,
      verdict,
    },
  };
}

/**
 * What is known of a commit that is inside of what was tested: its own verdict where it passed by itself. Else that of the whole says
 * nothing of its tree, and the images that were built there are not its own (scheduling.md §5 "Promotion identity").
 */
function verdictInside({ commit, tree, verdict }: MadeCandidate, whole: RecordedVerdict): RecordedVerdict {
  const { configuration, git, at } = whole;
  return verdict ?? { commit, tree, checks: [], configuration, git, at };
}

/** What the ledger says of several that land by one push, oldest first: the last one was tested, with the others inside. */
export function landedEntries(
  branch: QueueBranch,
  chain: readonly LandedPart[],
  verdict: RecordedVerdict,
  entries: readonly LedgerEntry[],
  { from: since, method }: { readonly from: Sha; readonly method: LandingMethod },
): readonly LedgerEntry[] {
  const last = chain.at(-1);
  const all: LedgerEntry[] = [];
  let from = since;
  for (const { item, candidate } of chain) {
    const { commit } = candidate;
    const known = [...entries, ...all];
    const landed = { from, commit, method };
    if (last === undefined || item === last.item) {
      all.push(landedEntry(branch, item, verdict, known, chain.length > 1 ? { ...landed, since } : landed));
    } else {
      const within = { number: last.item.number, commit: last.candidate.commit };
      all.push(landedEntry(branch, item, verdictInside(candidate, verdict), known, { ...landed, within }));
    }
    from = commit;
  }
  return all;
}
