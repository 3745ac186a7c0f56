import type { LedgerDetail } from '../../../src/model/ledger.ts';
import type { Sha } from '../../../src/model/sha.ts';
import type { Repository, StoredCheckRun } from '../forge-world.ts';
import type { Outcome } from '../world.ts';

/** What people find in the end: each thing's name with what it says. */
export type Ending = ReadonlyMap<string, string>;

/** How long something took depends on when it was looked at. */
const duration = / in \d[\d.]* (?:s|min)\b.*/;

/** Which of the two it is called depends on what is seen first: the branch, or the pull request. */
const landedByHand = /^(?:Landed outside the gate|Already contained)$/;

function titleOf(run: StoredCheckRun): string {
  return run.title.replace(duration, '').replace(landedByHand, 'On its branch');
}

/** An entry without its time, what a verdict says of times, and numbers of other entries, which depend on their order. */
function wordsOf(detail: LedgerDetail): string {
  const words = detail as { readonly [key: string]: unknown };
  const told = ['kind', 'number', 'version', 'tag', 'commit', 'tree'].flatMap((key) =>
    words[key] === undefined ? [] : [`${key} ${words[key]}`],
  );
  // Which images are built of what is pushed onto a branch that was just put back depends on which of the two is heard first.
  const isPushed = detail.kind === 'pushed';
  const images = 'images' in detail && !isPushed ? detail.images.map((image) => `${image.name} ${image.digest}`) : [];
  return [...told, ...images].join(', ');
}

function ledgerOf({ git }: Repository, branch: string): string {
  const lines: string[] = [];
  let at: Sha | null | undefined = git?.ledgers.get(branch);
  while (git && at) {
    const entry = git.entries.get(at);
    // What was built again is a repair of the registry, which depends on what was collected in it meanwhile.
    if (entry && entry.detail.kind !== 'published') lines.push(wordsOf(entry.detail));
    at = git.model.get(at)?.parents[0];
  }
  // Words of two writers, the gate's of a reset and of what was pushed with it, come in either order.
  return lines.sort().join('\n');
}

/** Under which what may land waits: how many of them there are depends on how often it was tested. */
function isOfChange(tag: string): boolean {
  return tag.startsWith('change_');
}

/** Branches, changes, ledgers, the check runs on every tip, and every tag that people pull. */
export function endingOf({ world }: Pick<Outcome, 'world'>): Ending {
  const found = new Map<string, string>();
  const tips = new Set<string>();
  const conflicting = new Set<string>();
  for (const [id, repository] of world.forge.repositories) {
    for (const [branch, tip] of repository.branches) {
      tips.add(tip.now());
      found.set(`${id} ${branch}`, tip.now());
    }
    for (const { number, head, state, baseRef } of repository.pulls.values()) {
      tips.add(head.now());
      const base = repository.branches.get(baseRef.now())?.now();
      if (base && repository.git?.model.merge(base, head.now()).kind === 'conflict') conflicting.add(head.now());
      found.set(`${id} #${number}`, `${state.now()} ${head.now()}`);
    }
    for (const branch of repository.git?.ledgers.keys() ?? [])
      found.set(`${id} ledger of ${branch}`, ledgerOf(repository, branch));
  }
  // Oldest first: of several of a name the newest is what people see.
  // That a base moved into a conflict is seen when somebody next looks at the pull request.
  for (const run of [...world.forge.checkRuns.values()].flat().sort((a, b) => a.id - b.id))
    if (tips.has(run.commit) && !(run.name === 'sluice' && conflicting.has(run.commit)))
      found.set(`${run.name} on ${run.commit}`, `${JSON.stringify(run.state)} ${titleOf(run)}`);
  for (const [name, { tags }] of world.registries.repositories)
    for (const [tag, digest] of tags)
      if (digest.now() !== null && !isOfChange(tag)) found.set(`${name}:${tag}`, String(digest.now()));
  return found;
}
