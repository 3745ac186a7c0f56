import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readMeasured } from '../../src/core/pod/read-measured.ts';
import { makeWorkFolder, runStep, type StepEnd } from './run-step.ts';

interface Descriptor {
  digest: string;
  size: number;
}

interface Manifest {
  config: Descriptor;
  layers: Descriptor[];
}

let original: string;
let work: Awaited<ReturnType<typeof makeWorkFolder>>;
let layout: string;

/** A layout as a builder leaves it: written by skopeo from an archive of two small layers. */
beforeAll(async () => {
  original = await mkdtemp(join(tmpdir(), 'sluice-layout-'));
  const store = ['--root', join(original, 'root'), '--runroot', join(original, 'run'), '--storage-driver', 'vfs'];
  await writeFile(join(original, 'a.txt'), 'a');
  await writeFile(join(original, 'b.txt'), 'b'.repeat(100_000));
  await writeFile(join(original, 'Dockerfile'), 'FROM scratch\nCOPY a.txt /\nCOPY b.txt /\n');
  const buildah = (...args: string[]) => execFileSync('buildah', [...store, ...args], { stdio: 'pipe' });
  buildah('build', '--layers', '--isolation=chroot', '--format=oci', '--tag=localhost/two', original);
  buildah('push', '--quiet', 'localhost/two', `oci-archive:${join(original, 'image.tar')}`);
  execFileSync('skopeo', [
    'copy',
    '--quiet',
    `oci-archive:${join(original, 'image.tar')}`,
    `oci:${join(original, 'image')}`,
  ]);
}, 60_000);

afterAll(() => rm(original, { recursive: true, force: true }));

beforeEach(async () => {
  work = await makeWorkFolder();
  layout = join(work.folder, 'image');
  execFileSync('cp', ['-r', join(original, 'image'), layout]);
});

afterEach(() => work.end());

function measure(): Promise<StepEnd> {
  return runStep('measure', { layout, result: join(work.folder, 'result') });
}

const blob = (digest: string): string => join(layout, 'blobs/sha256', digest.replace('sha256:', ''));

async function readManifest(): Promise<{ image: Descriptor; manifest: Manifest }> {
  const index = JSON.parse(await readFile(join(layout, 'index.json'), 'utf8')) as { manifests: [Descriptor] };
  const [image] = index.manifests;
  return { image, manifest: JSON.parse(await readFile(blob(image.digest), 'utf8')) as Manifest };
}

async function writeIndex(content: unknown): Promise<void> {
  await writeFile(join(layout, 'index.json'), typeof content === 'string' ? content : JSON.stringify(content));
}

/** Stores another manifest under its own true digest. */
async function replaceManifest(content: unknown): Promise<void> {
  const text = JSON.stringify(content);
  const digest = `sha256:${createHash('sha256').update(text).digest('hex')}`;
  await writeFile(blob(digest), text);
  await writeIndex({ schemaVersion: 2, manifests: [{ digest, size: text.length }] });
}

describe('the measuring step', () => {
  it('leaves digest, compressed size and layers, as skopeo sees them and the judge reads them', async () => {
    const { image, manifest } = await readManifest();
    const end = await measure();
    const bytes = [manifest.config, ...manifest.layers].reduce((sum, { size }) => sum + size, 0);
    expect(end).toMatchObject({ code: 0 });
    expect(readMeasured(end.result)).toEqual({ digest: image.digest, bytes, layers: 2 });
    const raw = execFileSync('skopeo', ['inspect', '--raw', `oci:${layout}`]);
    expect(`sha256:${createHash('sha256').update(raw).digest('hex')}`).toBe(image.digest);
  });

  it('takes an image without layers', async () => {
    const { manifest } = await readManifest();
    await replaceManifest({ ...manifest, layers: [] });
    expect(readMeasured((await measure()).result)).toMatchObject({ layers: 0, bytes: manifest.config.size });
  });

  it('leaves the layout as it was', async () => {
    const before = await readdir(layout, { recursive: true });
    await measure();
    expect(await readdir(layout, { recursive: true })).toEqual(before);
  });
});

const noDigest = { schemaVersion: 2, manifests: [{ digest: 'sha256:../../../../etc/passwd', size: 1 }] };

describe('the measuring step ends with 16, and no result that could be believed, for', () => {
  it.each<[string, () => Promise<void>]>([
    [
      'a layer with another content',
      async () => {
        const { manifest } = await readManifest();
        const layer = manifest.layers[1];
        if (layer) await writeFile(blob(layer.digest), Buffer.alloc(layer.size));
      },
    ],
    [
      'a layer that is longer',
      async () => {
        const { manifest } = await readManifest();
        const path = blob(manifest.layers[0]?.digest ?? '');
        await writeFile(path, Buffer.concat([await readFile(path), Buffer.from('x')]));
      },
    ],
    [
      'a layer that is missing',
      async () => {
        const { manifest } = await readManifest();
        await rm(blob(manifest.layers[0]?.digest ?? ''));
      },
    ],
    [
      'a layer of another size than it says',
      async () => {
        const { manifest } = await readManifest();
        await replaceManifest({
          ...manifest,
          layers: manifest.layers.map((each) => ({ ...each, size: each.size + 1 })),
        });
      },
    ],
    [
      'a config with another content',
      async () => {
        const { manifest } = await readManifest();
        await writeFile(blob(manifest.config.digest), Buffer.alloc(manifest.config.size));
      },
    ],
    [
      'a manifest with another content',
      async () => {
        const { image } = await readManifest();
        const text = await readFile(blob(image.digest), 'utf8');
        await writeFile(blob(image.digest), text.replace('layers', 'LAYERS'));
      },
    ],
    [
      'a blob that is a link',
      async () => {
        const { manifest } = await readManifest();
        const path = blob(manifest.config.digest);
        await rename(path, `${path}.kept`);
        await symlink(`${path}.kept`, path);
      },
    ],
    [
      'a blob that is a pipe',
      async () => {
        const { manifest } = await readManifest();
        const path = blob(manifest.config.digest);
        await rm(path);
        execFileSync('mkfifo', [path]);
      },
    ],
    [
      'a blob that is a folder',
      async () => {
        const { manifest } = await readManifest();
        await rm(blob(manifest.config.digest));
        await mkdir(blob(manifest.config.digest));
      },
    ],
    ['no layout at all', () => rm(layout, { recursive: true })],
    ['an index that is no JSON', () => writeIndex('{')],
    ['an index that is null', () => writeIndex('null')],
    ['an index of deep nesting', () => writeIndex('['.repeat(100_000))],
    ['an index that is huge', () => writeIndex(`"${'x'.repeat(5 * 2 ** 20)}"`)],
    [
      'an index that is a link',
      async () => {
        await rm(join(layout, 'index.json'));
        await symlink('/etc/passwd', join(layout, 'index.json'));
      },
    ],
    ['an index without an image', () => writeIndex({ manifests: [] })],
    [
      'an index with two images',
      async () => {
        const { image } = await readManifest();
        await writeIndex({ manifests: [image, image] });
      },
    ],
    ['a digest that leads elsewhere', () => writeIndex(noDigest)],
    ['a digest of another kind', () => writeIndex({ manifests: [{ digest: `sha512:${'a'.repeat(128)}`, size: 1 }] })],
    [
      'a size that is none',
      async () => {
        const { image } = await readManifest();
        await writeIndex({ manifests: [{ ...image, size: -1 }] });
      },
    ],
    ['a manifest that is a list', () => replaceManifest([])],
    [
      'a manifest without a config',
      async () => {
        const { manifest } = await readManifest();
        await replaceManifest({ layers: manifest.layers });
      },
    ],
    [
      'layers that are no list',
      async () => {
        const { manifest } = await readManifest();
        await replaceManifest({ ...manifest, layers: { length: 1 } });
      },
    ],
    [
      'more layers than any image has',
      async () => {
        const { manifest } = await readManifest();
        await replaceManifest({ ...manifest, layers: Array.from({ length: 1001 }, () => manifest.layers[0]) });
      },
    ],
  ])('%s', async (_title, spoil) => {
    await spoil();
    const end = await measure();
    expect(end).toMatchObject({ code: 16 });
    expect(end.log).toContain('The image that was built cannot be used');
    expect(readMeasured(end.result)).toBeNull();
  });
});
