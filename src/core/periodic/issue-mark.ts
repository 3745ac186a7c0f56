import type { GreenRun, Nightly, RedStreak } from '../../model/periodic.ts';
import { isSha } from '../../model/sha.ts';

/** What the body of a nightly's issue keeps for whoever has lost everything else. */
export type IssueMark =
  | { readonly kind: 'red'; readonly streak: RedStreak }
  | { readonly kind: 'green'; readonly run: GreenRun };

/** What every issue of a nightly has in its body. */
export const nightlyMark = '<!-- sluice-nightly ';

/** The line that a nightly's issue is found by; no two nightlies have the same. */
export function markOf(key: string): string {
  return `${nightlyMark}${key} `;
}

/** Of which nightly an issue is, by its body; null: of none. */
export function keyOfIssue(body: string): string | null {
  const start = body.lastIndexOf(nightlyMark);
  return start === -1 ? null : (/^[0-9a-f]{12}(?= )/.exec(body.slice(start + nightlyMark.length))?.[0] ?? null);
}

/** The last line of the body, which nobody sees. */
export function writeMark({ key, red, green }: Pick<Nightly, 'key' | 'red' | 'green'>): string {
  const { failed: _failed, ...last } = red?.last ?? { failed: [] };
  const kept = red === null ? { green } : { red: { first: red.first, last, count: red.count, before: red.before } };
  return `${markOf(key)}${JSON.stringify(kept)} -->`;
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && name in value
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function placeIn(value: unknown): RedStreak['first'] | null {
  const [commit, at] = [fieldOf(value, 'commit'), fieldOf(value, 'at')];
  return typeof commit === 'string' && isSha(commit) && isTime(at) ? { commit, at } : null;
}

/** What a body keeps; null: nothing that we wrote, for anybody who may write there may change it. */
export function readMark(body: string, key: string): IssueMark | null {
  const start = body.lastIndexOf(markOf(key));
  const text = start === -1 ? '' : body.slice(start + markOf(key).length).split(' -->')[0];
  let kept: unknown;
  try {
    kept = JSON.parse(text ?? '');
  } catch {
    // Somebody edited it.
    return null;
  }
  const [red, green] = [fieldOf(kept, 'red'), fieldOf(kept, 'green')];
  const [first, last] = [placeIn(fieldOf(red, 'first')), placeIn(fieldOf(red, 'last'))];
  const [count, before] = [fieldOf(red, 'count'), fieldOf(red, 'before')];
  if (first && last && isTime(count)) {
    const ground = typeof before === 'string' && isSha(before) ? before : null;
    return { kind: 'red', streak: { first, last: { ...last, failed: [] }, count, before: ground } };
  }
  const [run, tree] = [placeIn(green), fieldOf(green, 'tree')];
  return run && typeof tree === 'string' && isSha(tree) ? { kind: 'green', run: { ...run, tree } } : null;
}

/** Whether a closed issue with this body was left so by us, as we close it with no streak in it; one that a person closed keeps its own. */
export function isClosedByUs(body: string, key: string): boolean {
  return body.includes(writeMark({ key, red: null, green: null })) || readMark(body, key)?.kind === 'green';
}
