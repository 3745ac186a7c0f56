import { type Copied, RegistryTrouble } from '../../model/registry.ts';
import type { Digest } from '../../model/sha.ts';
import { fewAtOnce } from './few-at-once.ts';
import { type Descriptor, type Manifest, partsOf } from './manifest.ts';
import { getManifest, hasManifest, nameOf, putManifest } from './manifest-calls.ts';
import { readBlob } from './read-blob.ts';
import { keepReferrers, listReferrers, type Referrer } from './referrers.ts';
import type { Repository } from './repository.ts';
import { manifestOf } from './tag-image.ts';
import { hasBlob, mountBlob, uploadBlob } from './upload-blob.ts';

/** A copy under way, from one repository to another. */
interface CopyJob {
  readonly from: Repository;
  readonly to: Repository;
  readonly copied: { bytes: number; blobs: number; mounted: number };
  /** What is there by now. */
  readonly done: Set<Digest>;
}

const deepest = 4;
const mostReferrers = 500;

/** An image whole: what it is made of before it, what refers to it after it. */
export async function copyImage(from: Repository, to: Repository, digest: Digest): Promise<Copied> {
  const job: CopyJob = { from, to, copied: { bytes: 0, blobs: 0, mounted: 0 }, done: new Set() };
  await copyManifest(job, digest, 0);
  await manifestOf(to, digest);
  await copyReferrers(job, digest);
  return job.copied;
}

/** A manifest after all that it names. It is there already: so is what it names, as no registry takes it before. */
async function copyManifest(job: CopyJob, digest: Digest, depth: number): Promise<void> {
  const { from, to, done } = job;
  if (done.has(digest)) return;
  const manifest = await sourceOf(job, digest);
  const what = `cannot copy ${nameOf(from, digest)}`;
  if (depth > deepest) throw new RegistryTrouble('refused', `${what}: indexes lie in each other too deep`);
  const { manifests, blobs } = partsOf(manifest, what);
  for (const child of manifests) await copyManifest(job, child.digest, depth + 1);
  if (!(await hasManifest(to, digest))) {
    await copyBlobs(job, blobs);
    await putManifest(to, digest, manifest);
  }
  for (const child of manifests) await copyReferrers(job, child.digest);
  done.add(digest);
}

/** Signatures, SBOMs and attestations of a manifest, and what refers to those; the lists as the target's registry keeps them. */
async function copyReferrers(job: CopyJob, subject: Digest, depth = 0): Promise<void> {
  const { list } = await listReferrers(job.from, subject);
  if (list.length === 0) return;
  if (depth > 2 || list.length > mostReferrers)
    throw new RegistryTrouble('refused', `too much refers to ${job.from.place.repository}@${subject} to copy it`);
  const copied: Referrer[] = [];
  for (const referrer of list) {
    // A list may name what was deleted since.
    if (!(await hasManifest(job.from, referrer.digest))) continue;
    await copyManifest(job, referrer.digest, 0);
    await copyReferrers(job, referrer.digest, depth + 1);
    copied.push(referrer);
  }
  if (copied.length > 0) await keepReferrers(job.to, subject, copied);
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
