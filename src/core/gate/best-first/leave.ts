import type { MadeCandidate } from '../../../model/queue.ts';
import { type GateDraft, putItem, stopCandidate } from '../draft.ts';
import { madeOf } from '../made-of.ts';
import { withMade } from './put-builds.ts';

function plain({ guess: _, spent: __, ...made }: MadeCandidate): MadeCandidate {
  return made;
}

/** The window says again which candidates are tested: one of each item at most, which the walk goes on with or does not. */
export function leaveBestFirst(draft: GateDraft): void {
  if (draft.record.schedule === undefined) return;
  for (const item of draft.record.items) {
    // What has its verdict of another tree lands only in lanes.
    const [first, ...others] = madeOf(item).filter(({ verdict }) => verdict?.reused?.tree === undefined);
    for (const other of others) stopCandidate(draft, item, other, 'each change has one candidate from now on');
    const { rejecting: _, batched: __, ...rest } = item;
    putItem(draft, withMade(rest, first === undefined ? [] : [plain(first)]));
  }
  const { schedule: _, ...record } = draft.record;
  draft.record = record;
}
