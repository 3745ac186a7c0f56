import { isMap, type Located, type LocatedEntry } from './located.ts';

/**
 * The entries of a map with its `<<` followed: what is written in the map wins over what is merged in, and the first of
 * several merged maps over the later ones. Merged entries keep the place where they were written.
 */
export function mergeEntries(
  written: ReadonlyMap<string, LocatedEntry>,
  merges: readonly LocatedEntry[],
  report: (offset: number, message: string, hint: string | null) => void,
): ReadonlyMap<string, LocatedEntry> {
  const [merge, ...more] = merges;
  if (merge === undefined) return written;
  for (const { keyOffset } of more) report(keyOffset, 'a map can have only one `<<`', 'write `<<: [*one, *other]`');
  const entries = new Map<string, LocatedEntry>();
  for (const source of mergeSources(merge, report)) {
    for (const [key, entry] of source.entries) if (!entries.has(key)) entries.set(key, entry);
  }
  for (const [key, entry] of written) {
    entries.delete(key);
    entries.set(key, entry);
  }
  return entries;
}

function mergeSources(
  merge: LocatedEntry,
  report: (offset: number, message: string, hint: string | null) => void,
): Located[] {
  const { node } = merge;
  const sources = Array.isArray(node.value) ? node.items : [node];
  return sources.filter((source) => {
    if (source.broken) return false;
    if (isMap(source)) return true;
    report(merge.keyOffset, '`<<` merges maps, and this is none', 'write `<<: *name` where &name is on a map');
    return false;
  });
}
