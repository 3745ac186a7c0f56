import type { EventDetail } from '../../model/forge-event.ts';
import type { Sha } from '../../model/sha.ts';
import { ignored, pullRequestNumbers } from './parse-check-event.ts';
import { idAt, shaAt } from './read-payload.ts';

/** Somebody else reported on a commit: a condition of the changes that have it as their head may hold now, or no more. */
export interface HeadReport {
  readonly kind: 'head';
  readonly head: Sha;
  /** What the event names; empty for forks and statuses: then the head finds them. */
  readonly numbers: readonly number[];
}

type Ignored = Extract<EventDetail, { kind: 'ignored' }>;

/** A check run or suite of another App that has completed; our own we know of. */
export function parseReport(
  payload: unknown,
  what: 'check_run' | 'check_suite',
  action: string,
  appId: number,
): HeadReport | Ignored {
  if (action !== 'completed') return ignored(`what others report counts when it is completed, not ${action}`);
  const writer = idAt(payload, what, 'app', 'id');
  if (writer === appId) return ignored('what our own App reports is known');
  const head = shaAt(payload, what, 'head_sha');
  if (head === null) return ignored('the report names no commit');
  return { kind: 'head', head, numbers: pullRequestNumbers(payload, what) };
}

/** A commit status, which names no pull request at all. */
export function parseStatus(payload: unknown): HeadReport | Ignored {
  const head = shaAt(payload, 'sha');
  return head === null ? ignored('the status names no commit') : { kind: 'head', head, numbers: [] };
}
