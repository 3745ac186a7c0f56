import type { IndexEntry } from '../../model/registry.ts';
import type { Digest } from '../../model/sha.ts';
import { digestOf, indexType } from './manifest.ts';
import { putManifest } from './manifest-calls.ts';
import type { Repository } from './repository.ts';
import { manifestOf } from './tag-image.ts';

/** The same children give the same bytes, in whatever order they come. */
export async function putIndex(repository: Repository, children: readonly IndexEntry[]): Promise<Digest> {
  const manifests = children.map(toEntry).sort((one, other) => (sortKey(one) < sortKey(other) ? -1 : 1));
  const content = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: indexType, manifests }));
  const digest = digestOf(content);
  await putManifest(repository, digest, { digest, mediaType: indexType, content });
  await manifestOf(repository, digest);
  return digest;
}

function toEntry({ digest, mediaType, bytes, platform }: IndexEntry) {
  const [os = '', architecture = '', variant] = platform.split('/');
  const names = variant === undefined ? { architecture, os } : { architecture, os, variant };
  return { mediaType, digest, size: bytes, platform: names };
}

function sortKey({ platform, digest }: ReturnType<typeof toEntry>): string {
  return `${platform.os}/${platform.architecture}/${'variant' in platform ? platform.variant : ''} ${digest}`;
}
