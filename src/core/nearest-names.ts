function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const swap = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/** At most three known names that somebody may have meant, nearest first; none when nothing is near. */
export function nearestNames(name: string, known: readonly string[]): readonly string[] {
  const wanted = name.slice(0, 64).toLowerCase();
  const near = known
    .map((other) => ({ other, far: distance(wanted, other.toLowerCase()) }))
    .filter(({ other, far }) => far <= Math.max(2, Math.floor(Math.max(wanted.length, other.length) / 3)));
  near.sort((a, b) => a.far - b.far || (a.other < b.other ? -1 : 1));
  return near.slice(0, 3).map(({ other }) => other);
}
