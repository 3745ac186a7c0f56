import { afterEach, expect, it } from 'vitest';
import type { Digest } from '../../../src/model/sha.ts';
import { type ImageWorld, startImageWorld } from '../../harness/image-world.ts';
import {
  describe as descriptorOf,
  digestOf,
  hasBlob,
  imageType,
  indexType,
  makeImage,
  readDigest,
  seedImage,
  seedManifest,
  type TestImage,
  type TestManifest,
} from '../../harness/oci-image.ts';

let world: ImageWorld;

afterEach(async () => world.stop());

const platforms = ['linux/amd64', 'linux/arm64'];
const signatureType = 'application/vnd.example.signature';

it('an index that the registry refuses is told to the author, with the reason, and written once it is taken', async () => {
  world = await startImageWorld({ mode: 'tag', platforms });
  const refusal = { errors: [{ code: 'DENIED', message: 'no indexes here' }] };
  world.final.spoil({ on: /^PUT .*manifests\/sha256:/, fault: { kind: 'answer', status: 403, body: refusal } });
  const change = await world.change('Ash', { 'README.md': 'hello, Ash\n' });
  await world.ask(change);
  const said = await world.told(change, /could not be written/);
  expect(said).toMatch(
    /The index over the platforms that `upload\\?-image` built could not be written: .*403.*no indexes here.* It is tried again\./,
  );
  expect(world.landed()).toEqual([]);
  world.final.calm();
  await world.ended(change, 'success');
}, 240_000);

/** What is under a digest, read straight from the registry behind its front. */
async function manifestAt(base: string, name: string, digest: string): Promise<TestManifest> {
  const headers = { accept: [imageType, indexType].join(', ') };
  const answer = await fetch(`${base}/v2/${name}/manifests/${digest}`, { headers });
  const content = Buffer.from(await answer.arrayBuffer());
  expect(digestOf(content)).toBe(digest);
  return { digest: digest as Digest, mediaType: answer.headers.get('content-type') ?? '', content };
}

/** Signs a manifest as tools do in a registry without a list of referrers: by the tag of the specification, and by cosign's. */
async function sign(base: string, name: string, subject: TestManifest) {
  const about = { artifactType: signatureType, subject: descriptorOf(subject.mediaType, subject.content) };
  const [attached, cosigned] = [makeImage([80], about), makeImage([90])];
  await seedImage(base, name, attached);
  const manifests = [{ ...descriptorOf(attached.mediaType, attached.content), artifactType: signatureType }];
  const content = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: indexType, manifests }));
  const list = { digest: digestOf(content), mediaType: indexType, content };
  const tag = subject.digest.replace(':', '-');
  await seedManifest(base, name, list, tag);
  await seedImage(base, name, cosigned, `${tag}.sig`);
  const tags: readonly (readonly [string, Digest])[] = [
    [tag, list.digest],
    [`${tag}.sig`, cosigned.digest],
  ];
  return { images: [attached, cosigned], tags };
}

async function demandThere(base: string, name: string, images: readonly TestImage[]): Promise<void> {
  for (const { digest, blobs } of images) {
    expect(await readDigest(base, name, digest)).toBe(digest);
    for (const blob of blobs) expect(await hasBlob(base, name, digestOf(blob))).toBe(true);
  }
}

function builtOn(platform: string, commit: string): TestImage {
  const image = world.uploaded.get(`api/${platform.replace('/', '-')}@${commit}`);
  if (image === undefined) throw new Error(`nothing was built on ${platform}`);
  return image;
}

/** The image that the test runs in, as its pod names it. */
async function testedImage(): Promise<{ host: string; name: string; digest: string }> {
  await world.tests('e2e@Ash');
  const pod = world.executor.manifests.find(({ metadata }) => metadata.annotations['sluice.dev/job'] === 'e2e');
  const image = pod?.spec.containers.find(({ name }) => name === 'command')?.image ?? '';
  const [, host = '', name = '', digest = ''] = /^([^/]+)\/(.+)@(.+)$/.exec(image) ?? [];
  return { host, name, digest };
}

it.each(['tag', 'intermediate'] as const)(
  'an image of two platforms is one index that we write, which is what is tested and, with all that refers to it, promoted, by way of %s',
  async (mode) => {
    const job = 'on: gate, needs: [upload-image], image: "{{ images.api.staged }}", run: make e2e';
    world = await startImageWorld({
      mode,
      platforms,
      lines: `jobs: { e2e: { ${job} } }`,
      judge: (_files, name) => (name === 'e2e' ? null : 'success'),
    });
    const change = await world.change('Ash', { 'README.md': 'hello, Ash\n' });
    await world.ask(change);
    const { host, name, digest } = await testedImage();
    expect(host).toBe((mode === 'tag' ? world.final : world.staging).host);
    const at = `http://${host}`;
    const index = await manifestAt(at, name, digest);
    const commit = /change_1_([0-9a-f]{12})/.exec((await world.changeTags()).join())?.[1] ?? '';
    const candidate = [...world.uploaded.keys()].find((key) => key.includes(`@${commit}`))?.split('@')[1] ?? '';
    const children = platforms.map((platform) => builtOn(platform, candidate));
    expect(JSON.parse(index.content.toString())).toEqual({
      schemaVersion: 2,
      mediaType: indexType,
      manifests: children.map(({ mediaType, content }, which) => ({
        ...descriptorOf(mediaType, content),
        platform: { os: 'linux', architecture: platforms[which]?.split('/')[1] },
      })),
    });
    const [, arm] = children as [TestImage, TestImage];
    const signed = [await sign(at, name, index), await sign(at, name, arm)];
    expect(await world.published('api')).toBeNull();

    await world.end('e2e@Ash', 'success');
    await world.ended(change, 'success');
    expect(world.git('rev-parse', 'main')).toBe(candidate);
    const check = await world.until('it is promoted', async () => {
      const found = await world.promoteCheck(candidate);
      return found?.status === 'completed' && found;
    });
    expect(check.conclusion).toBe('success');
    expect([await world.published('api'), await world.published('api', candidate)]).toEqual([digest, digest]);
    await demandThere(world.final.base, 'acme/api', [...children, ...signed.flatMap(({ images }) => images)]);
    for (const [tag, expected] of signed.flatMap(({ tags }) => tags))
      expect([tag, await readDigest(world.final.base, 'acme/api', tag)]).toEqual([tag, expected]);
    const entry = JSON.parse(world.git('show', 'refs/sluice/ledger/main:entry.json'));
    expect(entry.detail.verdict.images).toMatchObject([{ name: 'api', digest }]);
  },
  240_000,
);
