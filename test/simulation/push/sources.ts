import { configFile } from '../../../src/model/config.ts';
import type { Sha } from '../../../src/model/sha.ts';
import type { Repository } from '../forge-world.ts';
import { configOf, placeOf } from '../gate/configs.ts';
import { gitOf } from '../gate/move-branch.ts';
import { frozenSince, type OwnedTag, ownedTags } from '../gate/owned-tags.ts';
import type { Owed } from '../liveness.ts';
import type { Surroundings } from '../processes.ts';
import { makesDev } from '../version/makes-dev.ts';
import { answersOn, isLastPushAnswered } from './liveness.ts';

/** A build that did not end well, on a commit that what is published does not hold, tells its author why it is not newer. */
function isExplained(world: Surroundings, repository: Repository, { landing }: OwnedTag): boolean {
  const { model } = gitOf(repository);
  return [...world.forge.checkRuns]
    .filter(([commit]) => !model.contains(landing.landed.commit, commit as Sha))
    .flatMap(([commit]) => answersOn(world, commit))
    .some(
      ({ name, state }) =>
        name !== 'sluice/version' && !(state.status === 'completed' && state.conclusion === 'success'),
    );
}

function owedOfRepository(world: Surroundings, repository: Repository): readonly string[] {
  const git = gitOf(repository);
  const branch = repository.project.defaultBranch;
  const tip = repository.branches.get(branch)?.now();
  const move = git.moves.findLast((each) => each.branch === branch);
  if (tip === undefined || move === undefined || move.ours || move.to !== tip) return [];
  const files = git.model.filesAt(tip) ?? {};
  if (!(configFile in files) || !isLastPushAnswered(world, repository, branch)) return [];
  const jobs = configOf(files).jobs?.filter(({ pipelines }) => pipelines.includes('postsubmit')) ?? [];
  if (frozenSince(git, branch, Number.POSITIVE_INFINITY) || !makesDev(git, branch, move.from, tip)) return [];
  return ownedTags(git, branch, tip).flatMap((owned) => {
    const { image, tag, landing } = owned;
    const built = jobs.flatMap(({ images }) => images).find(({ name }) => placeOf(name) === image.repository);
    if (built === undefined || tag === landing.landed.commit) return [];
    const { below } = built;
    const { commit } = landing.landed;
    // Where only the version differs, what is published stays (versions.md §2 V6).
    const differs = makesDev(git, branch, commit, tip)
      ? git.model.changed(commit, tip).find((path) => below === null || path.startsWith(`${below}/`))
      : undefined;
    world.sim.note(
      differs === undefined
        ? 'end: what is pulled has the sources of its branch'
        : 'end: what is pulled is older than its branch',
    );
    if (differs === undefined || isExplained(world, repository, owned)) return [];
    return [`${image.name}:${tag} is built from ${commit.slice(0, 8)}, and ${differs} differs in ${tip.slice(0, 8)}`];
  });
}

/** What people pull of a branch that was pushed last is built from the files that it has (versions.md §7), or somebody is told why not. */
export function owedOfSources(world: Surroundings): readonly Owed[] {
  if ((world.sim.knobs.queues?.images?.pushes ?? null) === null) return [];
  return [...world.forge.repositories.values()]
    .filter((repository) => repository.seen.now())
    .flatMap((repository) => owedOfRepository(world, repository).map((what) => ({ invariant: 'sources', what })));
}
