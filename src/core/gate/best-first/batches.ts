import type { AssumedGround } from '../../../model/best-first.ts';
import type { ChangedFiles } from '../../../model/matcher.ts';
import type { MadeCandidate, QueueItem, QueueRecord } from '../../../model/queue.ts';
import { walked } from '../candidates.ts';
import { type GateDraft, putItem } from '../draft.ts';
import { knownAs, madeOf } from '../made-of.ts';
import type { UnitId } from '../schedule/unit.ts';
import type { PartOfChain } from './chain.ts';
import { unitIdOf } from './unit-id.ts';

/** Several changes that are tested by one build (gate.md §6 Batching). */
export interface Batch {
  /** That of the last of them: the others are inside. */
  readonly candidate: MadeCandidate;
  /** In the order in which they would land. */
  readonly members: readonly UnitId[];
}

function headsOf(item: QueueItem, { guess }: MadeCandidate): readonly UnitId[] {
  const { heads = [] } = guess ?? {};
  return heads.length === 0 ? [] : [...heads, unitIdOf(item)];
}

/** The batch that tests an item and that has not failed; null: there is none, it has candidates of its own or waits. */
export function batchOf({ items }: Pick<QueueRecord, 'items'>, item: QueueItem): Batch | null {
  const unit = unitIdOf(item);
  for (const last of items)
    for (const candidate of madeOf(last)) {
      const members = headsOf(last, candidate);
      if (members.includes(unit) && walked(candidate).verdict !== 'failed') return { candidate, members };
    }
  return null;
}

/** What any of these changes; not known where it is not of one of them. */
export function changedTogether(all: readonly ChangedFiles[]): ChangedFiles {
  const paths = new Set<string>();
  for (const changed of all) {
    if (!changed.known) return changed;
    for (const path of changed.paths) paths.add(path);
  }
  return { known: true, paths: [...paths] };
}

/**
 * What passed, made anew elsewhere, has the same jobs as were run: of a batch those that any of its members selected, whoever is
 * left of it; and those of what it changes there, which may be other files, as where somebody has renamed them.
 */
export function changedAs({ guess, changed }: MadeCandidate, anew: MadeCandidate): MadeCandidate {
  const isPlain = guess?.heads === undefined && guess?.moved === undefined;
  return isPlain ? anew : { ...anew, changed: changedTogether([changed, anew.changed]) };
}

/** Keeps what a change is inside of a batch on its item, with nothing decided or run of it; what is known of that commit stays. */
export function putBatched(draft: GateDraft, { item, made }: PartOfChain, ground: Omit<AssumedGround, 'make'>): void {
  if (knownAs(item).some(({ commit }) => commit === made.commit)) return;
  const guess = { ...ground, make: item.makes };
  const inside: MadeCandidate = { ...made, guess, published: false, jobs: null, broken: null, verdict: null };
  putItem(draft, { ...item, batched: [...(item.batched ?? []), inside] });
}

/** What was kept of batches that are no more is forgotten. */
export function forgetBatched(draft: GateDraft): void {
  const { items } = draft.record;
  if (items.every(({ batched }) => batched === undefined)) return;
  const links = items.flatMap((last) =>
    madeOf(last).flatMap((made) =>
      walked(made).verdict === 'failed'
        ? []
        : (made.guess?.under ?? []).filter(({ unit }) => headsOf(last, made).includes(unit)),
    ),
  );
  for (const { batched = [], ...item } of items) {
    const unit = unitIdOf(item);
    const left = batched.filter((made) => links.some((link) => link.unit === unit && link.commit === made.commit));
    putItem(draft, left.length === 0 ? item : { ...item, batched: left });
  }
}
