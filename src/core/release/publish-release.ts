import type { LedgerEntry, ReleaseDetail } from '../../model/ledger.ts';
import type { ReleasedImage } from '../../model/release.ts';
import type { ReleaseRun } from '../../model/release-run.ts';
import { isSameRelease } from '../../model/release-run.ts';
import { copyKey, type Look, lookKey } from '../promote/facts.ts';
import { imageKey } from '../push/begin-run.ts';
import { whyNotOurs } from '../push/publish-run.ts';
import type { ReleaseDraft, ReleaseFacts } from './facts.ts';

/** How far publishing came in this pass. */
export type Published =
  /** Something is to be looked at, copied or written first, or was just asked for. */
  | { readonly kind: 'waits' }
  /** A registry does not do what it was asked: it is asked again. */
  | { readonly kind: 'trouble'; readonly because: string }
  /** No registry has this image any more. */
  | { readonly kind: 'lost'; readonly because: string }
  /** It can never come to anything as it is. */
  | { readonly kind: 'failed'; readonly because: string }
  | { readonly kind: 'done' };

const waits: Published = { kind: 'waits' };

/** What a registry shows, as far as this pass looked; null: it is looked at before the plan counts. */
function look(draft: ReleaseDraft, facts: ReleaseFacts, repository: string, reference: string): Look | null {
  const found = facts.looks.get(lookKey(repository, reference));
  if (found === undefined) draft.wants.looks.push({ repository, reference });
  return found ?? null;
}

/** Its digest is where people pull it; where it is not, it is copied there from where it was built. */
function bring(draft: ReleaseDraft, facts: ReleaseFacts, { repository, digest, staged }: ReleasedImage): Published {
  const there = look(draft, facts, repository, digest);
  if (there === null) return waits;
  if (there.kind === 'trouble') return there;
  if (there.kind === 'found') return { kind: 'done' };
  const lost = { kind: 'lost', because: `${digest} is in ${staged.repository} no more, where it was built` } as const;
  if (staged.repository === repository) return lost;
  const from = { repository: staged.repository, digest };
  const copy = facts.copies.get(copyKey(from, repository));
  if (copy?.kind === 'running') return waits;
  const waiting = look(draft, facts, staged.repository, digest);
  if (waiting === null) return waits;
  if (waiting.kind === 'trouble') return waiting;
  if (waiting.kind === 'absent') return lost;
  draft.effects.push({ kind: 'copy', from, to: repository });
  return copy?.kind === 'failed' ? { kind: 'trouble', because: copy.because } : waits;
}

/** The worst of what several images came to. */
function together(each: readonly Published[]): Published {
  for (const kind of ['failed', 'lost', 'trouble', 'waits'] as const) {
    const found = each.find((one) => one.kind === kind);
    if (found !== undefined) return found;
  }
  return { kind: 'done' };
}

/** A tag that is set once: what names something else already is left alone, for good (versions.md §6.3). */
function judgeFinal(found: Look | null, { repository, digest }: ReleasedImage, tag: string): Published | 'absent' {
  if (found === null) return waits;
  if (found.kind === 'trouble') return found;
  if (found.kind === 'absent') return 'absent';
  if (found.digest === digest) return { kind: 'done' };
  const what = `${repository}:${tag} names ${found.digest.slice(0, 19)} already, and not ${digest.slice(0, 19)}`;
  return { kind: 'failed', because: `${what}: nothing was overwritten` };
}

function cameOf(facts: ReleaseFacts, { repository }: ReleasedImage, tag: string): Published {
  const came = facts.tagged.get(lookKey(repository, tag));
  return came !== undefined && 'because' in came ? { kind: 'trouble', because: `${tag}: ${came.because}` } : waits;
}

interface OneTag {
  readonly image: ReleasedImage;
  readonly tag: string;
}

function tagsOf(images: readonly ReleasedImage[], of: (image: ReleasedImage) => readonly string[]): readonly OneTag[] {
  return images.flatMap((image) => of(image).map((tag) => ({ image, tag })));
}

/** The digests are there, and no final tag is somebody else's: nothing is written into a registry before that is so. */
function check(draft: ReleaseDraft, facts: ReleaseFacts, images: readonly ReleasedImage[]): Published {
  const brought = together(images.map((image) => bring(draft, facts, image)));
  if (brought.kind !== 'done') return brought;
  const finals = tagsOf(images, ({ tags }) => tags).map(({ image, tag }) =>
    judgeFinal(look(draft, facts, image.repository, tag), image, tag),
  );
  return together(finals.map((each) => (each === 'absent' ? { kind: 'done' } : each)));
}

function setFinals(draft: ReleaseDraft, facts: ReleaseFacts, images: readonly ReleasedImage[]): Published {
  return together(
    tagsOf(images, ({ tags }) => tags).map(({ image, tag }) => {
      const { repository, digest } = image;
      const judged = judgeFinal(look(draft, facts, repository, tag), image, tag);
      if (judged !== 'absent') return judged;
      draft.effects.push({ kind: 'tag', image: { repository, digest }, tag });
      return cameOf(facts, image, tag);
    }),
  );
}

function setMoving(draft: ReleaseDraft, facts: ReleaseFacts, images: readonly ReleasedImage[]): Published {
  return together(
    tagsOf(images, ({ moving }) => moving).map(({ image, tag }) => {
      const { repository, digest } = image;
      const found = look(draft, facts, repository, tag);
      if (found === null) return waits;
      if (found.kind === 'trouble') return found;
      if (found.kind === 'found' && found.digest === digest) return { kind: 'done' };
      draft.effects.push({ kind: 'tag', image: { repository, digest }, tag });
      return cameOf(facts, image, tag);
    }),
  );
}

/** Those of its moving tags that it may have now: none above it in their scope is released (versions.md §4, §7). */
function movableOf(facts: ReleaseFacts, images: readonly ReleasedImage[]): readonly ReleasedImage[] {
  const movable = facts.judged?.kind === 'judged' ? facts.judged.movable : {};
  return images.map((image) => {
    const may = movable[imageKey(image.name, image.target)] ?? movable[image.name] ?? [];
    return { ...image, moving: image.moving.filter((tag) => may.includes(tag)) };
  });
}

function seen(found: Look | null): Published {
  if (found === null) return waits;
  return found.kind === 'trouble' ? found : { kind: 'done' };
}

/** With those moving tags that name it: one that was set stays its own, though somebody has written a higher version since. */
function holdingOf({ looks }: ReleaseFacts, images: readonly ReleasedImage[]): readonly ReleasedImage[] {
  return images.map((image) => {
    const isNamed = (tag: string): boolean => {
      const found = looks.get(lookKey(image.repository, tag));
      return found?.kind === 'found' && found.digest === image.digest;
    };
    return { ...image, moving: image.moving.filter(isNamed) };
  });
}

/** Writes into the ledger what is about to be, or is, published; the first entry names whose branch it is. */
function record(draft: ReleaseDraft, facts: ReleaseFacts, run: ReleaseRun, said: ReleaseDetail): Published {
  const { reading, now } = facts;
  if (reading?.ledger.kind !== 'whole') return { kind: 'trouble', because: 'the ledger of the branch cannot be read' };
  const { entries, head } = reading.ledger;
  const why = whyNotOurs(entries, facts.app);
  if (why !== null) return { kind: 'failed', because: `nothing was published: ${why}` };
  const { version, branch } = run.wish;
  const sequence = entries.length + 1;
  const detail = sequence === 1 ? ({ kind: 'owner', app: facts.app } as const) : said;
  const entry = { schema: 1, sequence, repository: run.project.id, branch, at: now, detail } as const;
  draft.effects.push({ kind: 'append', ledger: head, entry });
  draft.reasons.push(`${version}: ${detail.kind === 'owner' ? 'the ledger begins' : detail.kind}`);
  return waits;
}

/** What the ledger says of this version, the newest entry; null: nothing. */
export function recordedRelease(entries: readonly LedgerEntry[], { wish }: ReleaseRun): ReleaseDetail | null {
  const found = entries.findLast(({ detail }) => isSameRelease(detail, wish))?.detail;
  return found?.kind === 'releasing' || found?.kind === 'released' ? found : null;
}

/** Before the first tag: all digests are where they belong, and it is written into the ledger. */
export function stageRelease(
  draft: ReleaseDraft,
  facts: ReleaseFacts,
  run: ReleaseRun,
  images: readonly ReleasedImage[],
): Published {
  const checked = check(draft, facts, images);
  if (checked.kind !== 'done') return checked;
  const { wish, configuration, pressedBy } = run;
  const { component, version, commit, isVersion } = wish;
  const by = pressedBy ?? wish.by;
  const what = { component, version, tag: isVersion ? null : version, commit, tree: run.tree ?? commit };
  return record(draft, facts, run, { kind: 'releasing', ...what, configuration, by, images });
}

/**
 * Final tags first, each only where nothing is; then those that move; then the ledger says that it is done, of what it says was
 * begun, whichever commit of the same tree asks for it now (versions.md V12). Cut off anywhere, the next pass finds what is missing
 * in ledger and registry (versions.md §6.3).
 */
export function publishRelease(
  draft: ReleaseDraft,
  facts: ReleaseFacts,
  run: ReleaseRun,
  recorded: ReleaseDetail,
): Published {
  const { images } = recorded;
  const checked = check(draft, facts, images);
  if (checked.kind !== 'done') return checked;
  const finals = setFinals(draft, facts, images);
  if (finals.kind !== 'done') return finals;
  // What moves on from a release that was finished is another's.
  if (recorded.kind === 'released') return { kind: 'done' };
  if (facts.judged === null) {
    draft.wants.judged.push(run.wish.commit);
    return waits;
  }
  if (facts.judged.kind !== 'judged') return { kind: 'trouble', because: facts.judged.because };
  const moving = setMoving(draft, facts, movableOf(facts, images));
  if (moving.kind !== 'done') return moving;
  const held = together(
    tagsOf(images, (image) => image.moving).map((each) => seen(look(draft, facts, each.image.repository, each.tag))),
  );
  if (held.kind !== 'done') return held;
  return record(draft, facts, run, { ...recorded, kind: 'released', images: holdingOf(facts, images) });
}
