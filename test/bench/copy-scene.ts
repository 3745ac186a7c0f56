import { createHash, randomFillSync } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pushLayout } from '../../src/adapters/oci/push-layout.ts';
import type { ImageRef } from '../../src/model/registry.ts';
import { describe, imageType, makeImage, seedImage } from '../harness/oci-image.ts';
import { startOciRegistry, type TestRegistry } from '../harness/oci-registry.ts';
import { endLater } from './endings.ts';

const layers = 4;

/** A layer of random bytes in a layout, written piece by piece. */
async function writeLayer(blobs: string, bytes: number) {
  const hash = createHash('sha256');
  const path = join(blobs, 'under-way');
  const file: WriteStream = createWriteStream(path);
  const piece = Buffer.alloc(4 * 2 ** 20);
  for (let left = bytes; left > 0; left -= piece.length) {
    const part = Buffer.from(randomFillSync(piece).subarray(0, Math.min(left, piece.length)));
    hash.update(part);
    if (!file.write(part)) await once(file, 'drain');
  }
  await new Promise((resolve) => file.end(resolve));
  const hex = hash.digest('hex');
  await rename(path, join(blobs, hex));
  return { mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', digest: `sha256:${hex}`, size: bytes };
}

async function writeSmall(blobs: string, mediaType: string, content: object) {
  const bytes = Buffer.from(JSON.stringify(content));
  const named = describe(mediaType, bytes);
  await writeFile(join(blobs, named.digest.slice('sha256:'.length)), bytes);
  return named;
}

/** An image of so many bytes, in four layers, in a registry. */
export async function seedLarge(registry: TestRegistry, bytes: number): Promise<ImageRef> {
  const layout = await mkdtemp(join(tmpdir(), 'sluice-bench-layout-'));
  const remove = endLater(() => rm(layout, { recursive: true, force: true }));
  const blobs = join(layout, 'blobs', 'sha256');
  await mkdir(blobs, { recursive: true });
  const written = [];
  for (let index = 0; index < layers; index += 1) written.push(await writeLayer(blobs, bytes / layers));
  const rootfs = { type: 'layers', diff_ids: written.map(({ digest }) => digest) };
  const config = await writeSmall(blobs, 'application/vnd.oci.image.config.v1+json', {
    os: 'linux',
    architecture: 'amd64',
    rootfs,
  });
  const manifest = await writeSmall(blobs, imageType, {
    schemaVersion: 2,
    mediaType: imageType,
    config,
    layers: written,
  });
  await writeFile(join(layout, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: [manifest] }));
  const repository = `${registry.host}/staging/large`;
  const { digest } = await pushLayout({ layout, repository, tag: 'large', files: {}, insecure: true });
  await remove();
  return { repository, digest };
}

/** One of 350 KB, in four layers. */
export async function seedSmall(registry: TestRegistry, index: number): Promise<ImageRef> {
  const image = makeImage([200_000, 100_000, 40_000, 10_000]);
  await seedImage(registry.base, `staging/image${index}`, image);
  return { repository: `${registry.host}/staging/image${index}`, digest: image.digest };
}

/** A registry that knows nothing. */
export async function startFresh(): Promise<{ readonly registry: TestRegistry; readonly stop: () => Promise<void> }> {
  const registry = await startOciRegistry();
  return { registry, stop: endLater(() => registry.stop()) };
}
