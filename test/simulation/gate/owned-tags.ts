import { configFile } from '../../../src/model/config.ts';
import type { LedgerDetail, LedgerEntry } from '../../../src/model/ledger.ts';
import type { RecordedImage } from '../../../src/model/promotion.ts';
import type { Sha } from '../../../src/model/sha.ts';
import { makesDev } from '../version/makes-dev.ts';
import { configOf, placeOf } from './configs.ts';
import type { Move, RepositoryGit } from './repository-git.ts';

type Landed = Extract<LedgerDetail, { kind: 'landed' | 'pushed' }>;

/** A landing of the ledger, or what was built of a push, with every digest that it records for it. */
export interface RecordedLanding {
  readonly sequence: number;
  readonly at: number;
  /** Since when it has images: of what is built again, once that is recorded. */
  readonly hasImagesAt: number;
  readonly landed: Landed;
  /** What counts: what was built again in the place of what the gate had uploaded. */
  readonly images: readonly RecordedImage[];
  /** All that ever counted. */
  readonly ever: readonly RecordedImage[];
}

/** The entries of a ledger that are ours, oldest first; what somebody else put on top is passed over. */
export function ourEntries(git: RepositoryGit, branch: string): readonly LedgerEntry[] {
  const found: LedgerEntry[] = [];
  for (let at = git.ledgers.get(branch); at !== undefined; at = git.model.get(at)?.parents[0]) {
    const entry = git.entries.get(at);
    if (entry) found.unshift(entry);
  }
  return found;
}

/** Landings as this very commit: as long as nobody takes the branch back in between, there is one. */
function twinsOf(entries: readonly LedgerEntry[], commit: Sha): readonly Extract<Landed, { kind: 'landed' }>[] {
  return entries.flatMap(({ detail }) => (detail.kind === 'landed' && detail.commit === commit ? [detail] : []));
}

/** Of what is not published where it landed the images have no tags. */
export function landingsOf(git: RepositoryGit, entries: readonly LedgerEntry[]): readonly RecordedLanding[] {
  return entries.flatMap(({ sequence, at, branch, detail }): RecordedLanding[] => {
    if (detail.kind !== 'landed' && detail.kind !== 'pushed') return [];
    const published = entries.filter(
      (other) => other.detail.kind === 'published' && other.detail.commit === detail.commit,
    );
    const again = published.flatMap((other) => (other.detail.kind === 'published' ? other.detail.images : []));
    const own = detail.kind === 'landed' ? detail.verdict.images : detail.images;
    // Landed again as the very same commit, after somebody took the branch back to part of it, it is published as it was at first.
    const grounds = twinsOf(entries, detail.commit).map(({ since, from }) => since ?? from);
    const isMeant = detail.kind === 'pushed' || grounds.some((from) => makesDev(git, branch, from, detail.commit));
    const ever = [...(own ?? []), ...again].map((image) => (isMeant ? image : { ...image, tags: [] }));
    const images = new Map(ever.map((image) => [image.name, image]));
    const hasImagesAt = own === undefined ? (published[0]?.at ?? at) : at;
    return [{ sequence, at, hasImagesAt, landed: detail, images: [...images.values()], ever }];
  });
}

/** As people read them: these worlds have tags of branches and of commits. */
export function filledTags({ tags }: RecordedImage, branch: string, commit: Sha): readonly string[] {
  return tags.map((tag) =>
    tag.replace('{{ branch }}', branch.replace(/[^A-Za-z0-9._-]+/g, '-')).replace('{{ sha }}', commit),
  );
}

export interface OwnedTag {
  readonly tag: string;
  readonly image: RecordedImage;
  readonly landing: RecordedLanding;
}

/**
 * It was taken back by somebody, and is there once more only in the history of a change that landed since: it has not landed
 * again, so the branch holds it no more than any other commit of that history.
 */
export function isBackWithAnother({ model, moves }: RepositoryGit, branch: string, commit: Sha): boolean {
  let back: Move | null = null;
  for (const move of moves)
    if (move.branch === branch && model.contains(move.to, commit))
      if (move.to === commit || !model.contains(move.from, commit)) back = move;
  return back?.ours === true && back.to !== commit;
}

/** The branch has, of what the image that people pull there is built from, what this commit has. */
function isBuiltFrom({ model }: RepositoryGit, { tip, repository }: Place, commit: Sha): boolean {
  const files = model.filesAt(tip) ?? {};
  const jobs = (configFile in files ? configOf(files).jobs : null) ?? [];
  const image = jobs.flatMap(({ images }) => images).find(({ name }) => placeOf(name) === repository);
  // Where the branch builds it no more, whatever it is made of, nothing takes the place of what was there.
  if (image === undefined) return false;
  return !model.changed(commit, tip).some((path) => image.below === null || path.startsWith(`${image.below}/`));
}

/** Where a branch is, and what is pulled. */
interface Place {
  readonly tip: Sha;
  readonly repository: string;
}

/**
 * What people pushed has its place in the history of the branch, whenever it was built; landings, and what was built of one commit
 * twice, have that in which they were recorded. Of two of which neither holds the other, as where a person merged back what had
 * been taken away, the one is newer whose sources the branch has; where that does not tell them apart, what was recorded later
 * (images.md §3.2).
 */
export function isNewer(git: RepositoryGit, place: Place, one: RecordedLanding, other: RecordedLanding): boolean {
  return isNewerFor(git, place, one, other) ?? one.sequence > other.sequence;
}

/** The same; null: neither the history of the branch nor its sources tell them apart. */
function isNewerFor(git: RepositoryGit, place: Place, one: RecordedLanding, other: RecordedLanding): boolean | null {
  const { model } = git;
  const [mine, theirs] = [one.landed, other.landed];
  const isPushed = mine.kind === 'pushed' || theirs.kind === 'pushed';
  if (!isPushed || mine.commit === theirs.commit) return null;
  if (model.contains(mine.commit, theirs.commit)) return true;
  if (model.contains(theirs.commit, mine.commit)) return false;
  const [built, others] = [isBuiltFrom(git, place, mine.commit), isBuiltFrom(git, place, theirs.commit)];
  return built === others ? null : built;
}

/** Every tag that a branch has, with the newest landing that it holds and that built the image. */
export function ownedTags(git: RepositoryGit, branch: string, tip: Sha): readonly OwnedTag[] {
  const owned = new Map<string, OwnedTag>();
  for (const landing of landingsOf(git, ourEntries(git, branch))) {
    const { commit } = landing.landed;
    if (!git.model.contains(tip, commit) || isBackWithAnother(git, branch, commit)) continue;
    for (const image of landing.images)
      for (const tag of filledTags(image, branch, commit)) {
        const key = `${image.repository}:${tag}`;
        const before = owned.get(key)?.landing;
        if (before === undefined || isNewer(git, { tip, repository: image.repository }, landing, before))
          owned.set(key, { tag, image, landing });
      }
  }
  // What landed twice as one commit, each time on another one, has what either uploaded: nothing says which.
  const entries = ourEntries(git, branch);
  return [...owned.values()].filter(({ landing }) => twinsOf(entries, landing.landed.commit).length < 2);
}

/** Images of another landing that would have the same tag. */
function namedBy({ tag, image }: OwnedTag, branch: string, { landed, images }: RecordedLanding) {
  return images.filter(
    (each) => each.repository === image.repository && filledTags(each, branch, landed.commit).includes(tag),
  );
}

/** Others that have the tag by as good a right, as nothing but the time when they were recorded tells them apart: one was pushed. */
export function rivalsOf(git: RepositoryGit, branch: string, tip: Sha, owned: OwnedTag): readonly RecordedImage[] {
  const { repository } = owned.image;
  return landingsOf(git, ourEntries(git, branch)).flatMap((other) => {
    const { commit, kind } = other.landed;
    if (commit === owned.landing.landed.commit || !git.model.contains(tip, commit)) return [];
    if (kind !== 'pushed' && owned.landing.landed.kind !== 'pushed') return [];
    if (isNewerFor(git, { tip, repository }, owned.landing, other) !== null) return [];
    return namedBy(owned, branch, other);
  });
}

/**
 * Others of which the branch has the very sources, and that are in its history once more, but only in that of a change which landed
 * since: they count for nothing (`isBackWithAnother`), and are as good.
 */
export function sameAsBack(git: RepositoryGit, branch: string, tip: Sha, owned: OwnedTag): readonly RecordedImage[] {
  const { repository } = owned.image;
  return landingsOf(git, ourEntries(git, branch)).flatMap((other) => {
    const { commit } = other.landed;
    if (!git.model.contains(tip, commit) || !isBackWithAnother(git, branch, commit)) return [];
    return isBuiltFrom(git, { tip, repository }, commit) ? namedBy(owned, branch, other) : [];
  });
}

/** The ledger's last word of it is a reset: what somebody merges back by hand is a push, and what is left of it the sweeper's. */
export function isTakenOut(entries: readonly LedgerEntry[], sequence: number): boolean {
  const last = entries.findLast((entry) => entry.detail.kind === 'reset' && entry.sequence > sequence);
  return last?.detail.kind === 'reset' && last.detail.standing < sequence;
}

/** True when the ledger of a branch says since before this moment that it is frozen: what was asked for is no freeze before that. */
export function frozenSince(git: RepositoryGit, branch: string, moment: number): boolean {
  for (let at = git.ledgers.get(branch); at !== undefined; at = git.model.get(at)?.parents[0]) {
    const kind = git.entries.get(at)?.detail.kind;
    if (kind === 'frozen' || kind === 'thawed') return kind === 'frozen' && (git.arrived.get(at) ?? 0) < moment;
  }
  return false;
}
