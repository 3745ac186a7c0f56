import type { LedgerEntry } from '../../../src/model/ledger.ts';
import type { QueueRecord } from '../../../src/model/queue.ts';
import type { Digest, Sha } from '../../../src/model/sha.ts';
import { subjectIdOf } from '../../../src/model/subject.ts';
import type { Repository } from '../forge-world.ts';
import type { Watched } from '../ground-truth.ts';
import type { RegistryRepository } from '../registry-model.ts';
import type { TagRemoval, TagWrite } from '../registry-port.ts';
import { gitOf } from './move-branch.ts';
import {
  filledTags,
  frozenSince,
  isBackWithAnother,
  isNewer,
  isTakenOut,
  landingsOf,
  ourEntries,
  ownedTags,
  type RecordedLanding,
  rivalsOf,
} from './owned-tags.ts';
import { landingAge } from './truth.ts';

/** The watch over one world, registries included. */
export type WatchedTags = Pick<Watched, 'sim' | 'forge' | 'age' | 'redis' | 'registries'>;

const isChangeTag = (tag: string): boolean => /^change_\d+_[0-9a-f]{12}_/.test(tag);

interface Scene {
  readonly repository: Repository;
  readonly branch: string;
  readonly entries: readonly LedgerEntry[];
  readonly landings: readonly RecordedLanding[];
  /** What a pass looked at may be as old as this (ms since the epoch). */
  readonly from: number;
  /** Every tip that the branch had since. */
  readonly tips: readonly Sha[];
}

/** `decidedAt`: when it was decided; null: just now. */
function sceneOf(
  { sim, forge, age }: WatchedTags,
  project: number,
  branch: string,
  decidedAt: number | null = null,
): Scene | null {
  const repository = forge.repositories.get(project);
  const tips = repository?.branches.get(branch);
  if (!repository || !tips) return null;
  const entries = ourEntries(gitOf(repository), branch);
  const from = (decidedAt ?? sim.time.now()) - age - landingAge(sim);
  return {
    repository,
    branch,
    entries,
    landings: landingsOf(gitOf(repository), entries),
    from,
    tips: tips.since(from),
  };
}

/** Landings that record this digest for this tag. */
function recording({ branch, landings }: Scene, { image, tag }: TagWrite): readonly RecordedLanding[] {
  return landings.filter(({ landed, ever }) =>
    ever.some(
      (each) =>
        each.repository === image.repository &&
        each.digest === image.digest &&
        filledTags(each, branch, landed.commit).includes(tag),
    ),
  );
}

function sets({ branch }: Scene, { landed, images }: RecordedLanding, { image, tag }: TagWrite): boolean {
  return images.some(
    (each) => each.repository === image.repository && filledTags(each, branch, landed.commit).includes(tag),
  );
}

function placeAt({ tips }: Scene, { image }: TagWrite): { readonly tip: Sha; readonly repository: string } {
  return { tip: tips.at(-1) as Sha, repository: image.repository };
}

/** A tag goes to no older landing than one that the branch holds, and goes back only where that is recorded. */
function checkOrder(watched: WatchedTags, scene: Scene, write: TagWrite, mine: RecordedLanding): void {
  const { sim, registries } = watched;
  const git = gitOf(scene.repository);
  const { model } = git;
  const { repository } = write.image;
  const name = `${repository}:${write.tag}`;
  const newer = scene.landings.filter(
    (landing) =>
      isNewer(git, placeAt(scene, write), landing, mine) &&
      landing.hasImagesAt < scene.from &&
      sets(scene, landing, write),
  );
  const held = newer.find(
    ({ landed: { commit } }) =>
      scene.tips.every((tip) => model.contains(tip, commit)) && !isBackWithAnother(git, scene.branch, commit),
  );
  if (held) sim.violate('order', `${name} goes to landing ${mine.sequence}, the branch holds ${held.sequence}`);
  const before = registries.repositories.get(repository)?.tags.get(write.tag)?.all() ?? [];
  const wasSet = newer.find(({ images }) =>
    images.some((image) => image.repository === repository && before.includes(image.digest)),
  );
  const isRecorded = scene.entries.some(
    ({ sequence, detail }) => wasSet && detail.kind === 'reset' && sequence > wasSet.sequence,
  );
  if (wasSet && !isRecorded)
    sim.violate(
      'order',
      `${name} goes back from landing ${wasSet.sequence} to ${mine.sequence}, which nothing records`,
    );
}

/** What a landing has may have come back to it just now. */
function wentBack({ repository, tips }: Scene): boolean {
  const { model } = gitOf(repository);
  return tips.some((tip, index) => index > 0 && !model.contains(tip, tips[index - 1] as Sha));
}

/** No tag of a landing moves before all of its digests are where people pull them. */
function checkWhole(watched: WatchedTags, scene: Scene, mine: RecordedLanding): void {
  const { sim, registries } = watched;
  const tip = scene.tips.at(-1) as Sha;
  if (wentBack(scene)) return;
  const owned = ownedTags(gitOf(scene.repository), scene.branch, tip).filter(
    ({ landing }) => landing.sequence === mine.sequence,
  );
  const lacking = owned.find(({ image }) => !registries.repositories.get(image.repository)?.everHeld.has(image.digest));
  if (lacking) sim.violate('S8', `a tag of landing ${mine.sequence} moves, and ${lacking.image.name} is not there yet`);
}

/** S3: a tag that people pull names a digest that the ledger of its branch records for what the branch holds. */
export function checkTag(watched: WatchedTags, write: TagWrite): void {
  const { sim } = watched;
  const { image, tag, caller } = write;
  const name = `${image.repository}:${tag}`;
  const scene = sceneOf(watched, caller.project, caller.branch, write.decidedAt);
  if (scene === null || isChangeTag(tag)) {
    sim.violate('S3', `${name} is set for ${caller.fullName} ${caller.branch}`);
    return;
  }
  const mine = recording(scene, write);
  if (mine.length === 0) {
    sim.violate(
      'S3',
      `${name} goes to ${image.digest.slice(0, 19)}, which the ledger of ${caller.branch} does not record`,
    );
    return;
  }
  const { model } = gitOf(scene.repository);
  const held = mine.filter(({ landed }) => scene.tips.some((tip) => model.contains(tip, landed.commit)));
  const newest = held.reduce<RecordedLanding | undefined>(
    (best, each) =>
      best === undefined || isNewer(gitOf(scene.repository), placeAt(scene, write), each, best) ? each : best,
    undefined,
  );
  if (!newest) {
    sim.violate('S3', `${name} goes to landing ${mine.at(-1)?.sequence}, which ${caller.branch} does not hold`);
    return;
  }
  if (frozenSince(gitOf(scene.repository), scene.branch, scene.from))
    sim.violate('frozen', `${name} is set, and ${caller.branch} is frozen`);
  sim.note('promote: a tag is set');
  if (scene.entries.some(({ detail }) => detail.kind === 'published' && detail.commit === newest.landed.commit))
    sim.note('promote: what was built again');
  checkOrder(watched, scene, write, newest);
  checkWhole(watched, scene, newest);
}

function wasSet(place: RegistryRepository | undefined, tag: string, digest: Digest): boolean {
  return place?.tags.get(tag)?.all().includes(digest) === true;
}

/** What a queue tests, or has tested and not landed yet, for longer than a pass looks back. */
function isQueued({ redis }: WatchedTags, { repository, branch, from }: Scene, tag: string): boolean {
  const subject = subjectIdOf({ kind: 'queue', repository: repository.project.id, branch });
  const body = redis.data.get<{ readonly body: string }>(`doc:${subject}`)?.body ?? '{"items":[]}';
  const { items } = JSON.parse(body) as Pick<QueueRecord, 'items'>;
  // An old copy in which it is queued has just been put back, and what was on its way arrives.
  if (from < redis.lostAt()) return false;
  // Two changes may have one commit; what each uploads has a tag of its own.
  return items.some(({ number, candidate, enteredAt }) => {
    const digits = candidate?.kind === 'made' ? candidate.commit.slice(0, 12) : null;
    return digits !== null && enteredAt < from && tag.startsWith(`change_${number}_${digits}_`);
  });
}

/** S8: what waits under a change tag is kept until the tags of its landing were seen to name it. */
export function checkUntag(watched: WatchedTags, { caller, repository, tag }: TagRemoval): void {
  const { sim, registries } = watched;
  if (!isChangeTag(tag)) {
    sim.violate('S3', `${repository}:${tag} is taken away, which is no change tag`);
    return;
  }
  const scene = sceneOf(watched, caller.project, caller.branch);
  const tip = scene?.tips.at(-1);
  if (!scene || tip === undefined) return;
  if (isQueued(watched, scene, tag)) sim.violate('S8', `${tag} is taken away, and its change is queued`);
  if (wentBack(scene)) return;
  const git = gitOf(scene.repository);
  const entries = ourEntries(git, scene.branch);
  for (const owned of ownedTags(git, scene.branch, tip)) {
    const { image, landing } = owned;
    if (isTakenOut(entries, landing.sequence)) continue;
    if (image.staged.repository !== repository || image.staged.tag !== tag) continue;
    const place = registries.repositories.get(image.repository);
    if (rivalsOf(git, scene.branch, tip, owned).some(({ digest }) => wasSet(place, owned.tag, digest))) continue;
    if (!wasSet(place, owned.tag, image.digest))
      sim.violate(
        'S8',
        `${tag} is taken away, and ${image.repository}:${owned.tag} of landing ${landing.sequence} never named it`,
      );
  }
}

/** S9: nothing is deleted by its digest while a tag that people pull names it. */
export function checkDelete({ sim, registries }: WatchedTags, repository: string, digest: Digest): void {
  for (const [tag, names] of registries.repositories.get(repository)?.tags ?? [])
    if (names.now() === digest && !isChangeTag(tag))
      sim.violate('S9', `${digest.slice(0, 19)} is deleted, and ${repository}:${tag} names it`);
}
