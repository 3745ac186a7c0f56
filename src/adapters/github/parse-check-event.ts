import type { EventDetail } from '../../model/forge-event.ts';
import { idAt, shaAt, textAt, valueAt } from './read-payload.ts';

/** A button on one check run: "Re-run", or one that we put there. Those of other Apps are not ours to answer. */
export function parseCheckButton(payload: unknown, action: string, appId: number): EventDetail {
  if (action !== 'rerequested' && action !== 'requested_action') {
    return ignored('of a check run only its buttons count');
  }
  const other = otherApp(payload, 'check_run', appId);
  if (other !== null) return other;
  const head = shaAt(payload, 'check_run', 'head_sha');
  const check = textAt(payload, 400, 'check_run', 'name');
  if (head === null || check === null) return ignored('the check run has no commit or no name of ours');
  const button = action === 'rerequested' ? 'rerun' : 'action';
  const identifier = textAt(payload, 60, 'requested_action', 'identifier');
  if (button === 'action' && identifier === null) return ignored('the payload names no button of ours');
  const externalId = textAt(payload, 200, 'check_run', 'external_id') ?? '';
  const numbers = pullRequestNumbers(payload, 'check_run');
  return {
    kind: 'check-button',
    button,
    head,
    check,
    externalId,
    identifier: button === 'action' ? identifier : null,
    numbers,
  };
}

/** "Re-run all checks" on our check suite. */
export function parseSuiteButton(payload: unknown, action: string, appId: number): EventDetail {
  if (action !== 'rerequested') return ignored('of a check suite only "Re-run all" counts');
  const other = otherApp(payload, 'check_suite', appId);
  if (other !== null) return other;
  const head = shaAt(payload, 'check_suite', 'head_sha');
  if (head === null) return ignored('the check suite names no commit');
  const numbers = pullRequestNumbers(payload, 'check_suite');
  return { kind: 'check-button', button: 'rerun-all', head, check: '', externalId: '', identifier: null, numbers };
}

function otherApp(payload: unknown, what: 'check_run' | 'check_suite', appId: number): EventDetail | null {
  const found = idAt(payload, what, 'app', 'id');
  return found === appId ? null : ignored(`it belongs to App ${found ?? 'unknown'}, not to ours (${appId})`);
}

/** At most 20, and only of this repository: the same head may be open in forks too. */
export function pullRequestNumbers(payload: unknown, what: 'check_run' | 'check_suite'): readonly number[] {
  const listed = valueAt(payload, what, 'pull_requests');
  const repository = idAt(payload, 'repository', 'id');
  if (!Array.isArray(listed)) return [];
  const own = listed.filter((entry) => idAt(entry, 'base', 'repo', 'id') === repository);
  return own.flatMap((entry) => idAt(entry, 'number') ?? []).slice(0, 20);
}

/** Every no carries its reason. */
export function ignored(because: string): Extract<EventDetail, { kind: 'ignored' }> {
  return { kind: 'ignored', because };
}
