import { configFile } from '../../../src/model/config.ts';
import type { PromoteRecord } from '../../../src/model/promotion.ts';
import { subjectIdOf } from '../../../src/model/subject.ts';
import { isCompleted, type Repository } from '../forge-world.ts';
import type { Owed } from '../liveness.ts';
import type { Surroundings } from '../processes.ts';
import { makesDev } from '../version/makes-dev.ts';
import { configOf } from './configs.ts';
import { gitOf } from './move-branch.ts';
import {
  frozenSince,
  isBackWithAnother,
  isTakenOut,
  landingsOf,
  type OwnedTag,
  ourEntries,
  ownedTags,
  type RecordedLanding,
  sameAsBack,
} from './owned-tags.ts';
import { entriesOf } from './repository-git.ts';

const hourMs = 3_600_000;
/** How long what nothing names any more may be there. */
const graceMs = 25 * hourMs;
/** A queue names what left it for a day at most, for those that need it; what came late is listed within six hours of that. */
const longestMs = 31 * hourMs;

function recordOf({ redis }: Surroundings, { project }: Repository, branch: string): Partial<PromoteRecord> {
  const subject = subjectIdOf({ kind: 'promote', repository: project.id, branch });
  const body = redis.data.get<{ readonly body: string }>(`doc:${subject}`)?.body ?? '{}';
  return (JSON.parse(body) as Partial<PromoteRecord> | null) ?? {};
}

/** The uploads that the promote line of a branch has on its list. */
function listed(world: Surroundings, repository: Repository, branch: string): PromoteRecord['uploads'] {
  return recordOf(world, repository, branch).uploads ?? [];
}

/** A pod is to promote something, which stands in line with all others for its slot. */
export function isPodPromoting(world: Surroundings): boolean {
  return [...world.forge.repositories.values()].some((repository) =>
    [...repository.branches.keys()]
      .flatMap((branch) => recordOf(world, repository, branch).landings ?? [])
      .some(({ pod }) => pod !== undefined && pod.build.state.phase !== 'finished'),
  );
}

/** It names one landing, for good: no channel. */
function isOfCommit({ tag, landing }: OwnedTag): boolean {
  return tag === landing.landed.commit;
}

/** It names a commit that another branch has published, too, and what is recorded for that there: the first to have it keeps it. */
function isOfAnother(world: Surroundings, repository: Repository, branch: string, owned: OwnedTag): boolean {
  const git = gitOf(repository);
  const named = world.registries.find(owned.image.repository, owned.tag);
  const others = [...git.ledgers.keys()].filter((other) => other !== branch);
  return others
    .flatMap((other) => landingsOf(git, ourEntries(git, other)))
    .some(
      ({ landed, images }) =>
        landed.commit === owned.landing.landed.commit &&
        images.some(({ repository: place, digest }) => place === owned.image.repository && digest === named),
    );
}

/** L6: a tag names what is recorded for the newest landing that has it. */
function owedOfTag({ registries }: Surroundings, owned: OwnedTag): string | null {
  const { tag, image, landing } = owned;
  const named = registries.find(image.repository, tag);
  if (named === image.digest) return null;
  const ever = registries.repositories.get(image.repository)?.tags.get(tag)?.all() ?? [];
  // It was there, and was taken away, as registries do with old ones.
  if (named === null && isOfCommit(owned) && ever.includes(image.digest)) return null;
  const what = named === null ? 'nothing' : named.slice(0, 19);
  return `${image.repository}:${tag} names ${what}, not ${image.digest.slice(0, 19)} of landing ${landing.sequence}`;
}

/** L5: what is promoted waits nowhere any more, unless its registry takes no tag away: then it is listed. */
function owedOfUpload(world: Surroundings, repository: Repository, branch: string, { image }: OwnedTag): string | null {
  const { repository: place, tag } = image.staged;
  if (!world.registries.tagsOf(place).includes(tag)) return null;
  const kept = listed(world, repository, branch).find((upload) => upload.repository === place && upload.tag === tag);
  if (kept?.kept !== undefined) return null;
  // What an old backup does not know is found by the next listing, hours later.
  if (!kept && world.redis.wentBack()) return null;
  // So is what a pod that was stopped uploads late: an image of its own, or the same once its tag had been taken away.
  const ever = world.registries.repositories.get(place)?.tags.get(tag)?.all() ?? [];
  const isBack = ever.indexOf(null, ever.indexOf(image.digest)) !== -1;
  if (!kept && (isBack || world.registries.find(place, tag) !== image.digest)) return null;
  return `${place}:${tag} is left of what is promoted, and ${kept ? 'listed' : 'not listed'}`;
}

/** What the newest landing would publish with mode `rebuild`, and does not. */
function owedOfRebuild(
  { sim }: Surroundings,
  repository: Repository,
  branch: string,
  landedBefore: number,
): string | null {
  if (sim.knobs.queues?.images?.mode !== 'rebuild') return null;
  const { model } = gitOf(repository);
  const tip = repository.branches.get(branch)?.now();
  const files = tip === undefined ? null : model.filesAt(tip);
  if (tip === undefined || files === null || !(configFile in files) || configOf(files).jobs === null) return null;
  const newest = landingsOf(gitOf(repository), ourEntries(gitOf(repository), branch)).findLast(
    ({ landed }) =>
      landed.kind === 'landed' &&
      model.contains(tip, landed.commit) &&
      makesDev(gitOf(repository), branch, landed.since ?? landed.from, landed.commit),
  );
  if (!newest || newest.at >= landedBefore || newest.images.length > 0) return null;
  const stage = configOf(model.filesAt(newest.landed.commit) ?? {}).jobs?.some(({ images }) => images.length > 0);
  return stage ? `landing ${newest.sequence} was not built again` : null;
}

function owedOfReports({ forge }: Surroundings, repository: Repository, branch: string): readonly string[] {
  const { model } = gitOf(repository);
  const tip = repository.branches.get(branch)?.now();
  const landings = landingsOf(gitOf(repository), ourEntries(gitOf(repository), branch));
  const entries = entriesOf(gitOf(repository), branch) ?? [];
  return landings.flatMap(({ landed, images, sequence }) => {
    if (images.length === 0 || tip === undefined || !model.contains(tip, landed.commit)) return [];
    if (isTakenOut(entries, sequence)) return [];
    if (isBackWithAnother(gitOf(repository), branch, landed.commit)) return [];
    const run = (forge.checkRuns.get(landed.commit) ?? []).findLast(({ name }) => name === 'sluice/promote');
    if (run && (isCompleted(run) || /waits|frozen/.test(run.summary))) return [];
    return [`landing ${sequence} ${run ? `says "${run.title}"` : 'has no check run sluice/promote'}`];
  });
}

function owedOfBranch(world: Surroundings, repository: Repository, branch: string, landedBefore: number): Owed[] {
  const git = gitOf(repository);
  const tip = repository.branches.get(branch)?.now();
  const entries = entriesOf(git, branch);
  if (tip === undefined || entries === null) return [];
  const owe = (invariant: string, whats: readonly (string | null)[]): Owed[] =>
    whats.flatMap((what) => (what === null ? [] : [{ invariant, what: `${branch}: ${what}` }]));
  const reports = owe('reports', owedOfReports(world, repository, branch));
  if (frozenSince(git, branch, Number.POSITIVE_INFINITY)) return reports;
  const owned = ownedTags(git, branch, tip).filter(({ landing }) => landing.at < landedBefore);
  const standing = owned.filter(({ landing }) => !isTakenOut(entries, landing.sequence));
  const isNamed = ({ image, tag }: OwnedTag, digest: string): boolean =>
    world.registries.find(image.repository, tag) === digest;
  // All images of a landing or none (images.md §3.3): one that is lost, and whose build fails, has its next turn in an hour.
  const isLost = ({ images }: RecordedLanding): boolean =>
    images.some((image) => world.registries.find(image.repository, image.digest) === null);
  const isInTime = landedBefore < Number.POSITIVE_INFINITY;
  const channels = owned.filter(
    (each) =>
      !(isInTime && isLost(each.landing)) &&
      !isOfCommit(each) &&
      !sameAsBack(git, branch, tip, each).some(({ digest }) => isNamed(each, digest)),
  );
  return [
    ...owe(
      'L6',
      channels.map((each) => owedOfTag(world, each)),
    ),
    ...owe(
      'commit tags',
      standing
        .filter((each) => isOfCommit(each) && !isOfAnother(world, repository, branch, each))
        .map((each) => owedOfTag(world, each)),
    ),
    ...owe('L6', [owedOfRebuild(world, repository, branch, landedBefore)]),
    ...owe(
      'L5',
      standing.map((each) => owedOfUpload(world, repository, branch, each)),
    ),
    ...reports,
  ];
}

/** What promotion owes once everything else is at rest; what has landed at `landedBefore` (ms) or later still has its time. */
export function owedOfPromotion(world: Surroundings, landedBefore = Number.POSITIVE_INFINITY): readonly Owed[] {
  if (!world.sim.knobs.queues?.images) return [];
  return [...world.forge.repositories.values()].flatMap((repository) =>
    [...repository.branches.keys()].flatMap((branch) => owedOfBranch(world, repository, branch, landedBefore)),
  );
}

/** Whether the own file of a branch that something landed on, or what landed, says that images are there: all that is known after a loss. */
function isNamed({ forge }: Surroundings, place: string): boolean {
  return [...forge.repositories.values()].some((repository) => {
    const git = gitOf(repository);
    return [...repository.branches].some(([branch, tip]) => {
      const landings = landingsOf(git, entriesOf(git, branch) ?? []);
      if (landings.length === 0) return false;
      const landed = landings.some(({ images }) => images.some(({ staged }) => staged.repository === place));
      const files = git.model.filesAt(tip.now() ?? '');
      const jobs = files !== null && configFile in files ? (configOf(files).jobs ?? []) : [];
      return landed || jobs.some(({ images }) => images.some(({ name }) => place.endsWith(`/${name}`)));
    });
  });
}

/** L5 after every time of grace: no change tag is there but of what is still queued, and those that are listed as kept. */
export function leftOvers(world: Surroundings): readonly string[] {
  const { registries, redis, forge, sim } = world;
  // A new clone does not know which candidates were ours: what only they name is left alone.
  if (sim.knobs.queues?.disk === 'new') return [];
  // Where nothing ever landed and Redis lost what it knew of uploads, nobody knows that there is anything to be listed.
  const entries = [...forge.repositories.values()].flatMap((repository) => [...gitOf(repository).entries.values()]);
  const neverLanded = entries.every(({ detail }) => detail.kind === 'owner');
  if (neverLanded && redis.wentBack()) return [];
  const queues = redis.data
    .keys('doc:')
    .filter((key) => /queue/.test(key))
    .map((key) => redis.data.get<{ readonly body: string }>(key)?.body ?? '');
  const uploads = new Map(
    [...forge.repositories.values()].flatMap((repository) =>
      [...repository.branches.keys()].flatMap((branch) =>
        listed(world, repository, branch).map((upload) => [`${upload.repository}:${upload.tag}`, upload] as const),
      ),
    ),
  );
  const isExcused = (name: string, tag: string): boolean => {
    const { kept, goneAt = null } = uploads.get(`${name}:${tag}`) ?? {};
    if (kept !== undefined) return true;
    const setAt = registries.repositories.get(name)?.tags.get(tag)?.setAt() ?? 0;
    return goneAt !== null && sim.time.now() - goneAt < graceMs && goneAt - setAt < longestMs;
  };
  return [...registries.repositories.keys()].flatMap((name) =>
    registries.tagsOf(name).flatMap((tag) => {
      const digits = /^change_\d+_([0-9a-f]{12})_/.exec(tag)?.[1];
      if ((redis.wentBack() || redis.lostAt() > 0) && !isNamed(world, name)) return [];
      if (digits === undefined || isExcused(name, tag) || queues.some((body) => body.includes(digits))) return [];
      return [`${name}:${tag}`];
    }),
  );
}
