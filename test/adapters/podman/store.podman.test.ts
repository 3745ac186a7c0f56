import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hasImage, loadImageArchive } from '../../../src/adapters/podman/images.ts';
import { runPodman } from '../../../src/adapters/podman/podman-command.ts';
import { removeStore } from '../../../src/adapters/podman/remove-store.ts';
import type { PodmanStore } from '../../../src/adapters/podman/settings.ts';
import { prepareStore } from '../../../src/adapters/podman/store.ts';
import { startOciRegistry } from '../../harness/oci-registry.ts';
import { archives, podmanAbsence } from './podman-subject.ts';

const run = promisify(execFile);
const absence = await podmanAbsence();

describe.skipIf(absence !== null)(`a podman store ${absence ?? ''}`, { timeout: 30_000 }, () => {
  let folder: string;
  let images: PodmanStore;
  let store: PodmanStore;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-store-'));
    images = { folder: join(folder, 'images'), images: null, podman: '/usr/bin/podman' };
    store = { folder: join(folder, 'store'), images: images.folder, podman: '/usr/bin/podman' };
  });

  afterEach(async () => {
    for (const name of ['store', 'alone', 'images']) await removeStore({ ...images, folder: join(folder, name) });
    await rm(folder, { recursive: true, force: true });
  });

  it('uses the images of another one without having them', async () => {
    expect(await loadImageArchive(images, join(archives, 'busybox.tar'))).toEqual(['localhost/busybox:1']);
    expect(await hasImage(store, 'localhost/busybox:1')).toBe(true);
    expect(await hasImage(store, 'localhost/nowhere:1')).toBe(false);
    expect(await hasImage({ ...store, folder: join(folder, 'alone'), images: null }, 'localhost/busybox:1')).toBe(
      false,
    );
  });

  it('can be used while the other one has no images yet, and sees them when it has', async () => {
    expect(await hasImage(store, 'localhost/busybox:1')).toBe(false);
    await loadImageArchive(images, join(archives, 'busybox.tar'));
    expect(await hasImage(store, 'localhost/busybox:1')).toBe(true);
  });

  it('reads an unchanged archive once, and again when its images were lost', async () => {
    const archive = join(archives, 'pause.tar');
    await loadImageArchive(images, archive);
    const [mark] = await readdir(join(images.folder, 'loaded'));
    const path = join(images.folder, 'loaded', mark ?? '');
    const first = (await stat(path)).mtimeMs;
    expect(await loadImageArchive(images, archive)).toEqual(['localhost/pause:1']);
    expect((await stat(path)).mtimeMs).toBe(first);
    await rm(join(images.folder, 'root'), { recursive: true });
    expect(await loadImageArchive(images, archive)).toEqual(['localhost/pause:1']);
    expect(await hasImage(images, 'localhost/pause:1')).toBe(true);
  });

  it('says which archive podman did not take', async () => {
    const broken = join(folder, 'broken.tar');
    await writeFile(broken, 'no archive');
    await expect(loadImageArchive(images, broken)).rejects.toThrow(/broken\.tar/);
    await expect(loadImageArchive(images, join(folder, 'none.tar'))).rejects.toThrow(/ENOENT/);
  });

  it('pulls without TLS from the registries that are named, and from no other', async () => {
    const registry = await startOciRegistry();
    const name = `${registry.host}/acme/api:1`;
    const archive = `docker-archive:${join(archives, 'busybox.tar')}`;
    await run('skopeo', ['copy', '--quiet', '--dest-tls-verify=false', archive, `docker://${name}`]);
    await prepareStore(store);
    const refused = await runPodman(store, ['pull', '--quiet', name]);
    const open = { ...store, insecureRegistries: [registry.host] };
    await prepareStore(open);
    const pulled = await runPodman(open, ['pull', '--quiet', name]);
    await registry.stop();
    expect(refused).toMatchObject({ code: 125, words: expect.stringMatching(/HTTP response to HTTPS client/) });
    expect(pulled).toMatchObject({ code: 0 });
  });

  it('forgets what ran before the machine was booted, and keeps the rest', async () => {
    await prepareStore(store);
    await writeFile(join(store.folder, 'run', 'alive'), '');
    await prepareStore(store);
    expect(await readdir(join(store.folder, 'run'))).toEqual(['alive']);
    await writeFile(join(store.folder, 'boot'), 'another boot\n');
    await prepareStore(store);
    expect(await readdir(join(store.folder, 'run'))).toEqual([]);
  });
});
