import type { EventDetail, ForgeEvent } from '../../model/forge-event.ts';
import { ignored, parseCheckButton, parseSuiteButton } from './parse-check-event.ts';
import { parseOpened } from './parse-opened.ts';
import { parseReport, parseStatus } from './parse-report-event.ts';
import { idAt, personAt, repositoryAt, shaAt, textAt, valueAt } from './read-payload.ts';

/** The two headers of a delivery that are used here, after its signature was found right. */
export interface DeliveryHeaders {
  /** `X-GitHub-Event` */
  readonly event: string;
  /** `X-GitHub-Delivery` */
  readonly delivery: string;
}

type Reader = (payload: unknown, action: string, appId: number) => EventDetail;

const repositories: Reader = () => ({ kind: 'repositories' });

const readers: Readonly<Record<string, Reader>> = {
  pull_request: (payload, action) => {
    const detail = pullRequest(payload, 'pull_request', 'number');
    const opened = action === 'opened' && detail.kind === 'pull-request' ? parseOpened(payload) : null;
    return opened === null ? detail : { ...detail, opened };
  },
  issue_comment: (payload, action) => {
    if (action !== 'created') return ignored(`a comment counts when it is created, not ${action}`);
    if (valueAt(payload, 'issue', 'pull_request') === undefined)
      return ignored('a comment on an issue, not on a pull request');
    return pullRequest(payload, 'issue', 'number');
  },
  // Its approval, its words and its dismissal may each change whether a change may enter.
  pull_request_review: (payload) => pullRequest(payload, 'pull_request', 'number'),
  pull_request_review_thread: (payload) => pullRequest(payload, 'pull_request', 'number'),
  pull_request_review_comment: (payload, action) => {
    if (action !== 'created') return ignored(`a review comment counts when it is created, not ${action}`);
    return pullRequest(payload, 'pull_request', 'number');
  },
  check_run: (payload, action, appId) =>
    isButton(action) ? parseCheckButton(payload, action, appId) : parseReport(payload, 'check_run', action, appId),
  check_suite: (payload, action, appId) =>
    isButton(action) ? parseSuiteButton(payload, action, appId) : parseReport(payload, 'check_suite', action, appId),
  status: parseStatus,
  push: parsePush,
  installation: repositories,
  installation_repositories: repositories,
  installation_target: repositories,
  repository: repositories,
};

/**
 * What a delivery tells us (commands.md §2, §3), at most 2 KB as JSON whatever the payload. Never throws: what is not
 * ours or cannot be understood is `ignored`, with the reason. Our own comments are not sorted out here.
 */
export function parseEvent(headers: DeliveryHeaders, payload: unknown, receivedAt: number, appId: number): ForgeEvent {
  const action = textAt(payload, 60, 'action');
  const event = textAt(headers, 60, 'event') ?? 'unreadable';
  const common = {
    delivery: textAt(headers, 100, 'delivery') ?? '',
    name: action === null ? event : `${event}.${action}`,
    installation: idAt(payload, 'installation', 'id'),
    repository: repositoryAt(payload, 'repository'),
    sender: personAt(payload, 'sender'),
    receivedAt,
  };
  const detail = readDetail(event, payload, action ?? '', appId);
  if (common.repository === null && detail.kind !== 'repositories' && detail.kind !== 'ignored') {
    return { ...common, detail: ignored('the payload names no repository') };
  }
  return { ...common, detail };
}

function readDetail(event: string, payload: unknown, action: string, appId: number): EventDetail {
  const reader = Object.hasOwn(readers, event) ? readers[event] : undefined;
  if (reader === undefined) return ignored('not an event that anything here depends on');
  return reader(payload, action, appId);
}

function isButton(action: string): boolean {
  return action === 'rerequested' || action === 'requested_action';
}

function pullRequest(payload: unknown, ...path: readonly [string, string]): EventDetail {
  const number = idAt(payload, ...path);
  if (number === null) return ignored('the payload names no pull request');
  return { kind: 'pull-request', number, head: shaAt(payload, 'pull_request', 'head', 'sha') };
}

/** Of an annotated tag `after` is the tag itself, and the head what it names (versions.md §5). */
function parsePush(payload: unknown): EventDetail {
  const ref = textAt(payload, 800, 'ref');
  const before = shaAt(payload, 'before');
  const named = ref?.startsWith('refs/tags/') ? shaAt(payload, 'head_commit', 'id') : null;
  const after = named ?? shaAt(payload, 'after');
  if (ref === null || before === null || after === null) return ignored('the push names no ref or no commits');
  return { kind: 'push', ref, before, after, forced: valueAt(payload, 'forced') === true };
}
