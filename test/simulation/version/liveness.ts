import type { Sha } from '../../../src/model/sha.ts';
import { isCompleted, type Repository, type StoredCheckRun } from '../forge-world.ts';
import { configOf, failsOn } from '../gate/configs.ts';
import { gitOf } from '../gate/move-branch.ts';
import type { Owed } from '../liveness.ts';
import type { Surroundings } from '../processes.ts';
import { isForgotten, owedOfBranch } from '../push/liveness.ts';
import { deedsOf, type VersionDeed } from './acts.ts';
import { asksFor, mayRelease } from './check-release.ts';
import { isContradicted, isHeld, releaseCheck } from './held.ts';
import { releaseBranches } from './lines.ts';
import { canBeReleased, compare, isTransition, type PlainVersion, plainVersion, versionAt } from './model.ts';
import { type RecordedRelease, recordedReleases } from './recorded-releases.ts';

/** What Redis answered may be lost again for so long (ms). */
const unsafeMs = 2_000;

function runsOf({ forge }: Surroundings, repository: Repository, prefix: string): readonly StoredCheckRun[] {
  const { model } = gitOf(repository);
  return [...forge.checkRuns.values()]
    .flat()
    .filter(({ name, commit }) => name.startsWith(prefix) && model.get(commit) !== undefined);
}

/** Each release has an end, or waits for a person. */
function owedOfRuns(world: Surroundings, repository: Repository): readonly string[] {
  const all = [...runsOf(world, repository, releaseCheck), ...runsOf(world, repository, 'sluice/tag/')];
  return all
    .filter((run) => !isCompleted(run) && !isHeld(world, repository, run) && !isForgotten(world, repository, run))
    .map((run) => `${run.name} on ${run.commit.slice(0, 8)} is still ${run.state.status}: ${run.title}`);
}

/** The App was told of it, or had a record of the tags before and since. */
function isFound({ redis, webhooks }: Surroundings, repository: Repository, deed: VersionDeed): boolean {
  if (repository.seen.since(deed.at).includes(false)) return false;
  if (redis.lostAt() === 0 && deed.isKnown) return true;
  return [...webhooks.acknowledged.values()].some(
    ({ event: { detail, repository: named }, at }) =>
      detail.kind === 'push' &&
      detail.ref === `refs/tags/${deed.name}` &&
      detail.after === deed.commit &&
      named?.id === repository.project.id &&
      (redis.lostAt() === 0 || at > redis.lostAt() + unsafeMs),
  );
}

/** A tag that names a version has its answer on its commit (versions.md §5). */
function owedOfTags(world: Surroundings, repository: Repository): readonly string[] {
  const { tags, model } = gitOf(repository);
  return deedsOf(repository)
    .filter(({ kind, name, commit }) => kind === 'tag' && tags.get(name)?.now() === commit)
    .filter((deed) => tags.get(deed.name)?.setAt() === deed.at && isFound(world, repository, deed))
    .flatMap(({ name, commit }) => {
      const version = plainVersion(name);
      const { jobs } = configOf(model.filesAt(commit) ?? {});
      // What is no version of a release is nobody's business.
      if (version === null || !canBeReleased(version) || jobs === null) return [];
      world.sim.note('end: a git tag that is owed an answer');
      const own = (world.forge.checkRuns.get(commit) ?? []).filter(
        (run) =>
          run.name === `sluice/tag/${name}` || plainVersion(run.name.replace(releaseCheck, ''))?.text === version.text,
      );
      return own.length > 0 ? [] : [`nothing is said of the tag ${name} on ${commit.slice(0, 8)}`];
    });
}

/** Said where it was asked for: by its commit, or after a loss by another with the same tree (versions.md V12). */
function didFail(world: Surroundings, repository: Repository, { tree, plain }: RecordedRelease): boolean {
  const { model } = gitOf(repository);
  return runsOf(world, repository, releaseCheck).some(
    (run) =>
      model.get(run.commit)?.tree === tree &&
      plainVersion(run.name.slice(releaseCheck.length))?.text === plain.text &&
      run.state.status === 'completed' &&
      run.state.conclusion === 'failure',
  );
}

/** Nobody but us ever set this tag, and nothing was lost that it named. */
function isOurs({ registries, sim }: Surroundings, place: string, tag: string): boolean {
  const { movedTag, lostDigest } = sim.knobs.rates;
  return movedTag === 0 && lostDigest === 0 && (registries.repositories.get(place)?.tags.has(tag) ?? true);
}

/** What was begun is ended, and what is released has its tags (versions.md §6.3). */
function owedOfReleases(world: Surroundings, repository: Repository): readonly string[] {
  const { registries } = world;
  const all = recordedReleases(repository);
  const ended = all.filter(({ kind }) => kind === 'released');
  const open = all.filter(
    ({ kind, plain }) => kind === 'releasing' && !ended.some((other) => other.plain.text === plain.text),
  );
  const begun = open
    .filter((release) => !didFail(world, repository, release))
    .map(({ version }) => `${version} was begun, and neither released nor given up`);
  const lacking = ended.flatMap(({ version, images }) =>
    images.flatMap(({ repository: place, digest, tags }) =>
      tags
        .filter((tag) => isOurs(world, place, tag) && registries.find(place, tag) !== digest)
        .map((tag) => `${place}:${tag} of ${version} names ${registries.find(place, tag)?.slice(0, 19) ?? 'nothing'}`),
    ),
  );
  return [...begun, ...lacking];
}

/** Each moving tag names the highest release that ever had it. */
function owedOfMoving(world: Surroundings, repository: Repository): readonly string[] {
  const highest = new Map<string, { readonly release: RecordedRelease; readonly digest: string }>();
  for (const release of recordedReleases(repository))
    for (const { repository: place, digest, moving } of release.kind === 'released' ? release.images : [])
      for (const tag of moving) {
        const key = `${place}:${tag}`;
        const before = highest.get(key);
        if (before === undefined || compare(before.release.plain, release.plain) < 0)
          highest.set(key, { release, digest });
      }
  return [...highest].flatMap(([key, { release, digest }]) => {
    const at = key.lastIndexOf(':');
    const [place, tag] = [key.slice(0, at), key.slice(at + 1)];
    const named = world.registries.find(place, tag);
    if (!isOurs(world, place, tag) || named === digest) return [];
    return [`${key} names ${named?.slice(0, 19) ?? 'nothing'}, and not ${release.version}`];
  });
}

/** Commits at which a release branch has a version that nobody ever wrote, tagged or asked for anywhere else. */
function plainTransitions(repository: Repository): readonly { readonly commit: Sha; readonly version: PlainVersion }[] {
  const git = gitOf(repository);
  const all = [...git.pushed].filter((commit) => isTransition(git, commit));
  return Object.values(releaseBranches).flatMap((branch) => {
    const found = [];
    for (let at = repository.branches.get(branch)?.now(); at !== undefined; at = git.model.get(at)?.parents[0]) {
      const version = isTransition(git, at) ? versionAt(git, at) : null;
      const isOnly = all.filter((other) => versionAt(git, other)?.text === version?.text).length <= 1;
      if (version !== null && isOnly) found.push({ commit: at, version });
    }
    return found;
  });
}

function fails(repository: Repository, commit: string): boolean {
  const files = gitOf(repository).model.filesAt(commit) ?? {};
  const { jobs } = configOf(files);
  const own = jobs?.filter(({ pipelines }) => pipelines.includes('release')) ?? [];
  return own.every(({ images }) => images.length === 0) || own.some(({ name }) => failsOn(files, name));
}

/**
 * A pod of it failed more often than it is tried again, by nobody's fault, or hung, which nobody can tell from work that takes too
 * long: Re-run tries again.
 */
function wasUnlucky({ forge, sim }: Surroundings, commit: string): boolean {
  const isUnlucky = (title: string): boolean =>
    title.startsWith('Not your change: ') || (sim.knobs.rates.podHangs > 0 && title.startsWith('Timed out '));
  return (forge.checkRuns.get(commit) ?? []).some(
    ({ name, title }) => (name === 'ship' || name === 'prove') && isUnlucky(title),
  );
}

/** Whoever may brought the commit to a branch, and the forge told who that was: without it nobody may be taken to have (V16). */
function isTold(world: Surroundings, repository: Repository, commit: Sha): boolean {
  const { model } = gitOf(repository);
  return [...world.webhooks.acknowledged.values()].some(({ event: { detail, sender, repository: named } }) => {
    if (detail.kind !== 'push' || sender === null || named?.id !== repository.project.id) return false;
    if (!detail.ref.startsWith('refs/heads/') || !mayRelease(world, sender)) return false;
    const isIn = (tip: Sha): boolean => model.get(tip) !== undefined && model.contains(tip, commit);
    return isIn(detail.after) && !isIn(detail.before);
  });
}

/**
 * In a world where nothing was lost, what the right person pushed as the first and only version of that name is released: nothing
 * stands in its way.
 */
function owedOfRight(world: Surroundings, repository: Repository): readonly string[] {
  const { redis } = world;
  if (redis.lostAt() > 0 || repository.seen.all().includes(false)) return [];
  const { movedTag, lostDigest, foreignLedger } = world.sim.knobs.rates;
  if (movedTag + lostDigest + foreignLedger > 0) return [];
  const released = recordedReleases(repository).filter(({ kind }) => kind === 'released');
  return plainTransitions(repository).flatMap(({ commit, version }) => {
    const asks = asksFor(world, repository, commit, version);
    const isRight = asks.some(
      ({ isPress, isHeld: waits, isDoubtful, by }) => !isPress && !waits && !isDoubtful && mayRelease(world, by),
    );
    const isPassed = released.some(({ plain }) => compare(plain, version) > 0);
    const tips = Object.values(releaseBranches).flatMap((branch) => repository.branches.get(branch)?.now() ?? []);
    // What came since may have taken the jobs away, before anybody heard of it.
    const isWatched = tips.every((tip) =>
      configOf(gitOf(repository).model.filesAt(tip) ?? {}).jobs?.some(({ pipelines }) => pipelines.includes('release')),
    );
    if (!isRight || !isWatched || isPassed || fails(repository, commit) || isContradicted(world, repository, version))
      return [];
    if (wasUnlucky(world, commit) || !isTold(world, repository, commit)) return [];
    const isBound = Object.entries(releaseBranches).some(([name, branch]) => {
      const tip = repository.branches.get(branch)?.now();
      const holds = tip !== undefined && gitOf(repository).model.contains(tip, commit);
      return holds && name !== 'old' && !version.text.startsWith(`${name}.`);
    });
    if (isBound || isUnreadable(repository, commit)) return [];
    world.sim.note('end: a version that must be released');
    return released.some(({ plain }) => plain.text === version.text)
      ? []
      : [`${version.text} of ${commit.slice(0, 8)} is not released, and nothing keeps it from that`];
  });
}

/**
 * A release branch was pushed on to a commit of which no version can be read: of that nothing is released (V3), and pushes that are
 * judged together are one (commands.md §5).
 */
function isUnreadable(repository: Repository, commit: Sha): boolean {
  const git = gitOf(repository);
  const names: readonly string[] = Object.values(releaseBranches);
  return git.moves.some(
    ({ branch, to }) => names.includes(branch) && git.model.contains(to, commit) && versionAt(git, to) === null,
  );
}

/** So far back the file of the default branch is looked for. */
const mostLooks = 10;

function isReadable({ branches, git, project }: Repository): boolean {
  let at: string | undefined = branches.get(project.defaultBranch)?.now();
  for (let look = 0; look <= mostLooks && at !== undefined; look += 1) {
    if (configOf(git?.model.filesAt(at) ?? {}).jobs !== null) return true;
    at = git?.model.get(at)?.parents[0];
  }
  return false;
}

/** Every push to a release branch is answered; after a loss they are looked for by the newest file of the default branch that is valid. */
function owedOfBranches(world: Surroundings, repository: Repository): readonly string[] {
  if (world.redis.lostAt() > 0 && !isReadable(repository)) return [];
  return Object.values(releaseBranches).flatMap((branch) => owedOfBranch(world, repository, branch));
}

/** Everything that is still owed of versions, tags and releases once the faults are over. */
export function owedOfVersions(world: Surroundings): readonly Owed[] {
  if (!world.sim.knobs.queues?.images?.pushes?.versions) return [];
  const owe = (invariant: string, all: readonly string[]): readonly Owed[] => all.map((what) => ({ invariant, what }));
  return [...world.forge.repositories.values()]
    .filter((repository) => repository.seen.now())
    .flatMap((repository) => [
      ...owe('L7', owedOfRuns(world, repository)),
      ...owe('tags', owedOfTags(world, repository)),
      ...owe('releases', owedOfReleases(world, repository)),
      ...owe('order', owedOfMoving(world, repository)),
      ...owe('releases', owedOfRight(world, repository)),
      ...owe('pushes', owedOfBranches(world, repository)),
    ]);
}
