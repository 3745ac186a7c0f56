import type { BuildId } from '../../model/build.ts';
import type { LineEntry, LineLimits } from '../../model/line.ts';

function countBy(entries: readonly LineEntry[], key: (entry: LineEntry) => number): Map<number, number> {
  const counts = new Map<number, number>();
  for (const entry of entries) counts.set(key(entry), (counts.get(key(entry)) ?? 0) + 1);
  return counts;
}

function isBefore(a: LineEntry, b: LineEntry): boolean {
  if (a.since !== b.since) return a.since < b.since;
  return a.build < b.build;
}

/** The oldest waiting entry of each repository, within one priority. */
function frontOf(waiting: ReadonlySet<LineEntry>, priority: number): LineEntry[] {
  const fronts = new Map<number, LineEntry>();
  for (const entry of waiting) {
    if (entry.priority !== priority) continue;
    const front = fronts.get(entry.repository);
    if (!front || isBefore(entry, front)) fronts.set(entry.repository, entry);
  }
  return [...fronts.values()];
}

/**
 * The order in which the waiting builds of one pool get slots: priority, then the repository that holds fewest slots
 * (its waiting ones that come before counted in), then age. Deterministic for the same entries.
 */
export function orderLine(entries: readonly LineEntry[]): readonly LineEntry[] {
  const waiting = new Set(entries.filter((entry) => entry.state === 'waiting'));
  const held = countBy(
    entries.filter((entry) => entry.state !== 'waiting'),
    (entry) => entry.repository,
  );
  const ordered: LineEntry[] = [];
  for (const priority of [...new Set([...waiting].map((entry) => entry.priority))].sort((a, b) => a - b)) {
    for (let front = frontOf(waiting, priority); front.length > 0; front = frontOf(waiting, priority)) {
      const next = front.reduce((best, entry) => {
        const [mine, theirs] = [held.get(entry.repository) ?? 0, held.get(best.repository) ?? 0];
        return mine < theirs || (mine === theirs && isBefore(entry, best)) ? entry : best;
      });
      ordered.push(next);
      waiting.delete(next);
      held.set(next.repository, (held.get(next.repository) ?? 0) + 1);
    }
  }
  return ordered;
}

/** Which waiting builds may have a slot now, in order; a limit that is reached passes over, it does not block others. */
export function pickStarts(entries: readonly LineEntry[], limits: LineLimits): readonly BuildId[] {
  const holding = entries.filter((entry) => entry.state !== 'waiting');
  const perRepository = countBy(holding, (entry) => entry.repository);
  const perAuthor = countBy(holding, (entry) => entry.author);
  const picked: BuildId[] = [];
  for (const entry of orderLine(entries)) {
    if (holding.length + picked.length >= limits.pool) break;
    const [repository, author] = [perRepository.get(entry.repository) ?? 0, perAuthor.get(entry.author) ?? 0];
    if (repository >= limits.perRepository || author >= limits.perAuthor) continue;
    perRepository.set(entry.repository, repository + 1);
    perAuthor.set(entry.author, author + 1);
    picked.push(entry.build);
  }
  return picked;
}
