import { createHash } from 'node:crypto';
import { type ImageRef, RegistryTrouble } from '../../model/registry.ts';
import type { RegistryFiles } from '../../ports/registry-keys.ts';
import { createHttp } from './http.ts';
import { machineClock } from './machine-clock.ts';
import { type Descriptor, toDescriptor } from './manifest.ts';
import { getManifest } from './manifest-calls.ts';
import { parseObject } from './read-answer.ts';
import { readBlob } from './read-blob.ts';
import { openRepository } from './repository.ts';

/** One blob of an artifact, with what its maker wrote beside it: nothing of that is to be believed. */
export interface ArtifactEntry extends Descriptor {
  readonly annotations: Readonly<Record<string, unknown>>;
}

export interface OpenedArtifact {
  readonly entries: readonly ArtifactEntry[];
  /** Its bytes; throws `RegistryTrouble` at the end unless they are those that the digest names. */
  read(entry: Descriptor): AsyncGenerator<Buffer>;
  close(): void;
}

/** Reads the manifest with exactly this digest. Throws `RegistryTrouble` where it is not there, or is something else. */
export async function openArtifact(
  { repository, digest }: ImageRef,
  { files, insecure }: { readonly files: RegistryFiles; readonly insecure: boolean },
): Promise<OpenedArtifact> {
  const http = createHttp(files['ca.crt']);
  const signal = new AbortController().signal;
  const opened = openRepository(repository, files, { http, clock: machineClock, signal, insecure, silenceMs: 60_000 });
  const what = `cannot read ${repository}@${digest}`;
  try {
    const manifest = await getManifest(opened, digest);
    if (manifest === null) throw new RegistryTrouble('refused', `${what}: it is not there any more`);
    const { layers } = parseObject(manifest.content, what);
    if (!Array.isArray(layers)) throw new RegistryTrouble('refused', `${what}: it holds no files`);
    const entries = layers.map((layer) => ({ ...toDescriptor(layer, what), annotations: annotationsOf(layer) }));
    return { entries, read: (entry) => readWhole(readBlob(opened, entry, 0), entry, what), close: () => http.close() };
  } catch (cause) {
    http.close();
    throw cause;
  }
}

function annotationsOf({ annotations }: { readonly annotations?: unknown }): Readonly<Record<string, unknown>> {
  return typeof annotations === 'object' && annotations !== null ? (annotations as Record<string, unknown>) : {};
}

async function* readWhole(
  pieces: AsyncGenerator<Buffer>,
  { digest }: Descriptor,
  what: string,
): AsyncGenerator<Buffer> {
  const hash = createHash('sha256');
  for await (const piece of pieces) {
    hash.update(piece);
    yield piece;
  }
  const found = `sha256:${hash.digest('hex')}`;
  if (found !== digest) throw new RegistryTrouble('corrupt', `${what}: the registry gave ${found} as ${digest}`);
}
