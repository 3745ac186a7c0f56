import type { MadeCandidate, QueueItem, QueueRecord } from '../../../model/queue.ts';
import { standsOn, tipsOf, walked } from '../candidates.ts';
import { foldVerdict } from '../fold-verdict.ts';
import { madeOf } from '../made-of.ts';

/** What of an item failed on the very tip that the branch has; null: nothing did. */
export function failedOnTip(record: QueueRecord, item: Pick<QueueItem, 'candidate' | 'hedges'>): MadeCandidate | null {
  const tips = tipsOf(record);
  const isFailed = (made: MadeCandidate): boolean =>
    walked(made).verdict === 'failed' && standsOn(record, made.parents, tips);
  return madeOf(item).find(isFailed) ?? null;
}

/** What failed, and how it is known to be the change's own fault. */
export function whyFailed({ candidate, hedges, rejecting }: QueueItem): string {
  const failed = madeOf({ candidate, ...(hedges ? { hedges } : {}) }).find((made) => walked(made).verdict === 'failed');
  const what = failed === undefined ? 'it did not pass' : (failed.broken ?? foldVerdict(failed.jobs ?? []).because);
  return rejecting === undefined ? what : `${what}: ${rejecting}`;
}
