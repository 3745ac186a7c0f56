import { RegistryTrouble, tagBeside } from '../../model/registry.ts';
import type { Digest } from '../../model/sha.ts';
import type { Clock } from '../../ports/clock.ts';
import type { RegistryFiles } from '../../ports/registry-keys.ts';
import { fewAtOnce } from './few-at-once.ts';
import { createHttp } from './http.ts';
import { BrokenLayout, findImage, readLayoutBlob, readSmallBlob } from './layout.ts';
import { machineClock } from './machine-clock.ts';
import { type Descriptor, type Manifest, partsOf, toManifest } from './manifest.ts';
import { putManifest } from './manifest-calls.ts';
import { openRepository, type Repository } from './repository.ts';
import { demandTag, isImmutable } from './tag-image.ts';
import { RegistryRefusal } from './trouble.ts';
import { hasBlob, uploadBlob } from './upload-blob.ts';

export interface LayoutPush {
  /** Folder of an OCI layout that holds one image. */
  readonly layout: string;
  /** With registry host, without tag. */
  readonly repository: string;
  readonly tag: string;
  /** `config.json` as Docker writes it, none: anonymous; `ca.crt`: a further authority that is trusted. */
  readonly files: RegistryFiles;
  /** Spoken to over plain HTTP. */
  readonly insecure: boolean;
  /** Other than this machine's: time of tests. */
  readonly clock?: Clock;
  readonly signal?: AbortSignal;
  /** How long a registry may say nothing. */
  readonly silenceMs?: number;
}

export interface PushedLayout {
  readonly digest: Digest;
  /** As it was wished, or the one beside it. */
  readonly tag: string;
  readonly mediaType: string;
  /** Of the manifest itself. */
  readonly manifestBytes: number;
  /** Compressed, config and layers. */
  readonly bytes: number;
  readonly layers: number;
}

/**
 * Pushes the one image of a layout: every blob, the manifest by digest, then under the tag; reads it back and compares. Pushing
 * again is pushing once. Where another digest has the tag and the registry lets nobody move it, it goes under a tag beside it:
 * what is there may be anybody's (images.md §2). Throws `RegistryTrouble` for what a registry did, `BrokenLayout` for what the
 * layout is.
 */
export async function pushLayout(push: LayoutPush): Promise<PushedLayout> {
  const http = createHttp(push.files['ca.crt']);
  try {
    const repository = openRepository(push.repository, push.files, {
      http,
      clock: push.clock ?? machineClock,
      signal: push.signal ?? new AbortController().signal,
      insecure: push.insecure,
      silenceMs: push.silenceMs ?? 60_000,
    });
    return await pushImage(push.layout, repository, push.tag);
  } finally {
    http.close();
  }
}

async function pushImage(layout: string, repository: Repository, tag: string): Promise<PushedLayout> {
  const { manifest, blobs } = await readImage(layout);
  const distinct = [...new Map(blobs.map((blob) => [blob.digest, blob])).values()];
  await fewAtOnce(distinct, (blob) => pushBlob(layout, repository, blob));
  await putManifest(repository, manifest.digest, manifest);
  const named = await nameIt(repository, tag, manifest);
  await demandTag(repository, named, manifest.digest);
  const bytes = blobs.reduce((sum, { size }) => sum + size, 0);
  const { digest, mediaType, content } = manifest;
  return { digest, tag: named, mediaType, manifestBytes: content.length, bytes, layers: blobs.length - 1 };
}

async function nameIt(repository: Repository, tag: string, manifest: Manifest): Promise<string> {
  try {
    await putManifest(repository, tag, manifest);
    return tag;
  } catch (trouble) {
    if (!(trouble instanceof RegistryRefusal) || !isImmutable(trouble)) throw trouble;
    const beside = tagBeside(tag, manifest.digest);
    await putManifest(repository, beside, manifest);
    return beside;
  }
}

async function pushBlob(layout: string, repository: Repository, blob: Descriptor): Promise<void> {
  if (await hasBlob(repository, blob)) return;
  try {
    await uploadBlob(repository, blob, (offset) => readLayoutBlob(layout, blob, offset));
  } catch (cause) {
    const isOurs = cause instanceof RegistryTrouble && cause.kind === 'corrupt' && !(cause instanceof RegistryRefusal);
    throw isOurs ? new BrokenLayout(cause.message) : cause;
  }
}

async function readImage(layout: string): Promise<{ manifest: Manifest; blobs: readonly Descriptor[] }> {
  const image = await findImage(layout);
  const content = await readSmallBlob(layout, image);
  try {
    const manifest = toManifest(content, image.mediaType, image.digest);
    const { manifests, blobs } = partsOf(manifest, image.digest);
    if (manifests.length > 0) throw new BrokenLayout(`${image.digest} is an index, not an image`);
    return { manifest, blobs };
  } catch (cause) {
    // What would be a registry's fault elsewhere is here the builder's.
    throw cause instanceof RegistryTrouble ? new BrokenLayout(cause.message) : cause;
  }
}
