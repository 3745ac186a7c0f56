import { createHash, randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Digest } from '../../src/model/sha.ts';

export const imageType = 'application/vnd.oci.image.manifest.v1+json';
export const indexType = 'application/vnd.oci.image.index.v1+json';
export const dockerType = 'application/vnd.docker.distribution.manifest.v2+json';
export const dockerListType = 'application/vnd.docker.distribution.manifest.list.v2+json';

export interface TestManifest {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly content: Buffer;
}

/** A manifest with everything below it; a part comes before what names it. */
export interface TestImage extends TestManifest {
  readonly blobs: readonly Buffer[];
  readonly children: readonly TestManifest[];
}

export function digestOf(content: Buffer | string): Digest {
  return `sha256:${createHash('sha256').update(content).digest('hex')}` as Digest;
}

export function describe(mediaType: string, content: Buffer) {
  return { mediaType, digest: digestOf(content), size: content.length };
}

function toManifest(body: { readonly mediaType: string; readonly [key: string]: unknown }): TestManifest {
  const content = Buffer.from(JSON.stringify({ schemaVersion: 2, ...body }));
  return { digest: digestOf(content), mediaType: body.mediaType, content };
}

/** An image whose layers are random bytes of these sizes; nothing would run it, every registry takes it. */
export function makeImage(sizes: readonly number[], more: object = {}, mediaType: string = imageType): TestImage {
  const config = Buffer.from(
    JSON.stringify({ os: 'linux', architecture: 'amd64', salt: randomBytes(8).toString('hex') }),
  );
  const layers = sizes.map((size) => randomBytes(size));
  const manifest = toManifest({
    mediaType,
    config: describe('application/vnd.oci.image.config.v1+json', config),
    layers: layers.map((layer) => describe('application/vnd.oci.image.layer.v1.tar+gzip', layer)),
    ...more,
  });
  return { ...manifest, blobs: [config, ...layers], children: [] };
}

export function makeIndex(images: readonly TestImage[], more: object = {}): TestImage {
  const manifests = images.map(({ content, mediaType }, index) => ({
    ...describe(mediaType, content),
    platform: { os: 'linux', architecture: index === 0 ? 'amd64' : 'arm64' },
  }));
  const index = toManifest({ mediaType: indexType, manifests, ...more });
  return { ...index, blobs: images.flatMap(({ blobs }) => blobs), children: images };
}

export function blobPath(layout: string, digest: string): string {
  return join(layout, 'blobs', 'sha256', digest.slice('sha256:'.length));
}

/** An OCI layout, as builders write it. */
export async function writeLayout(layout: string, image: TestImage): Promise<void> {
  await mkdir(join(layout, 'blobs', 'sha256'), { recursive: true });
  for (const content of [...image.blobs, image.content]) await writeFile(blobPath(layout, digestOf(content)), content);
  const manifests = [describe(image.mediaType, image.content)];
  await writeFile(join(layout, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests }));
}

/** Puts an image into a registry, not by our client. */
export async function seedImage(base: string, name: string, image: TestImage, tag?: string): Promise<void> {
  for (const blob of image.blobs) {
    const opened = await fetch(`${base}/v2/${name}/blobs/uploads/`, { method: 'POST' });
    const to = new URL(opened.headers.get('location') ?? '', base);
    to.searchParams.set('digest', digestOf(blob));
    await demandOk(await fetch(to, { method: 'PUT', body: new Uint8Array(blob) }));
  }
  for (const manifest of [...image.children, image]) await seedManifest(base, name, manifest, manifest.digest);
  if (tag !== undefined) await seedManifest(base, name, image, tag);
}

export async function seedManifest(
  base: string,
  name: string,
  manifest: TestManifest,
  reference: string,
): Promise<void> {
  const headers = { 'content-type': manifest.mediaType };
  const body = new Uint8Array(manifest.content);
  await demandOk(await fetch(`${base}/v2/${name}/manifests/${reference}`, { method: 'PUT', headers, body }));
}

/** What a registry has under a reference, asked not by our client; null: nothing. */
export async function readDigest(base: string, name: string, reference: string): Promise<string | null> {
  const headers = { accept: [imageType, indexType, dockerType, dockerListType].join(', ') };
  const answer = await fetch(`${base}/v2/${name}/manifests/${reference}`, { headers });
  const content = Buffer.from(await answer.arrayBuffer());
  return answer.ok ? digestOf(content) : null;
}

export async function hasBlob(base: string, name: string, digest: string): Promise<boolean> {
  return (await fetch(`${base}/v2/${name}/blobs/${digest}`, { method: 'HEAD' })).ok;
}

async function demandOk(answer: Response): Promise<void> {
  const text = await answer.text();
  if (!answer.ok) throw new Error(`a test's registry said ${answer.status} ${text}`);
}
