import type { QueueItem } from '../../../model/queue.ts';
import { treeKey } from '../../presubmit/facts.ts';
import { tipsOf } from '../candidates.ts';
import { type GateDraft, putItem } from '../draft.ts';
import type { QueueFacts } from '../facts.ts';
import { type NamedTouches, touchesOf } from '../lanes/touches.ts';
import { jobGraphOf } from '../lanes/why-read.ts';
import { madeOf } from '../made-of.ts';
import { chainOf } from './chain.ts';
import type { BestFirst } from './settings.ts';

/** By the configuration that the change has by itself on the tip; null: that is to be made or read first. */
function touchesAlone(draft: GateDraft, facts: QueueFacts, best: BestFirst, item: QueueItem): NamedTouches | null {
  const everything = (because: string): NamedTouches => ({ touches: 'everything', because });
  const { environment, branches } = facts;
  const settings = branches.get(item.branch)?.settings;
  if (environment === null) return everything("the images of the server's own steps are not named by digest");
  if (settings?.reuseMs === 0) return everything('no pass counts again here');
  const chain = chainOf(draft, facts, tipsOf(draft.record), [item]);
  if (chain.kind === 'wanted') return null;
  if (chain.kind === 'clash') return everything('it cannot be put on the branch as it is');
  const { changed, tree } = chain.candidate;
  const { tip } = best.branch;
  if (tip === null) return null;
  const pinned = { base: tip, tree };
  const read = facts.trees.get(treeKey(pinned));
  if (read === undefined) {
    draft.wants.trees.push({ branch: item.branch, ...pinned });
    return null;
  }
  if (read.config.kind === 'refused') return everything('its configuration cannot be used');
  return touchesOf(jobGraphOf(read.config.config, read), item.view.pull.baseRef, changed);
}

/** What was to have a verdict of before on the tip, and is tested there after all: others wait for it, so that it comes to an end. */
function isTestedAnew({ jobs, guess, verdict }: ReturnType<typeof madeOf>[number]): boolean {
  return guess?.moved !== undefined && jobs !== null && verdict === null;
}

/** Tells once of each item what it touches, where changes are tested in lanes. */
export function nameTouches(draft: GateDraft, facts: QueueFacts, best: BestFirst): void {
  if (!best.lanes || facts.branches.get(best.branch.key)?.settings == null) return;
  for (const item of draft.record.items) {
    const isAnew = item.touches !== 'everything' && madeOf(item).some(isTestedAnew);
    if (item.touches !== undefined && !isAnew) continue;
    const named: NamedTouches | null = isAnew
      ? { touches: 'everything', because: 'it had to be tested anew where others had landed' }
      : touchesAlone(draft, facts, best, item);
    if (named === null) continue;
    const isAll = named.touches === 'everything';
    // A name of its own: what may read every file is concerned by it also where no job is.
    putItem(draft, { ...item, touches: isAll ? 'everything' : [...named.touches, `#${item.number}`] });
    const what = isAll ? 'may matter to every other' : 'touches';
    draft.reasons.push(`#${item.number}: ${what}: ${named.because}`);
  }
}
