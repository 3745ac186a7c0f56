import type { LedgerEntry } from '../../model/ledger.ts';
import type { Freeze, QueueBranch } from '../../model/queue.ts';
import { branchOf, type GateDraft, putBranch } from './draft.ts';
import type { QueueFacts } from './facts.ts';

const keptLandings = 200;

/** Landed means: in the ledger, and reachable from the branch (gate.md §4). */
function landingsOf(entries: readonly LedgerEntry[], standing: number): QueueBranch['landed'] {
  return entries
    .filter(({ sequence }) => sequence <= standing)
    .flatMap(({ detail }) =>
      detail.kind === 'landed' ? [{ number: detail.number, head: detail.head, commit: detail.commit }] : [],
    )
    .slice(-keptLandings);
}

function freezeIn(entries: readonly LedgerEntry[]): Freeze | null {
  const last = entries.findLast(({ detail }) => detail.kind === 'frozen' || detail.kind === 'thawed');
  if (last?.detail.kind !== 'frozen') return null;
  return { by: last.detail.by, because: last.detail.because, at: last.at };
}

function ownerOf(entries: readonly LedgerEntry[]): number | null {
  const [first] = entries;
  return first?.detail.kind === 'owner' ? first.detail.app : null;
}

/** Adds to the ledger alone; asked for until it is read there. */
function append(
  draft: GateDraft,
  branch: QueueBranch,
  entries: readonly LedgerEntry[],
  detail: LedgerEntry['detail'],
  at: number,
) {
  const { project, branch: name, ledger } = branch;
  const entry: LedgerEntry = {
    schema: 1,
    sequence: entries.length + 1,
    repository: project.id,
    branch: name,
    at,
    detail,
  };
  draft.effects.push({ kind: 'append', project, ledger, entry });
}

function takeLedger(
  draft: GateDraft,
  facts: QueueFacts,
  branch: QueueBranch,
  entries: readonly LedgerEntry[],
): Freeze | null {
  const owner = ownerOf(entries);
  if (entries.length > 0 && owner !== facts.app) {
    const because =
      owner === null ? 'its ledger names no App that owns it' : `App ${owner} owns it, and this is App ${facts.app}`;
    return { by: null, because, at: facts.now };
  }
  const { record } = draft;
  if (entries.length === 0) {
    if (record.items.length > 0) append(draft, branch, entries, { kind: 'owner', app: facts.app }, facts.now);
    return null;
  }
  const frozen = freezeIn(entries);
  const { wish } = record;
  if (wish === null) return frozen;
  if ((wish.kind === 'frozen') === (frozen !== null)) {
    draft.record = { ...record, wish: null };
    return frozen;
  }
  const { by, because, at } = wish;
  append(draft, branch, entries, wish.kind === 'frozen' ? { kind: 'frozen', by, because } : { kind: 'thawed', by }, at);
  return wish.kind === 'frozen' ? { by, because, at } : frozen;
}

/** Takes up where the branches are and what their ledgers say: the ledger's word is the queue's (design.md §5). */
export function takeBranches(draft: GateDraft, facts: QueueFacts): void {
  let frozen: Freeze | null = null;
  let isRead = true;
  for (const { key } of draft.record.branches) {
    const reading = facts.branches.get(key)?.reading ?? null;
    if (reading === null) {
      isRead = false;
      continue;
    }
    const branch = branchOf(draft.record, key);
    const start = facts.branches.get(key)?.settings?.window.start;
    if (draft.record.window === 0 && start !== undefined) draft.record = { ...draft.record, window: start };
    if (branch.tip !== null && reading.tip !== branch.tip)
      draft.reasons.push(`${branch.branch} is at ${reading.tip?.slice(0, 12) ?? 'nothing'}`);
    if (reading.ledger.kind === 'broken') {
      putBranch(draft, { ...branch, tip: reading.tip });
      frozen ??= { by: null, because: `its ledger cannot be trusted: ${reading.ledger.because}`, at: facts.now };
      continue;
    }
    const { head, entries } = reading.ledger;
    const next = {
      ...branch,
      tip: reading.tip,
      ledger: head,
      landed: landingsOf(entries, facts.branches.get(key)?.standing ?? 0),
    };
    putBranch(draft, next);
    frozen ??= takeLedger(draft, facts, next, entries);
  }
  const before = draft.record.frozen;
  const same = before !== null && frozen !== null && before.because === frozen.because;
  if (isRead && !same) draft.record = { ...draft.record, frozen };
}
