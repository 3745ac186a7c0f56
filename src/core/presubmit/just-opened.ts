import type { ForgeEvent } from '../../model/forge-event.ts';
import type { PresubmitRecord } from '../../model/presubmit.ts';
import type { PullRequest } from '../../model/pull-request.ts';

/** How long after the opening its delivery may come, and how long it may then wait, in ms. */
const limits = { deliveryMs: 15_000, waitMs: 10_000 };

/**
 * The pull request as its opening told it, where nothing else can be known of it yet: it was opened moments ago, this is
 * the first we hear of it, and our state was not lost in between, so that no earlier life of ours can have answered
 * already. Null: the forge must be asked.
 */
export function justOpened(
  record: PresubmitRecord,
  inbox: readonly ForgeEvent[],
  now: number,
  stateSince: number,
): PullRequest | null {
  const [event, second] = inbox;
  if (event === undefined || second !== undefined || record.pull !== null || record.change !== null) return null;
  if (event.detail.kind !== 'pull-request' || event.detail.opened === undefined) return null;
  const { opened } = event.detail;
  const isFresh =
    Math.abs(event.receivedAt - opened.createdAt) <= limits.deliveryMs && now - event.receivedAt <= limits.waitMs;
  // The forge's clock is not ours: as far as they may differ here, it must have been opened after our state began.
  const isKept = opened.createdAt - stateSince >= limits.deliveryMs;
  return isFresh && isKept && opened.number === record.number && opened.state === 'open' ? opened : null;
}
