import type { ChainLink } from '../../../model/best-first.ts';
import type { CandidateState, MadeCandidate, Parents, QueueItem } from '../../../model/queue.ts';
import type { Sha } from '../../../model/sha.ts';
import { candidateOn, wantCandidate } from '../candidates.ts';
import { changeIdOf, type GateDraft } from '../draft.ts';
import type { QueueFacts } from '../facts.ts';
import { knownAs } from '../made-of.ts';
import type { UnitId } from '../schedule/unit.ts';
import { unitIdOf } from './unit-id.ts';

export interface PartOfChain {
  readonly item: QueueItem;
  readonly made: MadeCandidate;
}

/** What became of putting changes on the tip, one on the other. */
export type Chain =
  /** The candidate of the last of them. */
  | {
      readonly kind: 'made';
      readonly candidate: MadeCandidate;
      readonly under: readonly ChainLink[];
      /** The same as candidates of their own items. */
      readonly below: readonly PartOfChain[];
    }
  /** A commit of it is to be made first, and is asked for. */
  | { readonly kind: 'wanted' }
  /** One of them cannot be put on those ahead of it: `state` says why. */
  | {
      readonly kind: 'clash';
      readonly item: QueueItem;
      readonly on: readonly UnitId[];
      readonly state: CandidateState;
    };

/** What is known of a head on a commit: a recorded candidate, or what was made in this pass; null: neither. */
function stateOn(draft: GateDraft, facts: QueueFacts, item: QueueItem, parents: Parents, ahead: readonly string[]) {
  const { branch } = item;
  const known = knownAs(item).find((each) => each.parents[branch] === parents[branch]);
  return candidateOn(draft.record, { ...item, candidate: known ?? null }, facts, { parents, ahead });
}

/** Puts these changes on the tip in order. What is not made yet is asked for, the first first. */
export function chainOf(draft: GateDraft, facts: QueueFacts, tips: Parents, items: readonly QueueItem[]): Chain {
  const under: ChainLink[] = [];
  const below: PartOfChain[] = [];
  const ahead: string[] = [];
  let parents = tips;
  for (const [at, item] of items.entries()) {
    const state = stateOn(draft, facts, item, parents, ahead);
    if (state === null) {
      wantCandidate(draft, facts, item, parents);
      return { kind: 'wanted' };
    }
    if (state.kind !== 'made') return { kind: 'clash', item, on: under.map(({ unit }) => unit), state };
    if (at === items.length - 1) return { kind: 'made', candidate: state, under, below };
    const commit: Sha = state.commit;
    parents = { ...parents, [item.branch]: commit };
    under.push({ unit: unitIdOf(item), commit });
    below.push({ item, made: state });
    ahead.push(changeIdOf(item));
  }
  return { kind: 'wanted' };
}
