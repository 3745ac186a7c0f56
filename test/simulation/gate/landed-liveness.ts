import type { LedgerEntry } from '../../../src/model/ledger.ts';
import type { Repository } from '../forge-world.ts';
import type { Surroundings } from '../processes.ts';
import { gitOf } from './move-branch.ts';
import { isTakenOut } from './owned-tags.ts';
import { entriesOf } from './repository-git.ts';

/** What a landing still owes to its author: to read on its head that it landed, by itself or inside of another; null: nothing. */
function owedOfLanding(
  { forge }: Surroundings,
  repository: Repository,
  branch: string,
  { detail, at }: LedgerEntry,
): string | null {
  if (detail.kind !== 'landed') return null;
  const pull = repository.pulls.get(detail.number);
  // A head that was pushed away and comes back is another one to whoever looks.
  if (!pull || pull.head.now() !== detail.head || pull.head.setAt() > at || pull.baseRef.now() !== branch) return null;
  const runs = (forge.checkRuns.get(detail.head) ?? []).filter(({ name }) => name === `sluice/gate/${branch}`);
  if (runs.some(({ state }) => state.status === 'completed' && state.conclusion === 'success')) return null;
  const said = runs.map(({ title }) => `"${title}"`).join(', ');
  return `#${pull.number} landed as ${detail.commit.slice(0, 8)}, and its author reads ${said === '' ? 'nothing' : said}`;
}

/** Every author of what landed and still stands is told so, whatever was lost right after (scheduling.md §4, I6). */
export function owedOfLandings(world: Surroundings, repository: Repository): readonly string[] {
  const git = gitOf(repository);
  // Words of a repository that is not seen for a while are dropped.
  if (repository.seen.all().includes(false)) return [];
  return [...repository.branches].flatMap(([branch, tips]) => {
    const tip = tips.now();
    const entries = tip === undefined ? [] : (entriesOf(git, branch) ?? []);
    return entries.flatMap((entry) => {
      const { detail, sequence } = entry;
      const stands = detail.kind === 'landed' && tip !== undefined && git.model.contains(tip, detail.commit);
      if (!stands || isTakenOut(entries, sequence)) return [];
      return owedOfLanding(world, repository, branch, entry) ?? [];
    });
  });
}
