import { branch, isMap, type Located, type LocatedEntry } from './located.ts';

/** Whether a null at this place of the upper document takes away what is below it; else it is a value like others. */
export type TakesAway = (path: readonly string[], node: Located) => boolean;

/**
 * One document on top of another, by the rule of config.md ("Where it lives" 3): maps merge, everything else replaces, `null`
 * takes away what is below it. Each value keeps the place where it was written.
 */
export function overlay(lower: Located, upper: Located, takesAway: TakesAway, path: readonly string[] = []): Located {
  if (!isMap(lower) || !isMap(upper) || upper.broken) return upper;
  const entries = new Map<string, LocatedEntry>(lower.entries);
  for (const [key, entry] of upper.entries) {
    const below = entries.get(key);
    const at = [...path, key];
    if (below !== undefined && entry.node.value === null && takesAway(at, entry.node)) entries.delete(key);
    else if (below === undefined) entries.set(key, entry);
    else entries.set(key, { ...entry, node: overlay(below.node, entry.node, takesAway, at) });
  }
  const value = Object.fromEntries([...entries].map(([key, entry]) => [key, entry.node.value]));
  return branch(value, upper.offset, entries, []);
}

/** The same document as if it stood further on in a longer text; what it shares stays shared. */
export function moveBy(distance: number, root: Located): Located {
  const moved = new Map<Located, Located>();
  const move = (node: Located): Located => {
    const known = moved.get(node);
    if (known !== undefined) return known;
    const entries = [...node.entries].map(
      ([key, { keyOffset, node: inner }]) => [key, { keyOffset: keyOffset + distance, node: move(inner) }] as const,
    );
    const made = {
      ...node,
      offset: node.offset + distance,
      entries: new Map(entries),
      items: node.items.map(move),
    };
    moved.set(node, made);
    return made;
  };
  return move(root);
}
