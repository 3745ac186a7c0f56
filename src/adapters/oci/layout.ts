import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { isDigest } from '../../model/sha.ts';
import { type Descriptor, digestOf, mostManifest } from './manifest.ts';

/** An OCI layout that is not what it should be: whoever built it wrote it so. */
export class BrokenLayout extends Error {
  constructor(why: string) {
    super(`The image that was built cannot be used: ${why}`);
    this.name = 'BrokenLayout';
  }
}

/** The one manifest that `index.json` names. */
export async function findImage(layout: string): Promise<Descriptor> {
  await using file = await openPlain(join(layout, 'index.json'));
  const { manifests } = toObject(parseJson(await readAll(file, 'index.json'), 'index.json'), 'index.json');
  if (!Array.isArray(manifests)) throw new BrokenLayout('index.json has no list of manifests');
  if (manifests.length !== 1) throw new BrokenLayout(`its index names ${manifests.length} images instead of one`);
  return toLayoutDescriptor(manifests[0], 'the manifest');
}

/** A small blob, after its digest and size were found to be what the descriptor says. */
export async function readSmallBlob(layout: string, descriptor: Descriptor): Promise<Buffer> {
  await using file = await openPlain(blobPath(layout, descriptor));
  const content = await readAll(file, descriptor.digest);
  if (content.length !== descriptor.size) throw wrongSize(descriptor);
  demandDigest(descriptor, digestOf(content));
  return content;
}

/** A blob's bytes from an offset on; memory does not grow with it. Compares the length, not the digest. */
export async function* readLayoutBlob(layout: string, blob: Descriptor, offset: number): AsyncGenerator<Buffer> {
  await using file = await openPlain(blobPath(layout, blob));
  if ((await file.stat()).size !== blob.size) throw wrongSize(blob);
  if (offset >= blob.size) return;
  yield* file.createReadStream({ autoClose: false, start: offset, end: blob.size - 1 }) as AsyncIterable<Buffer>;
}

/** Throws unless it is a descriptor with a sha256 digest. */
export function toLayoutDescriptor(value: unknown, what: string): Descriptor {
  const { digest, size, mediaType = '' } = toObject(value, what);
  if (typeof digest !== 'string' || !isDigest(digest)) throw new BrokenLayout(`${what} has no sha256 digest`);
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0)
    throw new BrokenLayout(`${what} has no size`);
  return { digest, size, mediaType: typeof mediaType === 'string' ? mediaType : '' };
}

/** Reads a whole blob and compares it with its descriptor; memory does not grow with it. */
export async function verifyLayoutBlob(layout: string, blob: Descriptor): Promise<void> {
  const hash = createHash('sha256');
  for await (const piece of readLayoutBlob(layout, blob, 0)) hash.update(piece);
  demandDigest(blob, `sha256:${hash.digest('hex')}`);
}

function blobPath(layout: string, { digest }: Descriptor): string {
  return join(layout, 'blobs', 'sha256', digest.slice('sha256:'.length));
}

function demandDigest({ digest }: Descriptor, found: string): void {
  if (found !== digest) throw new BrokenLayout(`${digest} has the content of ${found}`);
}

function wrongSize({ digest, size }: Descriptor): BrokenLayout {
  return new BrokenLayout(`${digest} has not the ${size} bytes that it should have`);
}

// The layout lies where a Dockerfile's commands could write: a link would lead elsewhere, a pipe would never end.
async function openPlain(path: string): Promise<FileHandle> {
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    if ((await file.stat()).isFile()) return file;
    await file.close();
  } catch (cause) {
    throw new BrokenLayout(`${path} cannot be read: ${(cause as Error).message}`);
  }
  throw new BrokenLayout(`${path} is no plain file`);
}

async function readAll(file: FileHandle, what: string): Promise<Buffer> {
  const { size } = await file.stat();
  if (size > mostManifest) throw new BrokenLayout(`${what} is larger than ${mostManifest} bytes`);
  return file.readFile();
}

/** Throws `BrokenLayout` where it is none. */
export function parseJson(content: Buffer, what: string): unknown {
  try {
    return JSON.parse(content.toString());
  } catch (cause) {
    throw new BrokenLayout(`${what} is not JSON: ${(cause as Error).message.slice(0, 100)}`);
  }
}

function toObject(value: unknown, what: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null) throw new BrokenLayout(`${what} is missing`);
  return value as Record<string, unknown>;
}
