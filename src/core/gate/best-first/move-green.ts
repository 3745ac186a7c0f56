import type { QueueItem } from '../../../model/queue.ts';
import { tipsOf, walked } from '../candidates.ts';
import { type GateDraft, putItem, stopAll } from '../draft.ts';
import type { QueueFacts } from '../facts.ts';
import { isCarried } from '../lanes/is-carried.ts';
import { type Chain, chainOf } from './chain.ts';
import type { Look } from './look.ts';
import { movedTo, putDropped, putMoved } from './put-builds.ts';

/** It cannot be put on the tip as that is: what becomes of that is for the walk to say. */
export function putUnmade(draft: GateDraft, item: QueueItem, { state }: Extract<Chain, { kind: 'clash' }>): void {
  putItem(draft, { ...stopAll(draft, item, 'it cannot be landed'), candidate: state });
}

/**
 * What passed and may land, but stands on a tip of before as others landed that touch nothing of it, is made anew on the tip of
 * now (scheduling.md §5 "Base moved by a disjoint landing"), if its verdict counts there; else it is tested anew, and others wait for
 * it. `landBy`: key of what may land; `onto`: how many have landed.
 */
export function moveGreen(draft: GateDraft, facts: QueueFacts, look: Look, landBy: string, onto: number): void {
  const shown = look.builds.get(landBy);
  const build = look.view.builds.find(({ key }) => key === landBy);
  const left = build?.included.filter((id) => !look.view.hasLanded(id)) ?? [];
  if (!shown || left.length !== 1 || draft.record.landing !== null) return;
  const { item, candidate } = shown;
  const seen = walked(candidate);
  // Its pass is remembered once all of it has ended.
  if (seen.verdict !== 'passed' || !seen.ended || candidate.verdict === null) return;
  const chain = chainOf(draft, facts, tipsOf(draft.record), [item]);
  if (chain.kind === 'wanted') return;
  if (chain.kind === 'clash') {
    putUnmade(draft, item, chain);
    return;
  }
  const as = candidate.commit.slice(0, 12);
  const moved = movedTo(candidate, chain.candidate, item.makes + 1, onto);
  const carried = isCarried(draft, facts, { ...item, makes: item.makes + 1 }, moved);
  if (carried === 'unread') return;
  if (carried) {
    putMoved(draft, item, candidate, moved);
    draft.reasons.push(`#${item.number}: ${as} is made anew on the tip as ${moved.commit.slice(0, 12)}`);
    return;
  }
  putDropped(draft, { ...item, touches: 'everything' }, candidate, false);
  draft.reasons.push(`#${item.number}: may matter to every other: ${as} says nothing of it where others have landed`);
}
