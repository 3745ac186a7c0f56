import { execFile } from 'node:child_process';
import { createHash, randomFillSync } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { pushLayout } from '../../src/adapters/oci/push-layout.ts';
import { type ImageRef, RegistryTrouble } from '../../src/model/registry.ts';
import type { Digest } from '../../src/model/sha.ts';
import { describe, imageType, makeImage, readDigest, seedImage } from '../harness/oci-image.ts';
import { startOciRegistry, type TestRegistry } from '../harness/oci-registry.ts';
import { type Peer, startPeer } from './channel.ts';
import { endLater } from './endings.ts';
import type { BenchOptions, Measurement } from './measurement.ts';
import { inMegabytes, inMs, type Result } from './result.ts';

const run = promisify(execFile);
const layers = 4;
const imagesEach = 50;
const program = join(import.meta.dirname, 'copy-process.ts');

interface Figures {
  readonly copyMs: number;
  readonly skopeoMs: number;
  readonly restingRss: number;
  /** Above that, at most. */
  readonly moreRss: number;
  /** The same with Node's smallest young generation. */
  readonly moreRssSmall: number;
  readonly promoteMs: Readonly<Record<'retag' | 'mount' | 'stream', number>>;
}

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

/** An image of so many bytes in a registry. */
async function seedLarge(registry: TestRegistry, bytes: number): Promise<ImageRef> {
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

async function seedSmall(registry: TestRegistry, index: number): Promise<ImageRef> {
  const image = makeImage([200_000, 100_000, 50_000]);
  await seedImage(registry.base, `staging/image${index}`, image);
  return { repository: `${registry.host}/staging/image${index}`, digest: image.digest };
}

async function startFresh(): Promise<{ readonly registry: TestRegistry; readonly stop: () => Promise<void> }> {
  const registry = await startOciRegistry();
  return { registry, stop: endLater(() => registry.stop()) };
}

async function skopeoMs(image: ImageRef, to: TestRegistry): Promise<number> {
  const began = performance.now();
  const flags = ['--src-tls-verify=false', '--dest-tls-verify=false', '--preserve-digests'];
  const target = `docker://${to.host}/final/large:large`;
  await run('skopeo', ['copy', '--quiet', ...flags, `docker://${image.repository}@${image.digest}`, target]);
  return performance.now() - began;
}

async function demandCopied(registry: TestRegistry, name: string, reference: string, digest: Digest): Promise<void> {
  if ((await readDigest(registry.base, name, reference)) !== digest)
    throw new RegistryTrouble('corrupt', `${name}:${reference} was not copied`);
}

type StartPeer = (hosts: readonly string[], nodeOptions?: readonly string[]) => Promise<Peer>;

/** How long it takes, and what memory, into a registry that knows nothing of it. */
async function copyLarge(image: ImageRef, startPeerFor: StartPeer, nodeOptions: readonly string[] = []) {
  const { registry, stop } = await startFresh();
  const peer = await startPeerFor([image.repository.split('/')[0] ?? '', registry.host], nodeOptions);
  const resting = await peer.call<number>('peak');
  const ms = await peer.call<number>('copy', image, `${registry.host}/final/large`);
  const more = (await peer.call<number>('peak')) - resting;
  await demandCopied(registry, 'final/large', image.digest, image.digest);
  await peer.stop();
  await stop();
  return { ms, resting, more };
}

async function copyBySkopeo(image: ImageRef): Promise<number> {
  const { registry, stop } = await startFresh();
  const ms = await skopeoMs(image, registry);
  await stop();
  return ms;
}

/** The same image, ours first in every other round. */
async function compareLarge(image: ImageRef, start: StartPeer, rounds: number, say: (text: string) => void) {
  const ours: Awaited<ReturnType<typeof copyLarge>>[] = [];
  const skopeo: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    for (const who of round % 2 === 0 ? (['ours', 'skopeo'] as const) : (['skopeo', 'ours'] as const)) {
      say(`promote-copy: the large image, ${who}, ${round + 1} of ${rounds}`);
      if (who === 'skopeo') skopeo.push(await copyBySkopeo(image));
      else ours.push(await copyLarge(image, start));
    }
  }
  say('promote-copy: the large image with little room for new objects');
  const small = await copyLarge(image, start, ['--max-semi-space-size=1']);
  return {
    copyMs: medianOf(ours.map(({ ms }) => ms)),
    skopeoMs: medianOf(skopeo),
    restingRss: Math.max(...ours.map(({ resting }) => resting)),
    moreRss: Math.max(...ours.map(({ more }) => more)),
    moreRssSmall: small.more,
  };
}

async function promoteMany(source: TestRegistry, count: number, start: StartPeer) {
  const images = await Promise.all(Array.from({ length: count }, (_, index) => seedSmall(source, index)));
  const { registry: other, stop } = await startFresh();
  const peer = await start([source.host, other.host]);
  const promote = async (host: string | null): Promise<number> => {
    const wanted = images.map((from, index) => ({
      from,
      to: host === null ? from.repository : `${host}/final/image${index}`,
    }));
    const ms = await peer.call<number>('promote', wanted, 'v1');
    const name = host === null ? 'staging' : 'final';
    const registry = host === other.host ? other : source;
    for (const [index, { digest }] of images.entries())
      await demandCopied(registry, `${name}/image${index}`, 'v1', digest);
    return ms;
  };
  const promoteMs = {
    retag: await promote(null),
    mount: await promote(source.host),
    stream: await promote(other.host),
  };
  await peer.stop();
  await stop();
  return promoteMs;
}

const medianOf = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

function resultOf(
  bytes: number,
  count: number,
  { copyMs, skopeoMs: other, restingRss, moreRss, moreRssSmall, promoteMs }: Figures,
): Result {
  const rate = (ms: number) => `${inMegabytes(bytes / (ms / 1000))}/s`;
  const each = (ms: number) => `${inMs(ms)}, one each ${inMs(ms / count)}`;
  return {
    name: 'promote-copy',
    title: `Promotion over HTTP (docker-registry on this machine, each target empty before)`,
    rows: [
      {
        name: `an image of ${inMegabytes(bytes)} to another registry`,
        figure: `${inMs(copyMs)}, ${rate(copyMs)}`,
        limit: 'the registries, which share the machine',
      },
      {
        name: '· skopeo copy of the same image',
        figure: `${inMs(other)}, ${rate(other)}; we take ${(copyMs / other).toFixed(2)} of its time`,
      },
      {
        name: '· memory of the process that copies',
        figure: `RSS ${inMegabytes(restingRss)} before, at most ${inMegabytes(moreRss)} more; ${inMegabytes(moreRssSmall)} more with --max-semi-space-size=1`,
        limit: 'garbage collection, not the image',
      },
      { name: `${count} images of one landing, tags only`, figure: each(promoteMs.retag) },
      {
        name: `${count} images, other repositories of the registry`,
        figure: each(promoteMs.mount),
        limit: 'blobs are mounted',
      },
      { name: `${count} images to another registry`, figure: each(promoteMs.stream), limit: '350 KB each' },
    ],
    notes: ['Images of a landing go one after the other here, all copied before the first tag is set'],
    figures: { bytes, copyMs, skopeoMs: other, restingRss, moreRss, moreRssSmall, promoteMs },
  };
}

async function measure({ quick, progress }: BenchOptions): Promise<Result> {
  const [bytes, count, rounds] = quick ? [200_000_000, 10, 1] : [2_000_000_000, imagesEach, 3];
  const start: StartPeer = async (hosts, nodeOptions = []) => {
    const peer = startPeer(program, { hosts }, nodeOptions);
    endLater(() => peer.stop());
    await peer.ready;
    return peer;
  };
  progress.say('promote-copy: writing a large image');
  const { registry: source, stop } = await startFresh();
  const large = await compareLarge(await seedLarge(source, bytes), start, rounds, (text) => progress.say(text));
  progress.say(`promote-copy: ${count} images`);
  const promoteMs = await promoteMany(source, count, start);
  await stop();
  return resultOf(bytes, count, { ...large, promoteMs });
}

export const promoteCopy: Measurement = { name: 'promote-copy', run: measure };
