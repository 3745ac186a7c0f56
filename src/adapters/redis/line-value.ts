import type { LineEntry } from '../../model/line.ts';

/** An entry without its state, which the scripts keep in front of it; the same entry always gives the same text. */
export function lineValue(entry: Omit<LineEntry, 'state'>): string {
  const { build, subject, pool, priority, since, repository, author, semaphore, holder, trust, architecture } = entry;
  const kept = { build, subject, pool, priority, since, repository, author, semaphore, holder, trust, architecture };
  return JSON.stringify(kept);
}

/** Reads `<state> <json>` back. */
export function toLineEntry(value: string): LineEntry {
  const space = value.indexOf(' ');
  const { untrusted, ...kept } = JSON.parse(value.slice(space + 1));
  // As earlier versions wrote it.
  return { ...(untrusted === true ? { trust: 'untrusted' } : {}), ...kept, state: value.slice(0, space) };
}
