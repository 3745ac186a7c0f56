import { mkdtemp, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { BrokenLayout } from '../../../src/adapters/oci/layout.ts';
import { pushLayout } from '../../../src/adapters/oci/push-layout.ts';
import {
  blobPath,
  digestOf,
  hasBlob,
  makeImage,
  makeIndex,
  readDigest,
  seedImage,
  type TestImage,
  writeLayout,
} from '../../harness/oci-image.ts';
import { startOciRegistry, type TestRegistry } from '../../harness/oci-registry.ts';
import { quickClock } from '../../harness/registry-client.ts';
import { type RegistryFront, startRegistryFront } from '../../harness/registry-front.ts';

let registry: TestRegistry;
let layout: string;

beforeAll(async () => {
  registry = await startOciRegistry();
});

afterAll(() => registry?.stop());

beforeEach(async () => {
  layout = await mkdtemp(join(tmpdir(), 'sluice-push-'));
});

afterEach(() => rm(layout, { recursive: true, force: true }));

function push(name = 'acme/api', tag = 'change_1_abc_latest') {
  return pushLayout({ layout, repository: `${registry.host}/${name}`, tag, files: {}, insecure: true });
}

async function laid(image: TestImage): Promise<TestImage> {
  await writeLayout(layout, image);
  return image;
}

describe('a layout that is pushed', () => {
  it('is in the registry under its digest and its tag, and measured', async () => {
    const image = await laid(makeImage([300_000, 1, 70_000]));
    expect(await push()).toEqual({
      digest: image.digest,
      tag: 'change_1_abc_latest',
      mediaType: image.mediaType,
      manifestBytes: image.content.length,
      bytes: image.blobs.reduce((sum, { length }) => sum + length, 0),
      layers: 3,
    });
    expect(await readDigest(registry.base, 'acme/api', image.digest)).toBe(image.digest);
    expect(await readDigest(registry.base, 'acme/api', 'change_1_abc_latest')).toBe(image.digest);
  });

  it('is pushed again as if for the first time', async () => {
    await laid(makeImage([1_000]));
    expect(await push('acme/twice')).toEqual(await push('acme/twice'));
  });

  it('may have the same layer twice and an empty one', async () => {
    const image = await laid(makeImage([0, 500]));
    const layers = JSON.parse(image.content.toString()).layers;
    const twice = Buffer.from(
      JSON.stringify({ ...JSON.parse(image.content.toString()), layers: [...layers, ...layers] }),
    );
    await laid({ ...image, content: twice, digest: digestOf(twice) });
    expect(await push('acme/odd')).toMatchObject({ digest: digestOf(twice), layers: 4 });
  });
});

describe('a layout that is pushed through what stands before a registry', () => {
  let front: RegistryFront;

  beforeEach(async () => {
    front = await startRegistryFront(registry.base);
  });

  afterEach(() => front.close());

  const pushTo = (name: string, tag: string) =>
    pushLayout({ layout, repository: `${front.host}/${name}`, tag, files: {}, insecure: true, clock: quickClock() });

  it('comes with every blob first, then the manifest by its digest, then the tag, which is read back', async () => {
    const image = await laid(makeImage([3_000, 2_000]));
    await pushTo('acme/order', 'change_1_a_latest');
    const written = front.seen.flatMap(({ line }) => {
      const [, verb, kind, what] = /^(PUT|GET) .*\/(uploads|manifests)\/([^?]*)/.exec(line) ?? [];
      return verb === undefined ? [] : [kind === 'uploads' ? 'blob' : `${verb} ${what}`];
    });
    expect(written).toEqual([
      ...image.blobs.map(() => 'blob'),
      `PUT ${image.digest}`,
      'PUT change_1_a_latest',
      'GET change_1_a_latest',
    ]);
  });

  it('may go under a tag for each candidate, and under one of them twice, where tags never move', async () => {
    front.spoil({
      on: /^PUT .*\/manifests\/(?!sha256:)/,
      async fault({ line }) {
        const [, name = '', tag = ''] = /^PUT \/v2\/(.+)\/manifests\/(.+)$/.exec(line) ?? [];
        if ((await readDigest(registry.base, name, tag)) === null) return null;
        const message = 'tag exists and cannot be overwritten because the repository is immutable';
        return { kind: 'answer', status: 400, body: { errors: [{ code: 'TAG_INVALID', message }] } };
      },
    });
    const first = await laid(makeImage([900]));
    await pushTo('acme/fixed', 'change_1_aaa_latest');
    expect((await pushTo('acme/fixed', 'change_1_aaa_latest')).digest).toBe(first.digest);
    const second = await laid(makeImage([800]));
    await pushTo('acme/fixed', 'change_1_bbb_latest');
    expect([
      await readDigest(registry.base, 'acme/fixed', 'change_1_aaa_latest'),
      await readDigest(registry.base, 'acme/fixed', 'change_1_bbb_latest'),
    ]).toEqual([first.digest, second.digest]);
    // Built again it is other bytes, and what has the tag may be anybody's: it stands beside it.
    const beside = `change_1_aaa_${second.digest.slice(7, 19)}_latest`;
    expect(await pushTo('acme/fixed', 'change_1_aaa_latest')).toMatchObject({ digest: second.digest, tag: beside });
    expect(await pushTo('acme/fixed', 'change_1_aaa_latest')).toMatchObject({ digest: second.digest, tag: beside });
    expect([
      await readDigest(registry.base, 'acme/fixed', 'change_1_aaa_latest'),
      await readDigest(registry.base, 'acme/fixed', beside),
    ]).toEqual([first.digest, second.digest]);
  });

  it('is no upload while its tag is read back as something else', async () => {
    const other = makeImage([70]);
    await seedImage(registry.base, 'acme/back', other, 'other');
    await laid(makeImage([60]));
    front.spoil({
      on: /^GET .*\/manifests\/change_/,
      fault: {
        kind: 'answer',
        status: 200,
        body: JSON.parse(other.content.toString()),
        headers: { 'content-type': other.mediaType },
      },
    });
    await expect(pushTo('acme/back', 'change_1_a_latest')).rejects.toMatchObject({
      kind: 'away',
      message: expect.stringMatching(/was set to sha256:.*, and read back it is sha256:/),
    });
  });
});

describe('a layout whose builder lied is not pushed', () => {
  const broken: readonly [string, (image: TestImage) => Promise<void>, RegExp][] = [
    [
      'a layer with other content',
      (image) => writeFile(layer(image), Buffer.alloc(5_000)),
      /its content is that of sha256:/,
    ],
    ['a layer that is too short', (image) => truncate(layer(image), 10), /has not the 5000 bytes/],
    ['a layer that is a link', (image) => linked(layer(image)), /cannot be read/],
    ['a layer that is missing', (image) => rm(layer(image)), /cannot be read/],
    [
      'a manifest with other content',
      (image) => writeFile(blobPath(layout, image.digest), 'x'.repeat(image.content.length)),
      /has the content of/,
    ],
    [
      'two images',
      () => writeFile(join(layout, 'index.json'), '{"manifests":[{},{}]}'),
      /names 2 images instead of one/,
    ],
    ['an index.json that is none', () => writeFile(join(layout, 'index.json'), '{'), /index.json is not JSON/],
  ];
  const layer = ({ blobs: [, content] }: TestImage) => blobPath(layout, digestOf(content ?? ''));
  const linked = async (path: string) => {
    await rename(path, `${path}.real`);
    await symlink(`${path}.real`, path);
  };

  it.each(broken)('%s', async (_, spoil, words) => {
    const image = await laid(makeImage([5_000]));
    await spoil(image);
    const pushed = push('acme/broken');
    await expect(pushed).rejects.toThrow(words);
    await expect(pushed).rejects.toThrow(BrokenLayout);
    expect(await readDigest(registry.base, 'acme/broken', image.digest)).toBeNull();
    expect(await hasBlob(registry.base, 'acme/broken', digestOf(image.blobs[1] ?? ''))).toBe(false);
  });

  it('an index', async () => {
    await laid(makeIndex([makeImage([10])]));
    await expect(push()).rejects.toThrow('is an index, not an image');
  });
});
