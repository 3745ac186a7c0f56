import { afterAll, beforeAll, expect, it } from 'vitest';
import { writeIndex } from '../../../src/app/promote/write-index.ts';
import { tagBeside } from '../../../src/model/registry.ts';
import { type Digest, toDigest } from '../../../src/model/sha.ts';
import { aProject } from '../../fakes/model-data.ts';
import { makeImage, readDigest, seedImage } from '../../harness/oci-image.ts';
import { startOciRegistry, type TestRegistry } from '../../harness/oci-registry.ts';
import { keepingLog } from '../../harness/redis.ts';
import { testRegistry } from '../../harness/registry-client.ts';
import { type RegistryFront, startRegistryFront } from '../../harness/registry-front.ts';

let registry: TestRegistry;
let front: RegistryFront;

beforeAll(async () => {
  registry = await startOciRegistry();
  front = await startRegistryFront(registry.base);
  front.spoil({
    on: /^PUT .*\/manifests\/(?!sha256:)/,
    async fault({ line }) {
      const [, name = '', tag = ''] = /^PUT \/v2\/(.+)\/manifests\/(.+)$/.exec(line) ?? [];
      if ((await readDigest(registry.base, name, tag)) === null) return null;
      return {
        kind: 'answer',
        status: 409,
        body: { errors: [{ code: 'TAG_IMMUTABLE', message: 'tag is immutable' }] },
      };
    },
  });
});

afterAll(async () => {
  await front?.close();
  await registry?.stop();
});

async function write(layers: number): Promise<Digest> {
  const image = makeImage([layers]);
  await seedImage(registry.base, 'acme/api', image, `child-${layers}`);
  const child = {
    digest: toDigest(image.digest),
    mediaType: image.mediaType,
    bytes: image.content.length,
    platform: 'linux/amd64',
  };
  const ports = { registry: testRegistry([front.host]), log: keepingLog() };
  const place = { repository: `${front.host}/acme/api`, tag: 'change_7_0123456789ab_latest' };
  const context = { ports } as unknown as Parameters<typeof writeIndex>[0];
  const written = await writeIndex(
    context,
    { project: aProject(), branch: 'main' },
    { key: 'k', place, children: [child] },
  );
  if (typeof written !== 'string') throw new Error(written.because);
  return written;
}

it('an index over another upload of the same candidate is kept by a tag beside the one that nobody can move', async () => {
  const [first, second] = [await write(300), await write(400)];
  const tag = 'change_7_0123456789ab_latest';
  expect(await readDigest(registry.base, 'acme/api', tag)).toBe(first);
  expect(await readDigest(registry.base, 'acme/api', tagBeside(tag, second))).toBe(second);
});
