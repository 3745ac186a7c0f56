import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ImageRef } from '../../../src/model/registry.ts';
import type { Digest } from '../../../src/model/sha.ts';
import {
  describe as descriptorOf,
  digestOf,
  hasBlob,
  indexType,
  makeImage,
  makeIndex,
  readDigest,
  seedImage,
  seedManifest,
  type TestImage,
} from '../../harness/oci-image.ts';
import { startOciRegistry, type TestRegistry } from '../../harness/oci-registry.ts';
import { promoter, testRegistry } from '../../harness/registry-client.ts';
import { type Fault, type RegistryFront, startRegistryFront } from '../../harness/registry-front.ts';

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

const final = () => `${target.host}/final/${name}`;

async function staged(image: TestImage): Promise<ImageRef> {
  await seedImage(one.base, name, image);
  return { repository: `${source.host}/${name}`, digest: image.digest };
}

function copy(image: ImageRef) {
  return client.copy(image, final(), { from: promoter, to: promoter }, new AbortController().signal);
}

async function demandWhole(base: string, at: string, image: TestImage): Promise<void> {
  for (const { digest } of [...image.children, image]) expect(await readDigest(base, at, digest)).toBe(digest);
  for (const blob of image.blobs) expect(await hasBlob(base, at, digestOf(blob))).toBe(true);
}

describe('what refers to an image', () => {
  function signatureOf(image: {
    readonly digest: Digest;
    readonly mediaType: string;
    readonly content: Buffer;
  }): TestImage {
    return makeImage([80], {
      artifactType: 'application/vnd.example.signature',
      subject: descriptorOf(image.mediaType, image.content),
    });
  }

  const tagOf = (digest: string): string => digest.replace(':', '-');

  function listOf(referrers: readonly TestImage[]) {
    const manifests = referrers.map(({ mediaType, content }) => ({
      ...descriptorOf(mediaType, content),
      artifactType: 'application/vnd.example.signature',
    }));
    const content = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: indexType, manifests }));
    return { digest: digestOf(content), mediaType: indexType, content };
  }

  it('is copied with it, and listed under a tag where the registry has no list', async () => {
    const image = makeImage([1_000]);
    const ref = await staged(image);
    const signatures = [signatureOf(image), signatureOf(image)];
    for (const signature of signatures) await seedImage(one.base, name, signature);
    await seedManifest(one.base, name, listOf(signatures), tagOf(image.digest));
    await copy(ref);
    for (const signature of signatures) await demandWhole(two.base, `final/${name}`, signature);
    expect(await readDigest(two.base, `final/${name}`, tagOf(image.digest))).toBe(listOf(signatures).digest);
  });

  it('keeps the company of what referred to it at the target before', async () => {
    const image = makeImage([1_000]);
    const [own, other] = [signatureOf(image), signatureOf(image)];
    const ref = await staged(image);
    await seedImage(one.base, name, own);
    await seedManifest(one.base, name, listOf([own]), tagOf(image.digest));
    await seedImage(two.base, `final/${name}`, image);
    await seedImage(two.base, `final/${name}`, other);
    await seedManifest(two.base, `final/${name}`, listOf([other]), tagOf(image.digest));
    await copy(ref);
    expect(await readDigest(two.base, `final/${name}`, tagOf(image.digest))).toBe(listOf([other, own]).digest);
  });

  it('is copied for the children of an index, too', async () => {
    const child = makeImage([1_000]);
    const signature = signatureOf(child);
    const ref = await staged(makeIndex([child]));
    await seedImage(one.base, name, signature);
    await seedManifest(one.base, name, listOf([signature]), tagOf(child.digest));
    await copy(ref);
    await demandWhole(two.base, `final/${name}`, signature);
  });

  it('is found by the API of a registry that has one, page by page', async () => {
    const image = makeImage([1_000]);
    const [first, second] = [signatureOf(image), signatureOf(image)];
    const ref = await staged(image);
    for (const signature of [first, second]) await seedImage(one.base, name, signature);
    const page = (signature: TestImage, link: Record<string, string>): Fault => ({
      kind: 'answer',
      status: 200,
      body: JSON.parse(listOf([signature]).content.toString()),
      headers: { 'content-type': indexType, ...link },
    });
    const path = `/v2/${name}/referrers/${image.digest}`;
    source.spoil({ on: new RegExp(`^GET ${path}\\?page=2`), fault: page(second, {}) });
    source.spoil({ on: new RegExp(`^GET ${path}$`), fault: page(first, { link: `<${path}?page=2>; rel="next"` }) });
    await copy(ref);
    for (const signature of [first, second]) await demandWhole(two.base, `final/${name}`, signature);
    expect(await readDigest(two.base, `final/${name}`, tagOf(image.digest))).not.toBeNull();
  });

  it('is there before the image is: a copy that broke off between them is no copy yet', async () => {
    const image = makeImage([1_000]);
    const signature = signatureOf(image);
    const ref = await staged(image);
    await seedImage(one.base, name, signature);
    await seedManifest(one.base, name, listOf([signature]), tagOf(image.digest));
    target.spoil({ on: new RegExp(`^PUT .*manifests/${tagOf(image.digest)}`), fault: { kind: 'answer', status: 403 } });
    await expect(copy(ref)).rejects.toMatchObject({ kind: 'denied' });
    expect(await readDigest(two.base, `final/${name}`, image.digest)).toBeNull();
    target.clear();
    await copy(ref);
    await demandWhole(two.base, `final/${name}`, image);
    expect(await readDigest(two.base, `final/${name}`, tagOf(image.digest))).toBe(listOf([signature]).digest);
  });

  it('may be an index that has the image in it', async () => {
    const image = makeImage([1_000]);
    const ref = await staged(image);
    const around = makeIndex([image], { subject: descriptorOf(image.mediaType, image.content) });
    await seedImage(one.base, name, around);
    await seedManifest(one.base, name, listOf([around]), tagOf(image.digest));
    await copy(ref);
    await demandWhole(two.base, `final/${name}`, around);
    expect(await readDigest(two.base, `final/${name}`, tagOf(image.digest))).toBe(listOf([around]).digest);
  });

  it('is not the image itself, whatever its list says', async () => {
    const image = makeImage([1_000]);
    const signature = signatureOf(image);
    const ref = await staged(image);
    await seedImage(one.base, name, signature);
    await seedManifest(one.base, name, listOf([image, signature]), tagOf(image.digest));
    await seedManifest(one.base, name, listOf([image]), tagOf(signature.digest));
    await copy(ref);
    await demandWhole(two.base, `final/${name}`, signature);
    expect(await readDigest(two.base, `final/${name}`, tagOf(image.digest))).toBe(listOf([signature]).digest);
  });

  it.each(['sig', 'att', 'sbom'])(
    'by cosign, under a tag that ends in .%s, is copied before the image is',
    async (what) => {
      const [amd, arm] = [makeImage([1_000]), makeImage([2_000])];
      const image = makeIndex([amd, arm]);
      const ref = await staged(image);
      const [ofIndex, ofChild] = [makeImage([80]), makeImage([90])];
      await seedImage(one.base, name, ofIndex, `${tagOf(image.digest)}.${what}`);
      await seedImage(one.base, name, ofChild, `${tagOf(arm.digest)}.${what}`);
      target.spoil({ on: /^PUT .*manifests\/sha256-/, fault: { kind: 'answer', status: 403 } });
      await expect(copy(ref)).rejects.toMatchObject({ kind: 'denied' });
      expect(await readDigest(two.base, `final/${name}`, image.digest)).toBeNull();
      target.clear();
      await copy(ref);
      await demandWhole(two.base, `final/${name}`, ofIndex);
      await demandWhole(two.base, `final/${name}`, ofChild);
      for (const [of, signature] of [
        [image, ofIndex],
        [arm, ofChild],
      ] as const)
        expect(await readDigest(two.base, `final/${name}`, `${tagOf(of.digest)}.${what}`)).toBe(signature.digest);
    },
  );

  it('by cosign at the target before stays, as others may have signed there', async () => {
    const image = makeImage([1_000]);
    const ref = await staged(image);
    const [own, other] = [makeImage([80]), makeImage([90])];
    await seedImage(one.base, name, own, `${tagOf(image.digest)}.sig`);
    await seedImage(two.base, `final/${name}`, other, `${tagOf(image.digest)}.sig`);
    await copy(ref);
    expect(await readDigest(two.base, `final/${name}`, `${tagOf(image.digest)}.sig`)).toBe(other.digest);
  });

  it('that is gone from the registry is left out', async () => {
    const image = makeImage([1_000]);
    const ref = await staged(image);
    await seedManifest(one.base, name, listOf([]), tagOf(image.digest)).catch(() => undefined);
    const gone = makeImage([randomBytes(1)[0] ?? 1]);
    source.spoil({
      on: /^GET .*referrers/,
      fault: {
        kind: 'answer',
        status: 200,
        body: JSON.parse(listOf([gone]).content.toString()),
        headers: { 'content-type': indexType },
      },
    });
    await copy(ref);
    await demandWhole(two.base, `final/${name}`, image);
  });
});
