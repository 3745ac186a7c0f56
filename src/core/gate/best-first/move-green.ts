import type { MadeCandidate, QueueItem } from '../../../model/queue.ts';
import { tipsOf, walked } from '../candidates.ts';
import { type GateDraft, putItem, stopAll } from '../draft.ts';
import type { QueueFacts } from '../facts.ts';
import { isCarried } from '../lanes/is-carried.ts';
import { changedAs, putBatched } from './batches.ts';
import { type Chain, chainOf } from './chain.ts';
import type { Look } from './look.ts';
import { movedTo, putAlone, putDropped, putMoved } from './put-builds.ts';
import { shownUnit } from './unit-id.ts';

type Made = Extract<Chain, { kind: 'made' }>;

/** It cannot be put on the tip as that is: what becomes of that is for the walk to say. */
export function putUnmade(draft: GateDraft, item: QueueItem, { state }: Extract<Chain, { kind: 'clash' }>): void {
  putItem(draft, { ...stopAll(draft, item, 'it cannot be landed'), candidate: state });
}

/** Those inside of it that it speaks of as well, with what is to be known of each: none of them has a candidate of its own there. */
function putInside(draft: GateDraft, { under, below }: Made, { guess }: MadeCandidate): void {
  const { excluded = [], onto = 0 } = guess ?? {};
  for (const [at, part] of below.entries()) putBatched(draft, part, { under: under.slice(0, at), excluded, onto });
}

function speakAlone(draft: GateDraft, item: QueueItem, candidate: MadeCandidate, because: string): void {
  putAlone(draft, item, candidate);
  draft.reasons.push(
    `#${item.number}: ${candidate.commit.slice(0, 12)} says nothing of what is inside of it: ${because}`,
  );
}

/**
 * What passed and may land, but stands on a tip of before as others landed that touch nothing of it, is made anew on the tip of
 * now with all that it lets land (scheduling.md §5 "Base moved by a disjoint landing"), if its verdict counts there. Else, where it
 * holds others, each is to land by itself; alone, it is tested anew, and others wait for it. `landBy`: key of what may land;
 * `onto`: how many have landed.
 */
export function moveGreen(draft: GateDraft, facts: QueueFacts, look: Look, landBy: string, onto: number): void {
  const shown = look.builds.get(landBy);
  const build = look.view.builds.find(({ key }) => key === landBy);
  const left = build?.included.filter((id) => !look.view.hasLanded(id)) ?? [];
  if (!shown || draft.record.landing !== null) return;
  const { item, candidate } = shown;
  const seen = walked(candidate);
  // Its pass is remembered once all of it has ended.
  if (seen.verdict !== 'passed' || !seen.ended || candidate.verdict === null) return;
  const items = left.flatMap((id) => look.standings.find(({ unit, isTested }) => isTested && unit === id)?.item ?? []);
  if (items.length !== left.length) return;
  const chain = chainOf(draft, facts, tipsOf(draft.record), items);
  if (chain.kind === 'wanted') return;
  const as = candidate.commit.slice(0, 12);
  const isAlone = items.length === 1;
  if (chain.kind === 'clash') {
    if (isAlone) putUnmade(draft, item, chain);
    else speakAlone(draft, item, candidate, 'one of them cannot be put on what has landed');
    return;
  }
  const { under } = chain;
  const moved = movedTo(candidate, { candidate: changedAs(candidate, chain.candidate), under }, item.makes + 1, onto);
  const carried = isCarried(draft, facts, { ...item, makes: item.makes + 1 }, moved);
  if (carried === 'unread' || moved.commit === candidate.commit) return;
  if (carried) {
    putMoved(draft, item, candidate, moved);
    putInside(draft, chain, moved);
    const held = isAlone ? '' : ` with ${under.map(({ unit }) => shownUnit(unit)).join(', ')} inside`;
    draft.reasons.push(`#${item.number}: ${as} is made anew on the tip as ${moved.commit.slice(0, 12)}${held}`);
    return;
  }
  if (!isAlone) {
    speakAlone(draft, item, candidate, 'its jobs read other files where others have landed');
    return;
  }
  // Jobs of others that it was tested with count for nothing where it is tested by itself.
  if (candidate.guess?.heads !== undefined) {
    putDropped(draft, item, candidate, false);
    return;
  }
  putDropped(draft, { ...item, touches: 'everything' }, candidate, false);
  draft.reasons.push(`#${item.number}: may matter to every other: ${as} says nothing of it where others have landed`);
}
