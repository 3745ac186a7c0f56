import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readMeasured } from '../../src/core/pod/read-measured.ts';
import { makeWorkFolder, runStep } from './run-step.ts';

interface Descriptor {
  digest: string;
  size: number;
}

interface Manifest {
  config: Descriptor;
  layers: Descriptor[];
}

const absence = ['buildah', 'skopeo'].find((program) => spawnSync(program, ['--version']).status !== 0) ?? null;
if (absence !== null) process.stderr.write(`\n*** REAL LAYOUTS ARE NOT MEASURED: there is no ${absence} ***\n\n`);

describe.skipIf(absence !== null)(
  `an image as buildah and skopeo write it ${absence ?? ''}`,
  { timeout: 60_000 },
  () => {
    let original: string;
    let work: Awaited<ReturnType<typeof makeWorkFolder>>;
    let layout: string;

    beforeAll(async () => {
      original = await mkdtemp(join(tmpdir(), 'sluice-layout-'));
      const store = ['--root', join(original, 'root'), '--runroot', join(original, 'run'), '--storage-driver', 'vfs'];
      await writeFile(join(original, 'a.txt'), 'a');
      await writeFile(join(original, 'b.txt'), 'b'.repeat(100_000));
      await writeFile(join(original, 'Dockerfile'), 'FROM scratch\nCOPY a.txt /\nCOPY b.txt /\n');
      const buildah = (...args: string[]) => execFileSync('buildah', [...store, ...args], { stdio: 'pipe' });
      const archive = `oci-archive:${join(original, 'image.tar')}`;
      buildah('build', '--layers', '--isolation=chroot', '--format=oci', '--tag=localhost/two', original);
      buildah('push', '--quiet', 'localhost/two', archive);
      execFileSync('skopeo', ['copy', '--quiet', archive, `oci:${join(original, 'image')}`]);
    }, 60_000);

    afterAll(() => rm(original, { recursive: true, force: true }));

    beforeEach(async () => {
      work = await makeWorkFolder();
      layout = join(work.folder, 'image');
      execFileSync('cp', ['-r', join(original, 'image'), layout]);
    });

    afterEach(() => work.end());

    const measure = () => runStep('measure', { layout, result: join(work.folder, 'result') });
    const blob = (digest: string): string => join(layout, 'blobs/sha256', digest.slice('sha256:'.length));

    async function readImage(): Promise<{ image: Descriptor; manifest: Manifest }> {
      const index = JSON.parse(await readFile(join(layout, 'index.json'), 'utf8')) as { manifests: [Descriptor] };
      const [image] = index.manifests;
      return { image, manifest: JSON.parse(await readFile(blob(image.digest), 'utf8')) as Manifest };
    }

    /** Stores another manifest under its own true digest. */
    async function replaceManifest(content: unknown): Promise<void> {
      const text = JSON.stringify(content);
      const digest = `sha256:${createHash('sha256').update(text).digest('hex')}`;
      await writeFile(blob(digest), text);
      const index = { schemaVersion: 2, manifests: [{ digest, size: text.length }] };
      await writeFile(join(layout, 'index.json'), JSON.stringify(index));
    }

    it('is measured as skopeo sees it', async () => {
      const { manifest } = await readImage();
      const raw = execFileSync('skopeo', ['inspect', '--raw', `oci:${layout}`]);
      const digest = `sha256:${createHash('sha256').update(raw).digest('hex')}`;
      const bytes = manifest.layers.reduce((sum, { size }) => sum + size, manifest.config.size);
      expect(readMeasured((await measure()).result)).toEqual({ digest, bytes, layers: 2 });
    });

    it.each<[string, (image: { image: Descriptor; manifest: Manifest }) => Promise<void>]>([
      [
        'its config has another content',
        ({ manifest: { config } }) => writeFile(blob(config.digest), Buffer.alloc(config.size)),
      ],
      [
        'its manifest has another content of the same length',
        async ({ image }) => {
          const text = await readFile(blob(image.digest), 'utf8');
          await writeFile(blob(image.digest), text.replace('layers', 'LAYERS'));
        },
      ],
      [
        'a layer is a link to the true content',
        async ({ manifest }) => {
          const path = blob(manifest.layers[0]?.digest ?? '');
          await rename(path, `${path}.kept`);
          await symlink(`${path}.kept`, path);
        },
      ],
      [
        'a layer is a pipe',
        async ({ manifest }) => {
          const path = blob(manifest.layers[0]?.digest ?? '');
          await rm(path);
          execFileSync('mkfifo', [path]);
        },
      ],
      [
        'its config is a folder',
        async ({ manifest }) => {
          await rm(blob(manifest.config.digest));
          await mkdir(blob(manifest.config.digest));
        },
      ],
      ['its index is deeply nested', () => writeFile(join(layout, 'index.json'), '['.repeat(100_000))],
      ['its index is null', () => writeFile(join(layout, 'index.json'), 'null')],
      ['its layers only look like a list', ({ manifest }) => replaceManifest({ ...manifest, layers: { length: 1 } })],
      [
        'it has more layers than any image',
        ({ manifest }) =>
          replaceManifest({ ...manifest, layers: Array.from({ length: 1001 }, () => manifest.layers[0]) }),
      ],
      ['it is gone', () => rm(layout, { recursive: true })],
    ])('is refused with 16, without a result that could be believed, when %s', async (_title, spoil) => {
      await spoil(await readImage());
      const end = await measure();
      expect(end.code, end.log).toBe(16);
      expect(readMeasured(end.result)).toBeNull();
    });
  },
);
