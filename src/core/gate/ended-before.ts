import type { HeadCheck } from '../../model/gate-view.ts';
import type { AskedChange, QueueItem } from '../../model/queue.ts';
import { branchOf, changeIdOf, type GateDraft } from './draft.ts';
import type { QueueFacts } from './facts.ts';
import { gateCheckName } from './report-candidate.ts';
import { itemCheckId } from './report-item.ts';

type Change = Pick<AskedChange, 'branch' | 'number'>;

function ownRuns(draft: GateDraft, facts: QueueFacts, change: Change): readonly HeadCheck[] {
  const name = gateCheckName(branchOf(draft.record, change.branch).branch);
  return (facts.views.get(changeIdOf(change))?.checks ?? []).filter(
    (check) => check.name === name && check.app === facts.app && check.kind === 'check-run',
  );
}

const goesOn: readonly HeadCheck['conclusion'][] = [null, 'stale', 'success'];

/** While a request goes on, its own is open, and the newest of them; `stale` is what the forge makes of one open for long. */
function areOver(runs: readonly HeadCheck[]): boolean {
  return runs.every(({ conclusion }) => !goesOn.includes(conclusion));
}

/** A request whose check run was still open when that was read has ended by now: its check run is there, and over. */
export function hasEndedSince(draft: GateDraft, facts: QueueFacts, change: Change): boolean {
  const runs = ownRuns(draft, facts, change);
  return runs.length > 0 && areOver(runs);
}

/** Which request of its head this check run tells of, as [when it was asked for, which of its runs]; null: not one of these. */
function requestOf(externalId: string, stem: string): readonly [number, number] | null {
  if (!externalId.startsWith(`${stem}/`)) return null;
  const [entry = '', run = '0'] = externalId.slice(stem.length + 1).split('.');
  return [Number(entry), Number(run)];
}

/** The requests of a change's head that the forge shows, with the check runs that tell of them. */
function requestsOf(draft: GateDraft, facts: QueueFacts, change: AskedChange) {
  const id = itemCheckId(facts.subject, change);
  const stem = id.slice(0, id.lastIndexOf('/'));
  return ownRuns(draft, facts, change).flatMap((check) => {
    const request = requestOf(check.externalId ?? '', stem);
    return request === null ? [] : [{ check, entry: request[0], runs: request[1] }];
  });
}

/**
 * The forge shows a later request of this head that goes on, and no record knows of it: an old backup of our state has
 * forgotten it (design.md §5), and what it knows goes on under the check run that people look at. Null: there is none.
 */
export function forgottenRequest(
  draft: GateDraft,
  facts: QueueFacts,
  change: AskedChange,
): Required<Pick<AskedChange, 'entry' | 'runs'>> | null {
  const isLeaving = (entry: number, runs: number): boolean =>
    draft.record.leaving.some(
      ({ change: left }) =>
        changeIdOf(left) === changeIdOf(change) && left.entry === entry && (left.runs ?? 0) === runs,
    );
  const later = requestsOf(draft, facts, change)
    .filter(({ check, entry, runs }) => check.conclusion === null && !isLeaving(entry, runs))
    .filter(({ entry, runs }) => entry > change.entry || (entry === change.entry && runs > (change.runs ?? 0)))
    .toSorted((one, other) => one.entry - other.entry || one.runs - other.runs)
    .at(-1);
  return later ? { entry: later.entry, runs: later.runs } : null;
}

/**
 * The forge shows that the request of this item, or a later one of its head, was told its end: an old backup of our state, in
 * which it is still queued, has forgotten that (design.md §5). Asked right before a landing, of what was just read.
 */
export function hasEndedBefore(draft: GateDraft, facts: QueueFacts, item: QueueItem): boolean {
  const since = requestsOf(draft, facts, item)
    .filter(({ entry, runs }) => entry > item.entry || (entry === item.entry && runs >= (item.runs ?? 0)))
    .map(({ check }) => check);
  return since.length > 0 && areOver(since);
}

/**
 * It may be there already, and in its own way: a record that was lost is built anew, and its branch's ledger, which would say so,
 * cannot be read or trusted now.
 */
export function mayHaveLanded(facts: Pick<QueueFacts, 'branches'>, { branch }: Pick<QueueItem, 'branch'>): boolean {
  return facts.branches.get(branch)?.reading?.ledger.kind !== 'whole';
}
