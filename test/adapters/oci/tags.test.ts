import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ImageRef } from '../../../src/model/registry.ts';
import {
  dockerType,
  imageType,
  makeImage,
  makeIndex,
  readDigest,
  seedImage,
  type TestImage,
} from '../../harness/oci-image.ts';
import { startOciRegistry, type TestRegistry } from '../../harness/oci-registry.ts';
import { promoter, testRegistry } from '../../harness/registry-client.ts';
import { type RegistryFront, startRegistryFront } from '../../harness/registry-front.ts';

let real: TestRegistry;
let deleting: TestRegistry;
let front: RegistryFront;
let client: ReturnType<typeof testRegistry>;

beforeAll(async () => {
  [real, deleting] = await Promise.all([startOciRegistry(), startOciRegistry({ deletion: true })]);
  front = await startRegistryFront(real.base);
});

afterAll(async () => {
  client?.close();
  await front?.close();
  await Promise.all([real?.stop(), deleting?.stop()]);
});

beforeEach(() => {
  client?.close();
  front.clear();
  client = testRegistry([front.host, deleting.host]);
});

const name = 'acme/api';
const repository = () => `${front.host}/${name}`;

async function seeded(
  tag?: string,
  image: TestImage = makeImage([100]),
): Promise<ImageRef & { readonly image: TestImage }> {
  await seedImage(real.base, name, image, tag);
  return { repository: repository(), digest: image.digest, image };
}

/** As a registry does that deletes tags by the OCI call; this one cannot. */
function deletesTags(): void {
  front.spoil({
    on: /^DELETE .*\/manifests\/(?!sha256:)/,
    async fault({ line }) {
      const tag = line.split('/').at(-1) ?? '';
      await rm(join(real.storage, 'docker/registry/v2/repositories', name, '_manifests/tags', tag), {
        recursive: true,
      });
      return { kind: 'answer', status: 202 };
    },
  });
}

describe('what is under a reference', () => {
  it.each([
    ['an OCI image', () => makeImage([10])],
    ['a Docker image', () => makeImage([10], {}, dockerType)],
    ['an index', () => makeIndex([makeImage([10]), makeImage([20])])],
  ])('%s is found by tag and by digest', async (_, make) => {
    const { digest, image } = await seeded('found', make());
    const expected = { digest, mediaType: image.mediaType, bytes: image.content.length };
    expect(await client.find(repository(), 'found', promoter)).toEqual(expected);
    expect(await client.find(repository(), digest, promoter)).toEqual(expected);
  });

  it('is nothing where there is no such tag, digest or repository', async () => {
    expect(await client.find(repository(), 'nobody', promoter)).toBeNull();
    expect(await client.find(repository(), makeImage([1]).digest, promoter)).toBeNull();
    expect(await client.find(`${front.host}/none/such`, 'latest', promoter)).toBeNull();
  });

  it('is not believed when it is not what the digest says', async () => {
    const { digest } = await seeded('lied');
    front.spoil({
      on: /^GET .*manifests/,
      fault: { kind: 'answer', status: 200, body: { schemaVersion: 2, config: {}, layers: [] } },
    });
    await expect(client.find(repository(), digest, promoter)).rejects.toMatchObject({ kind: 'corrupt' });
  });

  it('is not believed when the digest that the registry names is not that of what it gives', async () => {
    const { image } = await seeded('claimed');
    const headers = { 'content-type': imageType, 'docker-content-digest': makeImage([1]).digest };
    front.spoil({
      on: /^GET .*manifests\/claimed/,
      fault: { kind: 'answer', status: 200, body: JSON.parse(image.content.toString()), headers },
    });
    await expect(client.find(repository(), 'claimed', promoter)).rejects.toMatchObject({
      kind: 'corrupt',
      message: expect.stringContaining(`gave ${image.digest} as ${headers['docker-content-digest']}`),
    });
  });

  it('is refused with words when it is a manifest of schema 1', async () => {
    front.spoil({
      on: /^GET .*manifests/,
      fault: { kind: 'answer', status: 200, body: { schemaVersion: 1, name: 'x' } },
    });
    await expect(client.find(repository(), 'old', promoter)).rejects.toMatchObject({
      kind: 'refused',
      message: expect.stringContaining('schema 1'),
    });
  });

  it('is refused when it is larger than 4 MiB', async () => {
    const body = { schemaVersion: 2, annotations: { x: 'x'.repeat(4 * 1024 * 1024) } };
    front.spoil({ on: /^GET .*manifests/, fault: { kind: 'answer', status: 200, body } });
    await expect(client.find(repository(), 'large', promoter)).rejects.toThrow('larger than 4194304 bytes');
  });

  it.each(['quay.io', 'acme/api', 'quay.io/Acme/api', 'quay.io/acme/api:tag', 'http://quay.io/x', 'quay.io/../x'])(
    'is not asked for in %s, which is no repository',
    async (wrong) => {
      await expect(client.find(wrong, 'latest', promoter)).rejects.toMatchObject({ kind: 'refused' });
    },
  );
});

describe('a tag that is set', () => {
  it('is new, moves, or is the same', async () => {
    const [one, two] = [await seeded(), await seeded()];
    expect(await client.tag(one, 'moving', promoter)).toEqual({ kind: 'set' });
    expect(await client.tag(two, 'moving', promoter)).toEqual({ kind: 'set' });
    expect(await client.tag(two, 'moving', promoter)).toEqual({ kind: 'same' });
    expect(await readDigest(real.base, name, 'moving')).toBe(two.digest);
  });

  it('needs an image that is there; one that was just pushed is waited for', async () => {
    const image = await seeded();
    front.spoil({ on: /^GET .*manifests\/sha256/, fault: { kind: 'answer', status: 404 }, times: 3 });
    expect(await client.tag(image, 'waited', promoter)).toEqual({ kind: 'set' });
    expect(client.clock.slept).toEqual([1_000, 2_000, 4_000]);
  });

  it('is not set to an image that is not there', async () => {
    const gone = { repository: repository(), digest: makeImage([5]).digest };
    await expect(client.tag(gone, 'nothing', promoter)).rejects.toMatchObject({ kind: 'absent' });
    expect(client.clock.slept.reduce((sum, each) => sum + each, 0)).toBeLessThan(60_000);
    expect(front.count(/^PUT/)).toBe(0);
  });

  it.each([1, 2])('is set once when %i answers are lost', async (times) => {
    const image = await seeded();
    front.spoil({ on: /^PUT .*manifests/, fault: { kind: 'lose-reply' }, times });
    expect(await client.tag(image, `lost${times}`, promoter)).toEqual({ kind: 'set' });
    expect(front.count(/^PUT .*manifests/)).toBe(1);
  });

  it('is waited for while the registry knows nothing of what was pushed to it', async () => {
    const image = await seeded();
    const body = { errors: [{ code: 'MANIFEST_UNKNOWN', message: 'manifest unknown' }] };
    front.spoil({ on: /^PUT .*manifests/, fault: { kind: 'answer', status: 404, body }, times: 3 });
    expect(await client.tag(image, 'late', promoter)).toEqual({ kind: 'set' });
  });

  it.each([
    [
      'ECR',
      400,
      'TAG_INVALID',
      "The image tag 'v1' already exists in the 'api' repository and cannot be overwritten because the repository is immutable.",
    ],
    ['Harbor', 412, 'PRECONDITION', "Failed to process request due to 'api:v1' configured as immutable."],
    ['Quay', 409, 'TAG_IMMUTABLE', "tag 'v1' is immutable"],
  ])('stays where it is in a registry that lets nobody move it (%s)', async (_, status, code, message) => {
    const [one, two] = [await seeded(`fixed${status}`), await seeded()];
    front.spoil({ on: /^PUT .*manifests/, fault: { kind: 'answer', status, body: { errors: [{ code, message }] } } });
    const outcome = await client.tag(two, `fixed${status}`, promoter);
    expect(outcome).toEqual({ kind: 'immutable', because: expect.stringContaining(message) });
    expect(await client.tag(one, `fixed${status}`, promoter)).toEqual({ kind: 'same' });
  });

  it('is trouble when it reads back as something else', async () => {
    const [one, two] = [await seeded('wrong'), await seeded()];
    front.spoil({ on: /^PUT .*manifests/, fault: { kind: 'answer', status: 201 } });
    const tagged = client.tag(two, 'wrong', promoter);
    await expect(tagged).rejects.toMatchObject({ kind: 'away', message: expect.stringContaining(one.digest) });
  });
});

describe('a tag that is taken away', () => {
  it('goes where the registry takes the call, and nothing else does', async () => {
    const image = await seeded('going');
    await seedImage(real.base, name, image.image, 'staying');
    deletesTags();
    expect(await client.untag(image.repository, 'going', image.digest, promoter)).toEqual({ kind: 'deleted' });
    expect(await readDigest(real.base, name, 'staying')).toBe(image.digest);
    expect(await client.untag(image.repository, 'going', image.digest, promoter)).toEqual({ kind: 'absent' });
  });

  it('is left alone when it names another image', async () => {
    const [one, two] = [await seeded('other'), await seeded()];
    deletesTags();
    expect(await client.untag(two.repository, 'other', two.digest, promoter)).toEqual({
      kind: 'other',
      digest: one.digest,
    });
    expect(front.count(/^DELETE/)).toBe(0);
  });

  it.each([
    ['without deletion', () => front.host, () => real.base],
    ['with deletion by digest only', () => deleting.host, () => deleting.base],
  ])('is kept with a reason by a registry %s, and never deleted by digest', async (_, host, base) => {
    const image = makeImage([50]);
    await seedImage(base(), name, image, 'kept');
    const ref = { repository: `${host()}/${name}`, digest: image.digest };
    const outcome = await client.untag(ref.repository, 'kept', ref.digest, promoter);
    expect(outcome).toEqual({ kind: 'kept', because: expect.stringContaining('does not delete tags') });
    expect(await readDigest(base(), name, 'kept')).toBe(image.digest);
    expect(front.count(/^DELETE .*sha256/)).toBe(0);
  });

  it.each([401, 403, 405])('is kept where the registry says %i', async (status) => {
    const image = await seeded('denied');
    front.spoil({
      on: /^DELETE/,
      fault: { kind: 'answer', status, body: { errors: [{ code: 'DENIED', message: 'not you' }] } },
    });
    const outcome = await client.untag(image.repository, 'denied', image.digest, promoter);
    expect(outcome).toEqual({ kind: 'kept', because: expect.stringContaining('not you') });
    expect(front.count(/^DELETE/)).toBe(1);
  });

  it('is kept when the registry took the call and did nothing', async () => {
    const image = await seeded('stubborn');
    front.spoil({ on: /^DELETE/, fault: { kind: 'answer', status: 202 } });
    expect(await client.untag(image.repository, 'stubborn', image.digest, promoter)).toMatchObject({ kind: 'kept' });
  });
});

describe('the tags of a repository', () => {
  it('are read page by page', async () => {
    const image = makeImage([10]);
    const tags = ['a', 'b', 'c', 'd', 'e'];
    for (const tag of tags) await seedImage(real.base, 'acme/pages', image, tag);
    front.spoil({
      on: /^GET .*tags\/list\?n=1000/,
      fault: {
        kind: 'answer',
        status: 200,
        body: { tags: ['a'] },
        headers: { link: '</v2/acme/pages/tags/list?last=a>; rel="next"' },
      },
    });
    expect((await client.tags(`${front.host}/acme/pages`, promoter)).toSorted()).toEqual(tags);
    expect(front.count(/tags\/list/)).toBe(2);
  });

  it('are none where there is no such repository', async () => {
    expect(await client.tags(`${front.host}/none/such`, promoter)).toEqual([]);
  });
});

describe('an index that we write', () => {
  it('is the same, whoever writes it in whatever order', async () => {
    const [amd, arm] = [await seeded(), await seeded()];
    const entries = [
      { digest: amd.digest, mediaType: imageType, bytes: amd.image.content.length, platform: 'linux/amd64' },
      { digest: arm.digest, mediaType: imageType, bytes: arm.image.content.length, platform: 'linux/arm/v7' },
    ];
    const digest = await client.putIndex(repository(), entries, promoter);
    expect(await client.putIndex(repository(), entries.toReversed(), promoter)).toBe(digest);
    expect(await readDigest(real.base, name, digest)).toBe(digest);
    expect(await client.tag({ repository: repository(), digest }, 'both', promoter)).toEqual({ kind: 'set' });
  });

  it('is not written over children that are not there', async () => {
    const entry = { digest: makeImage([1]).digest, mediaType: imageType, bytes: 10, platform: 'linux/amd64' };
    await expect(client.putIndex(repository(), [entry], promoter)).rejects.toMatchObject({ kind: 'refused' });
  });
});
