import { type Build, definitionDigest } from '../../model/build.ts';
import type { Image } from '../../model/image.ts';
import type { Job } from '../../model/job.ts';
import type { JobRecord } from '../../model/presubmit.ts';
import type { RecordedImage, UploadPlace } from '../../model/promotion.ts';
import type { IndexEntry } from '../../model/registry.ts';
import type { Digest } from '../../model/sha.ts';

/** An index that is to be written over what the builds of several platforms uploaded. */
export interface WantedIndex {
  /** Names it among the indexes of a pass. */
  readonly key: string;
  readonly place: UploadPlace;
  readonly children: readonly IndexEntry[];
}

/** What came of the indexes that were wanted in a pass, by `WantedIndex.key`: its digest, or why it could not be written. */
export type WrittenIndexes = ReadonlyMap<string, Digest | { readonly because: string }>;

export interface CollectedImages {
  readonly images: readonly RecordedImage[];
  /** Must be written before what they are of can be told. */
  readonly indexes: readonly WantedIndex[];
  /** Why one of those could not be written in this pass; null: none failed. */
  readonly waits: string | null;
}

type Uploaded = {
  readonly build: Build;
  readonly digest: Digest;
  readonly entry: IndexEntry;
  readonly place: UploadPlace;
};

function uploadedBy(build: Build): Uploaded | null {
  const { state, parts } = build;
  const image = state.phase === 'finished' && state.result === 'success' ? state.outcome.image : null;
  if (!image?.uploaded) return null;
  const { repository, tag, mediaType, manifestBytes } = image.uploaded;
  const { digest } = image;
  const entry = { digest, mediaType, bytes: manifestBytes, platform: parts.point.platform ?? '' };
  return { build, digest, entry, place: { repository, tag } };
}

/** The tag of the whole, which that of each of its platforms begins with. */
function wholeTag({ place, entry }: Uploaded): string {
  const suffix = `-${entry.platform.replace(/[^A-Za-z0-9._-]+/g, '-')}`;
  return place.tag.endsWith(suffix) ? place.tag.slice(0, -suffix.length) : place.tag;
}

function together(
  image: Image,
  target: string | null,
  parts: readonly Uploaded[],
  indexes: WrittenIndexes,
): CollectedImages {
  const [first] = parts;
  if (!first || image.repository === null) return { images: [], indexes: [], waits: null };
  const recorded = { name: image.name, target, repository: image.repository, tags: image.tags };
  if (image.platforms.length < 2)
    return { images: [{ ...recorded, digest: first.digest, staged: first.place }], indexes: [], waits: null };
  const place = { repository: first.place.repository, tag: wholeTag(first) };
  const children = parts.map(({ entry }) => entry).sort((one, other) => (one.platform < other.platform ? -1 : 1));
  const key = definitionDigest([place, children]);
  const digest = indexes.get(key);
  if (digest === undefined) return { images: [], indexes: [{ key, place, children }], waits: null };
  if (typeof digest !== 'string') return { images: [], indexes: [], waits: digest.because };
  return { images: [{ ...recorded, digest, staged: place }], indexes: [], waits: null };
}

const nothing: CollectedImages = { images: [], indexes: [], waits: null };

/** What a job's builds uploaded, each image whole: one of several platforms is the index over them (images.md §1). */
export function imagesOfJob(job: Job, record: Pick<JobRecord, 'status'>, indexes: WrittenIndexes): CollectedImages {
  const { status } = record;
  // Half of it is nothing: an image lacks a platform, or a change one of its images.
  if (job.content.template !== 'upload-image' || status.kind !== 'ended' || status.result !== 'success') return nothing;
  const uploaded = status.builds.flatMap((build) => uploadedBy(build) ?? []);
  const collected = job.content.images.flatMap((image) =>
    (image.targets.length > 0 ? image.targets : [null]).map((target) => {
      const parts = uploaded.filter(
        ({ build: { parts } }) => parts.point.image === image.name && (parts.point.target ?? null) === target,
      );
      return together(image, target, parts, indexes);
    }),
  );
  return {
    images: collected.flatMap(({ images }) => images),
    indexes: collected.flatMap((each) => each.indexes),
    waits: collected.find(({ waits }) => waits !== null)?.waits ?? null,
  };
}
