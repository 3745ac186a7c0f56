import type { LineEntry } from '../../model/line.ts';

/** An entry without its state, which the scripts keep in front of it; the same entry always gives the same text. */
export function lineValue(entry: Omit<LineEntry, 'state'>): string {
  const { build, subject, pool, priority, since, repository, author, semaphore, holder, untrusted } = entry;
  return JSON.stringify({ build, subject, pool, priority, since, repository, author, semaphore, holder, untrusted });
}

/** Reads `<state> <json>` back. */
export function toLineEntry(value: string): LineEntry {
  const space = value.indexOf(' ');
  return { ...JSON.parse(value.slice(space + 1)), state: value.slice(0, space) };
}
