import type { BranchReading } from '../../model/landing.ts';
import type { LedgerDetail, LedgerEntry } from '../../model/ledger.ts';
import type { HeldTag, RecordedImage } from '../../model/promotion.ts';
import type { Digest, Sha } from '../../model/sha.ts';
import { fillTag } from './places.ts';

/** What the branch still holds as far as the ledger knows: a landing with what its gate uploaded, or what was built after a push. */
export interface StandingLanding {
  readonly sequence: number;
  readonly at: number;
  /** Of the change; 0: somebody pushed it. */
  readonly number: number;
  readonly commit: Sha;
  readonly tree: Sha;
  /** What its uploads are named by: what the gate tested; what was pushed, by itself. */
  readonly candidate: Sha;
  /** What its gate uploaded. */
  readonly tested: readonly Digest[];
  readonly images: readonly RecordedImage[];
  /** How often the branch was moved back or on by hand since. */
  readonly resets: number;
  /** How often it was built once more. */
  readonly rebuilt: number;
}

/**
 * Numbers of the landings that stand: a branch that goes back to one of them holds what it did when that one landed, and no
 * more. What landed on an earlier one came after a reset, though nobody may have recorded it in time.
 */
function numbersStanding(entries: readonly LedgerEntry[]): ReadonlySet<number> {
  const below = new Map<number, number>();
  const numbers = new Map<string, number>();
  let newest = 0;
  for (const { sequence, detail } of entries) {
    if (detail.kind === 'reset') newest = detail.standing;
    if (detail.kind !== 'landed') continue;
    const ground = numbers.get(detail.from) ?? newest;
    below.set(sequence, ground);
    // Where the first one landed on is known by that: what lands there again came after a reset to before it.
    if (!numbers.has(detail.from)) numbers.set(detail.from, ground);
    numbers.set(detail.commit, sequence);
    newest = sequence;
  }
  const standing = new Set<number>();
  for (let at = newest; at > 0 && !standing.has(at); at = below.get(at) ?? 0) standing.add(at);
  return standing;
}

/** What of a ledger is asked for each of its landings, put together once. */
interface Index {
  /** What was built again, by commit, oldest first. */
  readonly again: ReadonlyMap<Sha, { readonly times: number; readonly images: readonly RecordedImage[] }>;
  /** Numbers of the resets, ascending. */
  readonly resets: readonly number[];
  /** What the last of them took back of what was pushed before it. */
  readonly gone: ReadonlySet<number>;
}

function indexOf(entries: readonly LedgerEntry[]): Index {
  const again = new Map<Sha, { times: number; images: RecordedImage[] }>();
  const resets: number[] = [];
  let gone: ReadonlySet<number> = new Set();
  for (const { sequence, detail } of entries) {
    if (detail.kind === 'published') {
      const known = again.get(detail.commit) ?? { times: 0, images: [] };
      known.times += 1;
      known.images.push(...detail.images);
      again.set(detail.commit, known);
    }
    if (detail.kind !== 'reset') continue;
    resets.push(sequence);
    gone = new Set(detail.gone);
  }
  return { again, resets, gone };
}

/** What was uploaded first, with what was built again in its place. */
function imagesOf({ again }: Index, commit: Sha, first: readonly RecordedImage[]): readonly RecordedImage[] {
  const all = new Map<string, RecordedImage>();
  for (const image of [...first, ...(again.get(commit)?.images ?? [])]) all.set(`${image.name} ${image.target}`, image);
  return [...all.values()];
}

/** How many of these ascending numbers are above one. */
function countAbove(numbers: readonly number[], one: number): number {
  let [low, high] = [0, numbers.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((numbers[middle] ?? 0) > one) high = middle;
    else low = middle + 1;
  }
  return numbers.length - low;
}

type Built = Extract<LedgerDetail, { kind: 'landed' | 'pushed' }>;

function standingLanding(index: Index, { sequence, at }: LedgerEntry, built: Built): StandingLanding {
  const { commit } = built;
  const rebuilt = index.again.get(commit)?.times ?? 0;
  const plain = { sequence, at, commit, resets: countAbove(index.resets, sequence), rebuilt };
  if (built.kind === 'pushed') {
    const images = imagesOf(index, commit, built.images);
    return { ...plain, number: 0, tree: built.tree, candidate: commit, tested: [], images };
  }
  const { number, verdict } = built;
  const uploaded = verdict.images ?? [];
  const tested = uploaded.map(({ digest }) => digest);
  const images = imagesOf(index, commit, uploaded);
  return { ...plain, number, tree: verdict.tree, candidate: verdict.commit, tested, images };
}

/** What was pushed stands until a reset that is recorded after it says otherwise. */
function isGone({ resets, gone }: Index, sequence: number): boolean {
  return (resets.at(-1) ?? 0) > sequence && gone.has(sequence);
}

interface Placed {
  readonly after: number;
  readonly landing: StandingLanding;
  readonly stands: boolean;
}

/**
 * What was taken back keeps its place, for when the branch holds it again, and for what is known to stand under it. What was pushed
 * stands behind all that was recorded before it, but right under the landing that stood over it then, and under what was pushed or
 * landed on top of it and was recorded first.
 */
function placedIn(entries: readonly LedgerEntry[]): readonly Placed[] {
  const standing = numbersStanding(entries);
  const index = indexOf(entries);
  const placed: Placed[] = [];
  let line: readonly number[] = [];
  for (const entry of entries) {
    const { sequence, detail } = entry;
    if (detail.kind === 'reset') line = line.filter((landed) => landed <= detail.standing);
    if (detail.kind === 'landed') line = [...line, sequence];
    if (detail.kind !== 'pushed' && detail.kind !== 'landed') continue;
    const over = detail.kind === 'pushed' ? line.find((landed) => landed > detail.below) : undefined;
    const own = over === undefined ? sequence : over - 0.5;
    const above = detail.kind === 'pushed' ? detail.above : undefined;
    const place = above === undefined ? -1 : placed.findIndex(({ landing }) => landing.sequence === above);
    const after = Math.min(own, placed[place]?.after ?? own);
    const stands = detail.kind === 'landed' ? standing.has(sequence) : !isGone(index, sequence);
    const landing = standingLanding(index, entry, detail);
    placed.splice(place === -1 ? placed.length : place, 0, { after, landing, stands });
  }
  return placed.sort((one, other) => one.after - other.after);
}

/**
 * Landings, and what was built after pushes between them, in the order of the branch's own history, without what recorded resets
 * took back (images.md §3.2, §3.7): what was pushed stands behind the landing that its commit holds, and before what was pushed on
 * top of it, whenever it was built (versions.md §7).
 */
export function standingLandings(entries: readonly LedgerEntry[]): readonly StandingLanding[] {
  return placedIn(entries).flatMap(({ landing, stands }) => (stands ? [landing] : []));
}

/** What ever landed or was built after a push, in the same order, with what resets took back: that may come back. */
export function everBuilt(entries: readonly LedgerEntry[]): readonly StandingLanding[] {
  return placedIn(entries).map(({ landing }) => landing);
}

/** What landed, or was built after a push, and recorded resets took back, oldest first: what people pull may still be that. */
export function takenBack(entries: readonly LedgerEntry[]): readonly StandingLanding[] {
  const standing = numbersStanding(entries);
  const index = indexOf(entries);
  return entries.flatMap((entry) => {
    const { sequence, detail } = entry;
    if (detail.kind === 'landed') return standing.has(sequence) ? [] : [standingLanding(index, entry, detail)];
    return detail.kind === 'pushed' && isGone(index, sequence) ? [standingLanding(index, entry, detail)] : [];
  });
}

/** Number of the newest landing that stands; 0: none does. */
export function newestStanding(entries: readonly LedgerEntry[]): number {
  return Math.max(0, ...numbersStanding(entries));
}

/** Numbers of what was pushed that recorded resets took back, ascending. */
export function pushesGone(entries: readonly LedgerEntry[]): readonly number[] {
  const index = indexOf(entries);
  return entries.flatMap(({ sequence, detail }) =>
    detail.kind === 'pushed' && isGone(index, sequence) ? [sequence] : [],
  );
}

/** What of an image its tags are made from. */
type Tagged = Pick<RecordedImage, 'name' | 'target' | 'tags'>;

/** The tags of an image as this landing sets them; one whose version is not known yet is left out. */
export function tagsOf(image: Tagged, { commit }: StandingLanding, branch: string): readonly string[] {
  return filled(image, { sha: commit }, branch);
}

/** The tags that each landing which builds the image moves to itself. */
export function movingTags(image: Tagged, branch: string): readonly string[] {
  return filled(image, {}, branch);
}

function filled(image: Tagged, commit: { readonly sha?: string }, branch: string): readonly string[] {
  const values = { ...commit, image: image.name, target: image.target ?? '', branch: plainBranch(branch) };
  const known = new Set(Object.keys(values));
  const usable = image.tags.filter((tag) =>
    [...tag.matchAll(/\{\{([^{}]*)\}\}/g)].every((found) => known.has((found[1] ?? '').trim())),
  );
  return [...new Set(usable.map((tag) => fillTag(tag, values)))];
}

function plainBranch(branch: string): string {
  return branch.replace(/[^A-Za-z0-9._-]+/g, '-');
}

export function tagKey(repository: string, tag: string): string {
  return `${repository}:${tag}`;
}

/** A tag of the branch: which landing has it, and since when the branch does. */
export interface OwnTag extends HeldTag {
  readonly sequence: number;
  /** False for one that names the commit: each landing has its own. */
  readonly isMoving: boolean;
}

/**
 * The tags of the branch, by `tagKey`. The newest landing, in the order of the ledger, that built the image has each; one that
 * built it without a moving tag that it had before gave that up. Without any tag nothing is published (versions.md §2,
 * skip), and nothing is given up.
 */
export function ownTags(landings: readonly StandingLanding[], branch: string): ReadonlyMap<string, OwnTag> {
  const tags = new Map<string, OwnTag>();
  const moving = new Map<string, readonly string[]>();
  for (const landing of landings)
    for (const image of landing.images.filter(({ tags: own }) => own.length > 0)) {
      const { name, target, repository } = image;
      const { sequence, at } = landing;
      const keyOf = (tag: string): string => tagKey(repository, tag);
      // Those of a push are filled in already.
      const movable = { ...image, tags: image.tags.filter((tag) => !tag.includes(landing.commit)) };
      const moves = movingTags(movable, branch).map(keyOf);
      for (const key of moving.get(`${name} ${target}`) ?? []) if (!moves.includes(key)) tags.delete(key);
      moving.set(`${name} ${target}`, moves);
      for (const tag of tagsOf(image, landing, branch)) {
        const since = tags.get(keyOf(tag))?.since ?? at;
        tags.set(keyOf(tag), { repository, tag, sequence, since, isMoving: moves.includes(keyOf(tag)) });
      }
    }
  return tags;
}

/** What of them no other branch may set; as the ledger says, so that every worker says the same after any loss. */
export function claimsOf(tags: ReadonlyMap<string, OwnTag>): readonly HeldTag[] {
  return [...tags.values()].flatMap(({ repository, tag, since, isMoving }) =>
    isMoving ? [{ repository, tag, since }] : [],
  );
}

/** The same as the branch's own ledger says now; a ledger that could not be read says nothing. */
export function claimsRead(reading: BranchReading | null, branch: string): readonly HeldTag[] {
  return reading?.ledger.kind === 'whole' ? claimsOf(ownTags(standingLandings(reading.ledger.entries), branch)) : [];
}
