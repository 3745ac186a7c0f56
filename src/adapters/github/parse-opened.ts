import type { PullRequest } from '../../model/pull-request.ts';
import { idAt, personAt, shaAt, textAt, valueAt } from './read-payload.ts';

/** All of it, as JSON: an event is kept with it, and has at most 2 KB. */
const maxBytes = 1_200;

/**
 * What a delivery says of the pull request that was opened; null when it is not all there, too long to be kept with the
 * event, or when a line of its text might be a command.
 */
export function parseOpened(payload: unknown): (PullRequest & { readonly state: 'open' }) | null {
  const pull = valueAt(payload, 'pull_request');
  const [number, author, head] = [idAt(pull, 'number'), personAt(pull, 'user'), shaAt(pull, 'head', 'sha')];
  const texts = ['title', 'html_url', 'created_at', 'updated_at'].map((key) => textAt(pull, maxBytes, key));
  const [headRef, baseRef] = [textAt(pull, maxBytes, 'head', 'ref'), textAt(pull, maxBytes, 'base', 'ref')];
  const [title, url, createdAt, updatedAt] = texts;
  if (number === null || author === null || head === null || headRef === null || baseRef === null) return null;
  if (title == null || url == null || createdAt == null || updatedAt == null) return null;
  const draft = valueAt(pull, 'draft');
  const labels = labelsOf(valueAt(pull, 'labels'));
  if (valueAt(pull, 'state') !== 'open' || typeof draft !== 'boolean' || labels === null || mayCommand(pull))
    return null;
  const opened = {
    number,
    title,
    author,
    state: 'open' as const,
    draft,
    head,
    headRef,
    baseRef,
    labels,
    createdAt: Date.parse(createdAt),
    updatedAt: Date.parse(updatedAt),
    url,
  };
  const isTimed = Number.isFinite(opened.createdAt) && Number.isFinite(opened.updatedAt);
  return isTimed && Buffer.byteLength(JSON.stringify(opened)) <= maxBytes ? opened : null;
}

/** A line that begins with a slash, behind any marks that markdown may have before it. */
function mayCommand(pull: unknown): boolean {
  const body = valueAt(pull, 'body');
  if (body === null) return false;
  return typeof body !== 'string' || /^[^\p{L}\p{N}]*\//mu.test(body);
}

function labelsOf(value: unknown): string[] | null {
  if (!Array.isArray(value)) return null;
  const names = value.map((label) => textAt(label, 200, 'name'));
  return names.every((name) => name !== null) ? names : null;
}
