import type { EventDetail } from '../../model/forge-event.ts';
import { ignored } from './parse-check-event.ts';
import { idAt, shaAt } from './read-payload.ts';

/** A check run or suite of another App that has completed; our own we know of. */
export function parseReport(
  payload: unknown,
  what: 'check_run' | 'check_suite',
  action: string,
  appId: number,
): EventDetail {
  if (action !== 'completed') return ignored(`what others report counts when it is completed, not ${action}`);
  const writer = idAt(payload, what, 'app', 'id');
  if (writer === appId) return ignored('what our own App reports is known');
  const head = shaAt(payload, what, 'head_sha');
  return head === null ? ignored('the report names no commit') : { kind: 'head', head };
}

/** A commit status, which names no pull request at all. */
export function parseStatus(payload: unknown): EventDetail {
  const head = shaAt(payload, 'sha');
  return head === null ? ignored('the status names no commit') : { kind: 'head', head };
}
