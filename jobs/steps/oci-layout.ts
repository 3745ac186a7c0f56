import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { exitCodes, StepFailure } from './step-failure.ts';

/** A blob as a manifest names it. */
export interface Descriptor {
  readonly digest: string;
  readonly size: number;
}

const mostJson = 4 * 1024 * 1024;

/** The content of `index.json`. */
export async function readIndex(layout: string): Promise<unknown> {
  await using file = await openPlain(join(layout, 'index.json'));
  return parse((await readAll(file, 'index.json')).toString(), 'index.json');
}

/** A blob's JSON, after its digest and size were found to be what the descriptor says. */
export async function readJsonBlob(layout: string, descriptor: Descriptor): Promise<unknown> {
  await using file = await openPlain(blobPath(layout, descriptor));
  const content = await readAll(file, descriptor.digest);
  demandSame(descriptor, createHash('sha256').update(content).digest('hex'), content.length);
  return parse(content.toString(), descriptor.digest);
}

/** Reads a whole blob and compares it with its descriptor; memory does not grow with it. */
export async function verifyBlob(layout: string, descriptor: Descriptor): Promise<void> {
  await using file = await openPlain(blobPath(layout, descriptor));
  const hash = createHash('sha256');
  let size = 0;
  for await (const part of file.createReadStream({ autoClose: false, end: descriptor.size })) {
    hash.update(part);
    size += part.length;
  }
  demandSame(descriptor, hash.digest('hex'), size);
}

/** Throws unless it is a descriptor with a sha256 digest. */
export function toDescriptor(value: unknown, what: string): Descriptor {
  const found = value as Partial<Record<keyof Descriptor, unknown>> | null;
  if (typeof found !== 'object' || found === null) throw broken(`${what} is missing`);
  const { digest, size } = found;
  if (typeof digest !== 'string' || !/^sha256:[0-9a-f]{64}$/.test(digest)) throw broken(`${what} has no sha256 digest`);
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) throw broken(`${what} has no size`);
  return { digest, size };
}

export function broken(why: string): StepFailure {
  return new StepFailure(exitCodes.brokenImage, `The image that was built cannot be used: ${why}`);
}

function blobPath(layout: string, { digest }: Descriptor): string {
  return join(layout, 'blobs', 'sha256', digest.slice('sha256:'.length));
}

function demandSame({ digest, size }: Descriptor, found: string, bytes: number): void {
  if (bytes !== size) throw broken(`${digest} has not the ${size} bytes that it should have`);
  if (`sha256:${found}` !== digest) throw broken(`${digest} has the content of sha256:${found}`);
}

// The layout lies where a Dockerfile's commands could write: a link would lead elsewhere, a pipe would never end.
async function openPlain(path: string): Promise<FileHandle> {
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    if ((await file.stat()).isFile()) return file;
    await file.close();
  } catch (cause) {
    throw broken(`${path} cannot be read: ${(cause as Error).message}`);
  }
  throw broken(`${path} is no plain file`);
}

async function readAll(file: FileHandle, what: string): Promise<Buffer> {
  const { size } = await file.stat();
  if (size > mostJson) throw broken(`${what} is larger than ${mostJson} bytes`);
  return file.readFile();
}

function parse(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw broken(`${what} is not JSON: ${(cause as Error).message.slice(0, 100)}`);
  }
}
