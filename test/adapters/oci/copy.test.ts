import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ImageRef } from '../../../src/model/registry.ts';
import {
  digestOf,
  dockerListType,
  dockerType,
  hasBlob,
  makeImage,
  makeIndex,
  readDigest,
  seedImage,
  type TestImage,
} from '../../harness/oci-image.ts';
import { startOciRegistry, type TestRegistry } from '../../harness/oci-registry.ts';
import { promoter, testRegistry } from '../../harness/registry-client.ts';
import { type Fault, type RegistryFront, type SeenRequest, startRegistryFront } from '../../harness/registry-front.ts';

let one: TestRegistry;
let two: TestRegistry;
let source: RegistryFront;
let target: RegistryFront;
let client: ReturnType<typeof testRegistry>;
let count = 0;
let name: string;

beforeAll(async () => {
  [one, two] = await Promise.all([startOciRegistry(), startOciRegistry()]);
  [source, target] = await Promise.all([startRegistryFront(one.base), startRegistryFront(two.base)]);
});

afterAll(async () => {
  client?.close();
  await Promise.all([source?.close(), target?.close(), one?.stop(), two?.stop()]);
});

beforeEach(() => {
  client?.close();
  source.clear();
  target.clear();
  client = testRegistry([source.host, target.host], {}, { silenceMs: 10_000 });
  count += 1;
  name = `acme/api${count}`;
});

const megabyte = 1024 * 1024;
const final = () => `${target.host}/final/${name}`;
const callers = { from: promoter, to: promoter };

async function staged(image: TestImage): Promise<ImageRef> {
  await seedImage(one.base, name, image);
  return { repository: `${source.host}/${name}`, digest: image.digest };
}

function copy(image: ImageRef, to = final(), signal = new AbortController().signal) {
  return client.copy(image, to, callers, signal);
}

async function demandWhole(base: string, at: string, image: TestImage): Promise<void> {
  for (const { digest } of [...image.children, image]) expect(await readDigest(base, at, digest)).toBe(digest);
  for (const blob of image.blobs) expect(await hasBlob(base, at, digestOf(blob))).toBe(true);
}

const bytesOf = (image: TestImage): number => image.blobs.reduce((sum, { length }) => sum + length, 0);

describe('an image that is copied to another registry', () => {
  it.each([
    ['an OCI image', () => makeImage([300_000, 0, 1, 90_000])],
    ['a Docker image', () => makeImage([5_000], {}, dockerType)],
    ['an index of two platforms', () => makeIndex([makeImage([1_000]), makeImage([2_000, 3_000])])],
    [
      'a Docker list of two platforms',
      () =>
        makeIndex([makeImage([10], {}, dockerType), makeImage([20], {}, dockerType)], { mediaType: dockerListType }),
    ],
    ['an index of indexes', () => makeIndex([makeIndex([makeImage([1_000])])])],
  ])('is there whole and under the same digest: %s', async (_, make) => {
    const image = make();
    for (const child of image.children) if ('children' in child) await staged(child as TestImage);
    const copied = await copy(await staged(image));
    expect(copied).toEqual({ bytes: bytesOf(image), blobs: image.blobs.length, mounted: 0 });
    await demandWhole(two.base, `final/${name}`, image);
    expect(await client.tags(final(), promoter)).toEqual([]);
  });

  it('may have a manifest of almost 4 MiB', async () => {
    const image = makeImage([10], { annotations: { x: 'x'.repeat(4 * megabyte - 2_000) } });
    await copy(await staged(image));
    await demandWhole(two.base, `final/${name}`, image);
  });

  it('is not copied again', async () => {
    const image = await staged(makeImage([1_000]));
    await copy(image);
    expect(await copy(image)).toEqual({ bytes: 0, blobs: 0, mounted: 0 });
    expect(target.count(/^(?:POST|PATCH)/)).toBe(2 * 2);
  });

  it('is completed where some of it is there', async () => {
    const image = makeImage([1_000, 2_000, 3_000]);
    const [config = Buffer.alloc(0), first = Buffer.alloc(0)] = image.blobs;
    await seedImage(two.base, `final/${name}`, { ...makeImage([]), blobs: [config, first] }).catch(() => undefined);
    expect(await copy(await staged(image))).toMatchObject({ bytes: 5_000, blobs: 2 });
    await demandWhole(two.base, `final/${name}`, image);
  });

  it('is trouble when it is not there', async () => {
    const gone = { repository: `${source.host}/${name}`, digest: makeImage([1]).digest };
    await expect(copy(gone)).rejects.toMatchObject({ kind: 'absent', message: expect.stringContaining(gone.digest) });
  });

  it('leaves off at once when it is told to', async () => {
    const image = await staged(makeImage([1_000]));
    target.spoil({ on: /^PATCH/, fault: { kind: 'silence' } });
    const stop = new AbortController();
    const copying = copy(image, final(), stop.signal);
    setTimeout(() => stop.abort(new Error('told to')), 100);
    await expect(copying).rejects.toThrow('told to');
    expect(client.clock.slept).toEqual([]);
  });
});

describe('an image that is copied within a registry', () => {
  it('has its blobs mounted', async () => {
    const image = makeIndex([makeImage([1_000]), makeImage([2_000])]);
    const ref = await staged(image);
    expect(await copy(ref, `${source.host}/mounted/${name}`)).toEqual({ bytes: 0, blobs: 0, mounted: 4 });
    await demandWhole(one.base, `mounted/${name}`, image);
    // Of this image alone: what a copy before it gave up may come late.
    expect(source.count(new RegExp(`^(PATCH|GET) .*${name}/blobs`))).toBe(0);
  });

  it.each([400, 403, 404])('is streamed where the registry says %i to a mount', async (status) => {
    const image = makeImage([1_000]);
    const ref = await staged(image);
    source.spoil({ on: /^POST .*mount=/, fault: { kind: 'answer', status } });
    expect(await copy(ref, `${source.host}/mounted/${name}`)).toEqual({ bytes: bytesOf(image), blobs: 2, mounted: 0 });
    await demandWhole(one.base, `mounted/${name}`, image);
  });

  it('is streamed where the registry opens an upload instead', async () => {
    const image = makeImage([1_000]);
    const ref = await staged(image);
    source.spoil({
      on: /^POST .*mount=/,
      async fault() {
        const opened = await fetch(`${one.base}/v2/mounted/${name}/blobs/uploads/`, { method: 'POST' });
        const { pathname, search } = new URL(opened.headers.get('location') ?? '');
        return { kind: 'answer', status: 202, headers: { location: pathname + search } };
      },
    });
    expect(await copy(ref, `${source.host}/mounted/${name}`)).toEqual({ bytes: bytesOf(image), blobs: 2, mounted: 0 });
    await demandWhole(one.base, `mounted/${name}`, image);
  });
});

describe('a copy that meets faults goes on', () => {
  const large = () => makeImage([3 * megabyte]);
  const layerOf = ({ blobs }: TestImage) => new RegExp(`^GET .*blobs/${digestOf(blobs[1] ?? '')}`);

  it('reads on where a blob was cut', async () => {
    const image = large();
    const ref = await staged(image);
    source.spoil({ on: layerOf(image), fault: { kind: 'cut-answer', after: megabyte + 7 }, times: 1 });
    expect(await copy(ref)).toMatchObject({ bytes: bytesOf(image) });
    await demandWhole(two.base, `final/${name}`, image);
    const ranges = source.seen.flatMap(({ headers }) => headers.range ?? []);
    expect(ranges).toEqual([`bytes=${megabyte + 7}-`]);
    expect(client.clock.slept).toEqual([30_000]);
  });

  it('reads on in a registry that takes no ranges', async () => {
    const image = large();
    const ref = await staged(image);
    source.spoil({ on: layerOf(image), fault: { kind: 'cut-answer', after: megabyte + 7 }, times: 1 });
    const forgetRange = ({ headers }: SeenRequest) => {
      delete headers.range;
      return null;
    };
    source.spoil({ on: layerOf(image), fault: forgetRange });
    await copy(ref);
    await demandWhole(two.base, `final/${name}`, image);
    expect(source.count(layerOf(image))).toBe(2);
  });

  it('asks how much of an upload the registry has, and goes on there', async () => {
    const image = large();
    const ref = await staged(image);
    target.spoil({
      on: /^PATCH/,
      fault: (asked) => (Number(asked.headers['content-length']) > megabyte ? cutUpload : null),
      times: 1,
    });
    await copy(ref);
    await demandWhole(two.base, `final/${name}`, image);
    const went = target.seen
      .filter(({ line }) => line.startsWith('PATCH'))
      .flatMap(({ headers }) => headers['content-range'] ?? []);
    expect(went).toEqual([`${megabyte}-${3 * megabyte - 1}`]);
    expect(source.seen.flatMap(({ headers }) => headers.range ?? [])).toEqual([`bytes=${megabyte}-`]);
  });
  const cutUpload: Fault = { kind: 'cut-upload', after: megabyte };

  it('begins an upload anew that the registry has forgotten', async () => {
    const image = large();
    const ref = await staged(image);
    target.spoil({ on: /^PATCH/, fault: { kind: 'reset' }, times: 1 });
    target.spoil({ on: /^GET .*uploads/, fault: { kind: 'answer', status: 404 } });
    await copy(ref);
    await demandWhole(two.base, `final/${name}`, image);
    expect(target.count(/^POST/)).toBe(3);
  });

  it.each<[string, RegExp, Fault]>([
    ['resets', /^PUT .*uploads/, { kind: 'reset' }],
    ['loses the answer to a blob', /^PUT .*uploads/, { kind: 'lose-reply' }],
    ['loses the answer to a manifest', /^PUT .*manifests/, { kind: 'lose-reply' }],
    ['loses the answer to a part', /^PATCH/, { kind: 'lose-reply' }],
    ['says 500', /^HEAD/, { kind: 'answer', status: 500 }],
    ['says 503 to an upload', /^PATCH/, { kind: 'answer', status: 503 }],
    ['is slow', /^/, { kind: 'slow', ms: 3 }],
  ])('when the target %s', async (_, on, fault) => {
    const image = makeImage([200_000]);
    const ref = await staged(image);
    target.spoil({ on, fault, times: 1 });
    await copy(ref);
    await demandWhole(two.base, `final/${name}`, image);
  });

  it('when the target is silent', async () => {
    client.close();
    client = testRegistry([source.host, target.host], {}, { silenceMs: 700 });
    const image = makeImage([200_000]);
    const ref = await staged(image);
    target.spoil({ on: /^POST/, fault: { kind: 'silence' }, times: 1 });
    await copy(ref);
    await demandWhole(two.base, `final/${name}`, image);
  });

  it('waits as long as the registry says, in seconds or until a date', async () => {
    const ref = await staged(makeImage([]));
    const at = new Date(Math.ceil(client.clock.now() / 1000) * 1000 + 60_000).toUTCString();
    target.spoil({ on: /^HEAD/, fault: { kind: 'answer', status: 429, headers: { 'retry-after': at } }, times: 1 });
    target.spoil({ on: /^HEAD/, fault: { kind: 'answer', status: 429, headers: { 'retry-after': '7' } }, times: 1 });
    await copy(ref);
    expect(client.clock.slept[0]).toBe(7_000);
    expect(client.clock.slept[1]).toBeGreaterThan(50_000);
    expect(client.clock.slept[1]).toBeLessThanOrEqual(61_000);
  });
});

describe('a copy that cannot be', () => {
  it('is left to a later pass after three tries', async () => {
    const ref = await staged(makeImage([1_000]));
    target.spoil({
      on: /^POST/,
      fault: { kind: 'answer', status: 503, body: { errors: [{ code: 'UNAVAILABLE', message: 'later' }] } },
    });
    await expect(copy(ref)).rejects.toMatchObject({
      kind: 'away',
      retryAfterMs: null,
      message: expect.stringContaining('later'),
    });
    expect(client.clock.slept.filter((each) => each !== 30_000)).toEqual([]);
  });

  it('is left at once where the registry wants a long pause', async () => {
    const ref = await staged(makeImage([]));
    source.spoil({ on: /^GET/, fault: { kind: 'answer', status: 429, headers: { 'retry-after': '3600' } } });
    await expect(copy(ref)).rejects.toMatchObject({ kind: 'away', retryAfterMs: 3_600_000 });
    expect(client.clock.slept).toEqual([]);
  });

  it('ends when a blob is not what its digest says, and nothing of it is kept', async () => {
    const image = makeImage([100_000]);
    const ref = await staged(image);
    source.spoil({ on: new RegExp(`^GET .*blobs/${digestOf(image.blobs[1] ?? '')}`), fault: { kind: 'spoil' } });
    // Not the target's word: it is never asked to keep it.
    await expect(copy(ref)).rejects.toMatchObject({
      kind: 'corrupt',
      message: expect.stringContaining('its content is that of sha256:'),
    });
    expect(await hasBlob(two.base, `final/${name}`, digestOf(image.blobs[1] ?? ''))).toBe(false);
    expect(await readDigest(two.base, `final/${name}`, image.digest)).toBeNull();
  });

  it('ends when a blob is longer than it should be', async () => {
    const ref = await staged(makeImage([100]));
    source.spoil({ on: /^GET .*blobs/, fault: { kind: 'answer', status: 200, body: 'x'.repeat(10_000) } });
    await expect(copy(ref)).rejects.toMatchObject({ kind: 'corrupt' });
  });

  it('says who may not, and why', async () => {
    const ref = await staged(makeImage([100]));
    const body = { errors: [{ code: 'DENIED', message: 'requested access to the resource is denied' }] };
    target.spoil({ on: /^POST/, fault: { kind: 'answer', status: 403, body } });
    await expect(copy(ref)).rejects.toMatchObject({
      kind: 'denied',
      message: expect.stringMatching(/cannot upload .* requested access to the resource is denied/),
    });
  });
});
