import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PushedLayout } from '../../../src/adapters/oci/push-layout.ts';
import { startPeer } from '../../bench/channel.ts';
import { blobPath, hasBlob, imageType, readDigest, describe as toDescriptor } from '../../harness/oci-image.ts';
import { startOciRegistry, type TestRegistry } from '../../harness/oci-registry.ts';

const layerBytes = 240 * 2 ** 20;
/** Far more than pieces under way, far less than the layer. */
const mostGrowth = 100 * 2 ** 20;
const client = join(import.meta.dirname, '..', '..', 'bench', 'copy-process.ts');

function digestOfZeros(bytes: number): string {
  const hash = createHash('sha256');
  const piece = Buffer.alloc(2 ** 20);
  for (let left = bytes; left > 0; left -= piece.length) hash.update(piece.subarray(0, Math.min(left, piece.length)));
  return `sha256:${hash.digest('hex')}`;
}

/** A layout whose one layer is a file with a hole, so that it takes no room. */
async function writeLargeLayout(layout: string): Promise<string> {
  await mkdir(join(layout, 'blobs', 'sha256'), { recursive: true });
  const digest = digestOfZeros(layerBytes);
  await writeFile(blobPath(layout, digest), '');
  await truncate(blobPath(layout, digest), layerBytes);
  const config = Buffer.from(JSON.stringify({ os: 'linux', architecture: 'amd64' }));
  const layer = { mediaType: 'application/vnd.oci.image.layer.v1.tar', digest, size: layerBytes };
  const described = toDescriptor('application/vnd.oci.image.config.v1+json', config);
  const manifest = { schemaVersion: 2, mediaType: imageType, config: described, layers: [layer] };
  const content = Buffer.from(JSON.stringify(manifest));
  const named = toDescriptor(imageType, content);
  await writeFile(blobPath(layout, described.digest), config);
  await writeFile(blobPath(layout, named.digest), content);
  await writeFile(join(layout, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: [named] }));
  return digest;
}

/** What the client does in a process of its own, and how far its memory rose above where it began. */
async function growthOf<T>(
  registries: readonly TestRegistry[],
  work: (call: (method: string, ...args: readonly unknown[]) => Promise<T>) => Promise<T>,
): Promise<{ readonly result: T; readonly growth: number }> {
  const peer = startPeer(client, { hosts: registries.map(({ host }) => host) });
  try {
    await peer.ready;
    const before = await peer.call<number>('peak');
    const result = await work((method, ...args) => peer.call<T>(method, ...args));
    return { result, growth: (await peer.call<number>('peak')) - before };
  } finally {
    await peer.stop();
  }
}

describe('a layer of 240 MB between real registries (images.md §4)', () => {
  let layout = '';
  let digest = '';
  let staging: TestRegistry;
  let final: TestRegistry;
  let uploaded: Awaited<ReturnType<typeof growthOf<PushedLayout>>>;

  beforeAll(async () => {
    layout = await mkdtemp(join(tmpdir(), 'sluice-large-layout-'));
    digest = await writeLargeLayout(layout);
    staging = await startOciRegistry();
    final = await startOciRegistry();
    uploaded = await growthOf<PushedLayout>([staging], (call) =>
      call('upload', layout, `${staging.host}/staging/large`, 'large'),
    );
  });

  afterAll(async () => {
    await staging?.stop();
    await final?.stop();
    await rm(layout, { recursive: true, force: true });
  });

  it('is uploaded from a layout in bounded memory', async () => {
    expect(uploaded.result.bytes).toBeGreaterThan(layerBytes);
    expect(await hasBlob(staging.base, 'staging/large', digest)).toBe(true);
    expect(uploaded.growth).toBeLessThan(mostGrowth);
  });

  it('is copied in bounded memory', async () => {
    const from = { repository: `${staging.host}/staging/large`, digest: uploaded.result.digest };
    const { growth } = await growthOf<number>([staging, final], (call) =>
      call('copy', from, `${final.host}/acme/large`),
    );
    expect(await readDigest(final.base, 'acme/large', from.digest)).toBe(from.digest);
    expect(await hasBlob(final.base, 'acme/large', digest)).toBe(true);
    expect(growth).toBeLessThan(mostGrowth);
  });
});
