import type { EventDetail } from '../../../src/model/forge-event.ts';
import type { Person } from '../../../src/model/person.ts';
import type { Sha } from '../../../src/model/sha.ts';
import type { ForgeWorld, Pull, Repository } from '../forge-world.ts';
import type { Sim } from '../sim.ts';
import type { Webhooks } from '../webhooks.ts';
import type { RepositoryGit } from './repository-git.ts';

export interface Forges {
  readonly sim: Sim;
  readonly forge: ForgeWorld;
  readonly webhooks: Webhooks;
}

export function gitOf(repository: Repository): RepositoryGit {
  if (repository.git === null) throw new Error(`${repository.project.name} has no git`);
  return repository.git;
}

/** The forge marks a pull request as merged a while after its head came to be in the branch. */
function markMerged({ sim, webhooks }: Forges, repository: Repository, branch: string, sender: Person): void {
  const { model } = gitOf(repository);
  const draws = sim.chance.stream('merged marks');
  const isIn = (pull: Pull): boolean => {
    const tip = repository.branches.get(branch)?.now();
    return (
      pull.state.now() === 'open' &&
      pull.baseRef.now() === branch &&
      tip !== undefined &&
      model.contains(tip, pull.head.now())
    );
  };
  for (const pull of [...repository.pulls.values()].filter(isIn)) {
    const late = sim.faultsOn() && draws.happens(sim.knobs.rates.lateMark);
    sim.time.after(late ? draws.between(20_000, 300_000) : draws.between(300, 5_000), () => {
      if (!isIn(pull)) return;
      pull.state.set('merged');
      pull.updatedAt = sim.time.now();
      const detail: EventDetail = { kind: 'pull-request', number: pull.number, head: null };
      webhooks.emit(repository, 'pull_request.closed', sender, detail);
    });
  }
}

/** A branch goes where somebody pushed it. */
export function moveBranch(
  forges: Forges,
  repository: Repository,
  branch: string,
  to: Sha,
  by: { readonly person: Person; readonly ours: boolean },
): void {
  const git = gitOf(repository);
  const tip = repository.branches.get(branch);
  if (!tip) throw new Error(`no branch ${branch}`);
  const before = tip.now();
  if (before === to) return;
  git.pushed.add(to);
  const isKnown = forges.forge.knowsBranch(repository.project.id, branch);
  git.moves.push({ branch, from: before, to, at: forges.sim.time.now(), ours: by.ours, by: by.person, isKnown });
  tip.set(to);
  forges.sim.tell(() => `branch ${branch} of ${repository.project.name}: ${before.slice(0, 8)} to ${to.slice(0, 8)}`);
  const forced = !git.model.contains(to, before);
  forges.webhooks.emit(repository, 'push', by.person, {
    kind: 'push',
    ref: `refs/heads/${branch}`,
    before,
    after: to,
    forced,
  });
  markMerged(forges, repository, branch, by.person);
}
