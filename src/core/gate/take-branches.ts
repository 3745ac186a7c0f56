import type { LedgerEntry } from '../../model/ledger.ts';
import type { Freeze, LandedChange, QueueBranch } from '../../model/queue.ts';
import type { Sha } from '../../model/sha.ts';
import { bestFirstOf } from './best-first/settings.ts';
import { branchOf, type GateDraft, putBranch } from './draft.ts';
import type { QueueFacts } from './facts.ts';
import { redJobsOf } from './join/closed-lanes.ts';

/** How many landings of a branch are looked at, the newest. */
export const keptLandings = 200;

type Landed = Extract<LedgerEntry['detail'], { kind: 'landed' }>;

function landedIn({ number, head, from, commit, verdict, within }: Landed): LandedChange {
  const tested = verdict.commit === commit ? {} : { tested: verdict.commit };
  return { number, head, from, commit, ...tested, ...(within ? { within } : {}) };
}

/** Landed means: in the ledger, and reachable from the branch (gate.md §4). */
function landingsOf(entries: readonly LedgerEntry[], standing: ReadonlySet<number>): QueueBranch['landed'] {
  return entries
    .filter(({ sequence }) => standing.has(sequence))
    .flatMap(({ detail }) => (detail.kind === 'landed' ? [landedIn(detail)] : []))
    .slice(-keptLandings);
}

function landingAt(entries: readonly LedgerEntry[], commit: Sha | null): Landed | null {
  const found = entries.findLast(({ detail }) => detail.kind === 'landed' && detail.commit === commit)?.detail;
  return found?.kind === 'landed' ? found : null;
}

/**
 * What passed on the tip before the gate landed it; null: the gate did not land it. In lanes also what passed in a landing right
 * below, where those above skipped it as they changed nothing that it reads, and no job is another one since. Nothing that a join saw
 * failing, until it is seen to pass.
 */
function provenOn(entries: readonly LedgerEntry[], tip: Sha | null, inLanes: boolean): readonly string[] | null {
  const own = landingAt(entries, tip);
  if (own === null) return null;
  const newest = new Map<string, string>();
  let count = 0;
  for (let at: Landed | null = own; at !== null && count < keptLandings; at = landingAt(entries, at.from)) {
    if (at !== own && (!inLanes || at.verdict.configuration !== own.verdict.configuration)) break;
    for (const { name, conclusion } of at.verdict.checks)
      if (conclusion !== 'skipped' && !newest.has(name)) newest.set(name, conclusion);
    count += 1;
  }
  return [...newest].flatMap(([name, conclusion]) => (conclusion === 'success' ? [name] : []));
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

/** Why nothing may land on this branch on its ledger's word; null: it may. */
function whyNotOurs(facts: QueueFacts, entries: readonly LedgerEntry[]): string | null {
  const owner = ownerOf(entries);
  if (entries.length === 0 || owner === facts.app) return null;
  return owner === null ? 'its ledger names no App that owns it' : `App ${owner} owns it, and this is App ${facts.app}`;
}

interface ReadLedger {
  readonly branch: QueueBranch;
  readonly entries: readonly LedgerEntry[];
}

/** A queue is frozen as a whole: what one ledger says is written into those of the others. A wish is over when all say it. */
function settleFreeze(draft: GateDraft, facts: QueueFacts, ledgers: readonly ReadLedger[]): Freeze | null {
  const begun = ledgers.filter(({ entries }) => entries.length > 0);
  const known = begun.map(({ entries }) => freezeIn(entries)).find((freeze) => freeze !== null) ?? null;
  const { wish, branches } = draft.record;
  const wished = wish?.kind === 'frozen' ? { by: wish.by, because: wish.because, at: wish.at } : null;
  const target = wish === null ? known : wished;
  let isSaid = begun.length === branches.length;
  for (const { branch, entries } of begun) {
    if ((freezeIn(entries) !== null) === (target !== null)) continue;
    isSaid = false;
    const detail = target
      ? ({ kind: 'frozen', by: target.by, because: target.because } as const)
      : ({ kind: 'thawed', by: wish?.by ?? null } as const);
    append(draft, branch, entries, detail, target?.at ?? wish?.at ?? facts.now);
  }
  if (wish !== null && isSaid) draft.record = { ...draft.record, wish: null };
  // Until it is thawed everywhere nothing lands.
  return known ?? (begun.length > 0 ? wished : null);
}

/** A branch that something wants to land on is ours from then on. */
function own(draft: GateDraft, facts: QueueFacts, { branch, entries }: ReadLedger): void {
  if (entries.length > 0 || !draft.record.items.some((item) => item.branch === branch.key)) return;
  append(draft, branch, entries, { kind: 'owner', app: facts.app }, facts.now);
}

/** Takes up where the branches are and what their ledgers say: the ledger's word is the queue's (design.md §5). */
export function takeBranches(draft: GateDraft, facts: QueueFacts): void {
  let frozen: Freeze | null = null;
  const ledgers: ReadLedger[] = [];
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
      const { proven: _, ...known } = branch;
      putBranch(draft, { ...known, tip: reading.tip });
      frozen ??= { by: null, because: `its ledger cannot be trusted: ${reading.ledger.because}`, at: facts.now };
      continue;
    }
    const { head, entries } = reading.ledger;
    const inLanes = bestFirstOf(draft.record, facts)?.lanes === true;
    const red = redJobsOf(draft.record);
    const proven = provenOn(entries, reading.tip, inLanes)?.filter((name) => !red.includes(name)) ?? null;
    const { proven: _, ...known } = branch;
    const next = {
      ...known,
      tip: reading.tip,
      ledger: head,
      landed: landingsOf(entries, facts.branches.get(key)?.standing ?? new Set()),
      ...(proven === null ? {} : { proven }),
    };
    putBranch(draft, next);
    const because = whyNotOurs(facts, entries);
    if (because !== null) frozen ??= { by: null, because, at: facts.now };
    else ledgers.push({ branch: next, entries });
  }
  for (const ledger of ledgers) own(draft, facts, ledger);
  frozen ??= settleFreeze(draft, facts, ledgers);
  const before = draft.record.frozen;
  const same = before !== null && frozen !== null && before.because === frozen.because;
  if (isRead && !same) draft.record = { ...draft.record, frozen };
}
