import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type ImageRef, RegistryTrouble } from '../../src/model/registry.ts';
import type { Digest } from '../../src/model/sha.ts';
import { readDigest } from '../harness/oci-image.ts';
import type { TestRegistry } from '../harness/oci-registry.ts';
import { type Peer, startPeer } from './channel.ts';
import { seedLarge, seedSmall, startFresh } from './copy-scene.ts';
import { endLater } from './endings.ts';
import type { BenchOptions, Measurement } from './measurement.ts';
import { promoteByStep } from './promote-step.ts';
import { inMegabytes, inMs, type Result, type Row } from './result.ts';

const run = promisify(execFile);
const imagesEach = 50;
const program = join(import.meta.dirname, 'copy-process.ts');

/** What is done with the images of one landing. */
type Way = 'retag' | 'mount' | 'stream';

interface Pair {
  readonly ours: number;
  /** One image after the other. */
  readonly skopeo: number;
}

interface Figures {
  readonly copyMs: Pair;
  /** Of a Node process that does nothing, bytes. */
  readonly idleRss: number;
  /** Of ours before it copies. */
  readonly restingRss: number;
  readonly peakRss: number;
  /** The same with Node's smallest young generation. */
  readonly peakRssSmall: number;
  /** Of the program of the promote-image pod, as it runs there. */
  readonly peakRssStep: number;
  readonly promoteMs: Readonly<Record<Way, Pair>>;
}

const skopeoFlags = ['--quiet', '--src-tls-verify=false', '--dest-tls-verify=false', '--preserve-digests'];

async function skopeoMs(images: readonly { readonly from: ImageRef; readonly to: string }[], tag: string) {
  const began = performance.now();
  for (const { from, to } of images) {
    const source = `docker://${from.repository}@${from.digest}`;
    await run('skopeo', ['copy', ...skopeoFlags, source, `docker://${to}:${tag}`]);
  }
  return performance.now() - began;
}

async function idleRss(): Promise<number> {
  const { stdout } = await run(process.execPath, ['-p', 'process.resourceUsage().maxRSS * 1024']);
  return Number(stdout);
}

async function demandCopied(repository: string, reference: string, digest: Digest): Promise<void> {
  const [host = '', ...name] = repository.split('/');
  if ((await readDigest(`http://${host}`, name.join('/'), reference)) !== digest)
    throw new RegistryTrouble('corrupt', `${repository}:${reference} was not copied`);
}

type StartPeer = (hosts: readonly string[], nodeOptions?: readonly string[]) => Promise<Peer>;

/** How long it takes, and what memory, into a registry that knows nothing of it. */
async function copyLarge(image: ImageRef, startPeerFor: StartPeer, nodeOptions: readonly string[] = []) {
  const { registry, stop } = await startFresh();
  const peer = await startPeerFor([image.repository.split('/')[0] ?? '', registry.host], nodeOptions);
  const resting = await peer.call<number>('peak');
  const ms = await peer.call<number>('copy', image, `${registry.host}/final/large`);
  const peak = await peer.call<number>('peak');
  await demandCopied(`${registry.host}/final/large`, image.digest, image.digest);
  await peer.stop();
  await stop();
  return { ms, resting, peak };
}

async function copyByStep(image: ImageRef): Promise<number> {
  const { registry, stop } = await startFresh();
  const to = `${registry.host}/final/large`;
  const insecure = [image.repository.split('/')[0] ?? '', registry.host];
  const peak = await promoteByStep([{ from: image, to, tags: ['large'] }], insecure);
  await demandCopied(to, 'large', image.digest);
  await stop();
  return peak;
}

async function copyBySkopeo(image: ImageRef): Promise<number> {
  const { registry, stop } = await startFresh();
  const ms = await skopeoMs([{ from: image, to: `${registry.host}/final/large` }], 'large');
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
    copyMs: { ours: medianOf(ours.map(({ ms }) => ms)), skopeo: medianOf(skopeo) },
    idleRss: await idleRss(),
    restingRss: Math.max(...ours.map(({ resting }) => resting)),
    peakRss: Math.max(...ours.map(({ peak }) => peak)),
    peakRssSmall: small.peak,
    peakRssStep: await copyByStep(image),
  };
}

/** Where each way leads, for us and for skopeo: nothing of it is there before. */
const places: readonly { readonly way: Way; readonly ours: string | null; readonly skopeo: string | null }[] = [
  { way: 'retag', ours: null, skopeo: null },
  { way: 'mount', ours: 'final', skopeo: 'skopeo' },
  { way: 'stream', ours: 'final', skopeo: 'final' },
];

async function promoteMany(source: TestRegistry, count: number, start: StartPeer, say: (text: string) => void) {
  const images = await Promise.all(Array.from({ length: count }, (_, index) => seedSmall(source, index)));
  const promoteMs: Partial<Record<Way, Pair>> = {};
  for (const { way, ours, skopeo } of places) {
    const [one, other] = way === 'stream' ? [await startFresh(), await startFresh()] : [null, null];
    const wantedIn = (host: string, folder: string | null) =>
      images.map((from, index) => ({
        from,
        to: folder === null ? from.repository : `${host}/${folder}/image${index}`,
      }));
    say(`promote-copy: ${count} images, ${way}`);
    const { host } = one?.registry ?? source;
    const peer = await start([source.host, host]);
    const wanted = wantedIn(host, ours);
    const ms = await peer.call<number>('promote', wanted, 'ours');
    await peer.stop();
    const theirs = wantedIn((other?.registry ?? source).host, skopeo);
    promoteMs[way] = { ours: ms, skopeo: await skopeoMs(theirs, 'skopeo') };
    for (const { from, to } of wanted) await demandCopied(to, 'ours', from.digest);
    for (const { from, to } of theirs) await demandCopied(to, 'skopeo', from.digest);
    await Promise.all([one?.stop(), other?.stop()]);
  }
  return promoteMs as Record<Way, Pair>;
}

const medianOf = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

const wayNames: Readonly<Record<Way, readonly [string, string]>> = {
  retag: ['tags only', 'the registry, once or twice for each image'],
  mount: ['other repositories of the registry', 'blobs are mounted'],
  stream: ['to another registry', '350 KB each'],
};

function rowsOf(bytes: number, count: number, figures: Figures): Row[] {
  const { copyMs, idleRss: idle, restingRss, peakRss, peakRssSmall, peakRssStep, promoteMs } = figures;
  const rate = (ms: number) => `${inMs(ms)}, ${inMegabytes(bytes / (ms / 1000))}/s`;
  const against = ({ ours, skopeo }: Pair) => `skopeo takes ${(skopeo / ours).toFixed(2)} of our time`;
  const each = (ms: number) => `${inMs(ms)}, one each ${inMs(ms / count)}`;
  return [
    {
      name: `an image of ${inMegabytes(bytes)} to another registry`,
      figure: rate(copyMs.ours),
      limit: 'the registries, which share the machine',
    },
    { name: '· skopeo copy of the same image', figure: `${rate(copyMs.skopeo)}; ${against(copyMs)}` },
    {
      name: '· memory of the process that copies',
      figure: `RSS at most ${inMegabytes(peakRss)}, ${inMegabytes(peakRss - idle)} over an idle Node (${inMegabytes(idle)}); ${inMegabytes(restingRss)} before it began`,
      limit: 'the code, not the image',
    },
    {
      name: '· the same with --max-semi-space-size=1',
      figure: `RSS at most ${inMegabytes(peakRssSmall)}, ${inMegabytes(peakRssSmall - idle)} over an idle Node`,
    },
    {
      name: '· the program of the promote-image pod',
      figure: `RSS at most ${inMegabytes(peakRssStep)}`,
      limit: 'Node itself, which has half of it',
    },
    ...(Object.keys(wayNames) as Way[]).flatMap((way) => {
      const [name, limit] = wayNames[way];
      const { ours, skopeo } = promoteMs[way];
      return [
        { name: `${count} images of one landing, ${name}`, figure: each(ours), limit },
        { name: '· skopeo copy, one by one', figure: `${each(skopeo)}; ${against(promoteMs[way])}` },
      ];
    }),
  ];
}

async function measure({ quick, progress }: BenchOptions): Promise<Result> {
  const [bytes, count, rounds] = quick ? [200_000_000, 10, 1] : [2_000_000_000, imagesEach, 3];
  const say = (text: string) => progress.say(text);
  const start: StartPeer = async (hosts, nodeOptions = []) => {
    const peer = startPeer(program, { hosts }, nodeOptions);
    endLater(() => peer.stop());
    await peer.ready;
    return peer;
  };
  say('promote-copy: writing a large image');
  const { registry: source, stop } = await startFresh();
  const large = await compareLarge(await seedLarge(source, bytes), start, rounds, say);
  const figures: Figures = { ...large, promoteMs: await promoteMany(source, count, start, say) };
  await stop();
  return {
    name: 'promote-copy',
    title: 'Promotion over HTTP (docker-registry on this machine, each target empty before)',
    rows: rowsOf(bytes, count, figures),
    notes: ['Images of a landing go one after the other here, all copied before the first tag is set'],
    figures: { bytes, count, ...figures },
  };
}

export const promoteCopy: Measurement = { name: 'promote-copy', run: measure };
