import { createHash } from 'node:crypto';
import { RegistryTrouble } from '../../model/registry.ts';
import { type Digest, isDigest } from '../../model/sha.ts';
import { parseObject } from './read-answer.ts';

/** A blob or manifest as a manifest names it. */
export interface Descriptor {
  readonly digest: Digest;
  readonly size: number;
  readonly mediaType: string;
}

/** A manifest's very bytes, with what they say. */
export interface Manifest {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly content: Buffer;
}

/** What has to be there before a manifest may be, as often as it is named. */
export interface Parts {
  readonly manifests: readonly Descriptor[];
  readonly blobs: readonly Descriptor[];
  readonly subject: Digest | null;
}

export const mostManifest = 4 * 1024 * 1024;
export const imageType = 'application/vnd.oci.image.manifest.v1+json';
export const indexType = 'application/vnd.oci.image.index.v1+json';
const dockerImage = 'application/vnd.docker.distribution.manifest.v2+json';
const dockerList = 'application/vnd.docker.distribution.manifest.list.v2+json';
export const indexTypes: readonly string[] = [indexType, dockerList];
export const manifestTypes: readonly string[] = [imageType, indexType, dockerImage, dockerList];
const mostParts = 2_000;
/** Layers that registries may neither keep nor give (Windows' base). */
const foreign = /\.nondistributable\.|\.foreign\./;

export function digestOf(content: Buffer): Digest {
  return `sha256:${createHash('sha256').update(content).digest('hex')}` as Digest;
}

/** Throws `RegistryTrouble` unless it is an image or index that we know; `refused`: of schema 1. */
export function toManifest(content: Buffer, contentType: string | undefined, what: string): Manifest {
  const body = parseObject(content, what);
  const said = typeof body.mediaType === 'string' ? body.mediaType : (contentType ?? '').split(';')[0]?.trim();
  if (body.schemaVersion === 1)
    throw new RegistryTrouble(
      'refused',
      `${what}: it is a manifest of schema 1, which nothing has written for years; build and push the image again`,
    );
  const mediaType = said !== undefined && manifestTypes.includes(said) ? said : guessType(body);
  if (body.schemaVersion !== 2 || mediaType === null)
    throw new RegistryTrouble(
      'refused',
      `${what}: it is neither an image nor an index that we know (${said ?? 'no type'})`,
    );
  return { digest: digestOf(content), mediaType, content };
}

export function partsOf({ content, mediaType }: Manifest, what: string): Parts {
  const body = parseObject(content, what);
  const subject = body.subject === undefined || body.subject === null ? null : toDescriptor(body.subject, what).digest;
  const isIndex = indexTypes.includes(mediaType);
  const list = (key: string): Descriptor[] => {
    const values = body[key] ?? [];
    if (!Array.isArray(values) || values.length > mostParts)
      throw new RegistryTrouble('refused', `${what}: its ${key} are no list of at most ${mostParts}`);
    return values.map((value) => toDescriptor(value, what));
  };
  if (isIndex) return { manifests: list('manifests'), blobs: [], subject };
  const blobs = [toDescriptor(body.config, what), ...list('layers')].filter(
    ({ mediaType: type }) => !foreign.test(type),
  );
  return { manifests: [], blobs, subject };
}

export function toDescriptor(value: unknown, what: string): Descriptor {
  const { digest, size, mediaType = '' } = (value ?? {}) as Partial<Record<keyof Descriptor, unknown>>;
  if (typeof digest !== 'string' || !isDigest(digest) || typeof mediaType !== 'string')
    throw new RegistryTrouble('refused', `${what}: it names something without a sha256 digest`);
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0)
    throw new RegistryTrouble('refused', `${what}: it names ${digest} without a size`);
  return { digest, size, mediaType };
}

function guessType(body: Record<string, unknown>): string | null {
  if (body.mediaType !== undefined) return null;
  if (Array.isArray(body.manifests)) return indexType;
  return Array.isArray(body.layers) && body.config !== undefined ? imageType : null;
}
