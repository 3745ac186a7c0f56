/** The candidate that a mistyped word most likely means; null when none is near. Upper case, `_` and `-` do not count. */
export function nearestName(word: string, candidates: readonly string[]): string | null {
  if (word.length > 60) return null;
  const wanted = bare(word);
  let best: string | null = null;
  let bestDistance = Math.max(1, Math.floor(wanted.length / 3)) + 1;
  for (const candidate of candidates) {
    const other = bare(candidate);
    if (Math.abs(other.length - wanted.length) >= bestDistance) continue;
    const distance = editDistance(wanted, other);
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best ?? onlyBeginningWith(wanted, candidates);
}

// A word that was cut short: `merge` for `merge-endpoint`.
function onlyBeginningWith(wanted: string, candidates: readonly string[]): string | null {
  const [one, other] = candidates.filter((candidate) => wanted.length >= 3 && bare(candidate).startsWith(wanted));
  return other === undefined ? (one ?? null) : null;
}

function bare(word: string): string {
  return word.toLowerCase().replace(/[_-]/g, '');
}

/** Insertions, deletions, replacements and swaps of neighbours that turn one word into the other. */
function editDistance(from: string, to: string): number {
  let older: number[] = [];
  let previous = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i += 1) {
    const current = [i];
    for (let j = 1; j <= to.length; j += 1) {
      const isSame = from[i - 1] === to[j - 1];
      const replaced = (previous[j - 1] ?? 0) + (isSame ? 0 : 1);
      const shortest = Math.min(replaced, (previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1);
      const isSwap = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      current.push(isSwap ? Math.min(shortest, (older[j - 2] ?? 0) + 1) : shortest);
    }
    older = previous;
    previous = current;
  }
  return previous[to.length] ?? 0;
}
