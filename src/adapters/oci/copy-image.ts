import { type Copied, RegistryTrouble } from '../../model/registry.ts';
import type { Digest } from '../../model/sha.ts';
import { fewAtOnce } from './few-at-once.ts';
import { type Descriptor, indexTypes, type Manifest, partsOf } from './manifest.ts';
import { getManifest, hasManifest, nameOf, putManifest } from './manifest-calls.ts';
import { readBlob } from './read-blob.ts';
import { keepReferrers, listReferrers, namedAfter, type Referrer } from './referrers.ts';
import type { Repository } from './repository.ts';
import { manifestOf } from './tag-image.ts';
import { hasBlob, mountBlob, uploadBlob } from './upload-blob.ts';

/** A copy under way, from one repository to another. */
interface CopyJob {
  readonly from: Repository;
  readonly to: Repository;
  readonly copied: { bytes: number; blobs: number; mounted: number };
  /** Manifests that were met. */
  readonly begun: Set<Digest>;
  /** What is there by now. */
  readonly done: Set<Digest>;
}

const deepest = 4;
const mostReferrers = 500;

/** How deep in indexes a manifest lies, and in what refers to what. */
interface Depth {
  readonly index: number;
  readonly referrer: number;
}

/** An image whole, what it is made of and what refers to it before it: once it is there, all of that is. */
export async function copyImage(from: Repository, to: Repository, digest: Digest): Promise<Copied> {
  const job: CopyJob = { from, to, copied: { bytes: 0, blobs: 0, mounted: 0 }, begun: new Set(), done: new Set() };
  await copyManifest(job, digest, { index: 0, referrer: 0 });
  await manifestOf(to, digest);
  return job.copied;
}

/** A manifest after all that it names. It is there already: so is what it names, as no registry takes it before. */
async function copyManifest(job: CopyJob, digest: Digest, depth: Depth): Promise<void> {
  const { from, to, begun, done } = job;
  if (begun.has(digest)) return;
  begun.add(digest);
  const manifest = await sourceOf(job, digest);
  const what = `cannot copy ${nameOf(from, digest)}`;
  if (depth.index > deepest) throw new RegistryTrouble('refused', `${what}: indexes lie in each other too deep`);
  const { manifests, blobs } = partsOf(manifest, what);
  for (const child of manifests) await copyManifest(job, child.digest, { ...depth, index: depth.index + 1 });
  const isThere = await hasManifest(to, digest);
  if (!isThere) await copyBlobs(job, blobs);
  const referrers = await referrersOf(job, digest, depth);
  await copyReferrers(job, digest, referrers.plain, depth);
  if (depth.referrer === 0) await copyNamed(job, digest);
  if (!isThere) await putManifest(to, digest, manifest);
  done.add(digest);
  await copyReferrers(job, digest, referrers.indexes, depth);
}

/** Signatures, SBOMs and attestations of a manifest. An index may have the manifest itself in it, and cannot be there before it. */
async function referrersOf({ from }: CopyJob, subject: Digest, { referrer }: Depth) {
  const { list } = await listReferrers(from, subject);
  if (list.length > 0 && (referrer > 2 || list.length > mostReferrers))
    throw new RegistryTrouble('refused', `too much refers to ${from.place.repository}@${subject} to copy it`);
  const isIndex = ({ mediaType }: Referrer) => indexTypes.includes(String(mediaType));
  return { plain: list.filter((each) => !isIndex(each)), indexes: list.filter(isIndex) };
}

/** With what refers to those; listed as the target's registry does it. */
async function copyReferrers(job: CopyJob, subject: Digest, list: readonly Referrer[], depth: Depth): Promise<void> {
  const copied: Referrer[] = [];
  for (const each of list) {
    // A list may name what was deleted since.
    if (!(await hasManifest(job.from, each.digest))) continue;
    await copyManifest(job, each.digest, { index: 0, referrer: depth.referrer + 1 });
    // Who lists an image under itself is not followed in a circle.
    if (job.done.has(each.digest)) copied.push(each);
  }
  if (copied.length > 0) await keepReferrers(job.to, subject, copied);
}

/** What cosign keeps of a manifest under tags; one that is there stays, as it may be of more than ours. */
async function copyNamed(job: CopyJob, subject: Digest): Promise<void> {
  const { from, to } = job;
  for (const tag of namedAfter(subject)) {
    const found = (await hasManifest(from, tag)) ? await getManifest(from, tag) : null;
    if (found === null || (await hasManifest(to, tag))) continue;
    await copyManifest(job, found.digest, { index: 0, referrer: 1 });
    await putManifest(to, tag, found);
  }
}

async function sourceOf({ from }: CopyJob, digest: Digest): Promise<Manifest> {
  const manifest = await getManifest(from, digest);
  if (manifest !== null) return manifest;
  throw new RegistryTrouble('absent', `there is no ${nameOf(from, digest)}: it was deleted, or never pushed`);
}

async function copyBlobs(job: CopyJob, blobs: readonly Descriptor[]): Promise<void> {
  await fewAtOnce([...new Map(blobs.map((blob) => [blob.digest, blob])).values()], (blob) => copyBlob(job, blob));
}

async function copyBlob({ from, to, copied, done }: CopyJob, blob: Descriptor): Promise<void> {
  if (done.has(blob.digest)) return;
  if (!(await hasBlob(to, blob))) {
    const isSame = from.place.origin.href === to.place.origin.href && from.place.name !== to.place.name;
    const mounted = isSame ? await mountBlob(to, blob, from.place.name) : null;
    if (mounted?.kind === 'mounted') copied.mounted += 1;
    else {
      await uploadBlob(to, blob, (offset) => readBlob(from, blob, offset), mounted?.begun);
      copied.blobs += 1;
      copied.bytes += blob.size;
    }
  }
  done.add(blob.digest);
}
