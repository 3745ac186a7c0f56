import type { ObservedCheckRun } from '../../../model/check-run.ts';
import type { GateRequest, Override } from '../../../model/gate-request.ts';
import type { Person } from '../../../model/person.ts';
import type { AskedChange, QueueLane } from '../../../model/queue.ts';
import type { Sha } from '../../../model/sha.ts';

/** What must outlive Redis of a change that was asked for (design.md §5). */
export type KeptChange = Pick<AskedChange, 'request' | 'lane' | 'entry' | 'overrides' | 'runs'>;

// Only as the first line: nothing that follows, whoever wrote it, is ever taken for it, and a text is cut at its end.
const marker = /^<!-- sluice:gate (\{[^\n]*\}) -->(?:\r?\n|$)/;

/** JSON that neither ends a comment nor holds what a forge might change: plain ASCII without angle brackets. */
function plainJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<>\u007f-\uffff]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** How a request is kept on the forge. It must be the first line of the text of our own check run on that exact head. */
export function changeMark({ request, lane, entry, overrides, runs }: KeptChange): string {
  const { head, by, permission, at, order } = request;
  const kept = {
    head,
    by,
    permission,
    at,
    ...(order === undefined ? {} : { order }),
    lane,
    entry,
    ...(runs === undefined ? {} : { runs }),
    overrides: overrides.map((each) => ({ check: each.check, head: each.head, by: each.by, at: each.at })),
  };
  return `<!-- sluice:gate ${plainJson(kept)} -->`;
}

type Fields = Readonly<Record<string, unknown>>;

function fieldsOf(value: unknown): Fields | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null;
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function personFrom(value: unknown): Person | null {
  const { id, login, kind } = fieldsOf(value) ?? {};
  if (!isCount(id) || typeof login !== 'string' || (kind !== 'user' && kind !== 'bot')) return null;
  return { id, login, kind };
}

function requestFrom({ head, by, permission, at, order }: Fields, commit: Sha): GateRequest | null {
  const person = personFrom(by);
  if (head !== commit || person === null || typeof permission !== 'string' || !isCount(at)) return null;
  return { head: commit, by: person, permission, at, ...(isCount(order) ? { order } : {}) };
}

function overrideFrom(value: unknown, commit: Sha): Override | null {
  const { check, head, by, at } = fieldsOf(value) ?? {};
  const person = personFrom(by);
  if (head !== commit || person === null || typeof check !== 'string' || !isCount(at)) return null;
  return { check, head: commit, by: person, at };
}

function isLane(value: unknown): value is QueueLane {
  return value === 'hotfix' || value === 'normal' || value === 'bulk';
}

function parseMark(text: string): Fields | null {
  const kept = marker.exec(text)?.[1];
  try {
    return kept === undefined ? null : fieldsOf(JSON.parse(kept));
  } catch {
    // Cut or damaged: no request, which only costs another one.
    return null;
  }
}

/**
 * The request that `changeMark` kept on this check run; null on one of another name, or where any part of it is damaged or
 * speaks of another head.
 */
export function readChangeMark(
  run: Pick<ObservedCheckRun, 'name' | 'commit' | 'text'>,
  ownCheck: string,
): KeptChange | null {
  const kept = run.name === ownCheck ? parseMark(run.text) : null;
  if (kept === null) return null;
  const { lane, entry, overrides: listed, runs } = kept;
  const request = requestFrom(kept, run.commit);
  if (request === null || !isLane(lane) || !isCount(entry) || !Array.isArray(listed)) return null;
  const overrides = listed.flatMap((each) => overrideFrom(each, run.commit) ?? []);
  return overrides.length < listed.length
    ? null
    : { request, lane, entry, overrides, ...(isCount(runs) ? { runs } : {}) };
}
