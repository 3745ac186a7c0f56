import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { hashRootFiles, type Ingredients, layOutRootFiles, listRootFiles } from './assemble.ts';

export interface StepImage {
  /** `localhost/sluice-steps:HASH`; another content is another name. */
  readonly image: string;
  /** A docker archive that `podman load` takes. */
  readonly archive: string;
}

export interface StepImageWishes extends Ingredients {
  /** Folder in which archives are kept; made if need be. `~/.cache/sluice/steps` is a good one. */
  readonly cache: string;
}

const run = promisify(execFile);
const containerfile = join(import.meta.dirname, 'Containerfile');

/**
 * The image of our step programs from this machine's git and Node, built the first time and kept: the same content is never built
 * twice. Needs buildah (on the search path) and the rights to use it.
 */
export async function buildStepImage({ cache, ...ingredients }: StepImageWishes): Promise<StepImage> {
  const files = await listRootFiles(ingredients);
  const recipe = createHash('sha256')
    .update(await readFile(containerfile))
    .digest('hex')
    .slice(0, 8);
  const image = `localhost/sluice-steps:${await hashRootFiles(files)}-${recipe}`;
  const archive = join(cache, `${image.replace(/^.*:/, '')}.tar`);
  if (await isThere(archive)) return { image, archive };
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, '.building-'));
  try {
    await layOutRootFiles(files, join(folder, 'context', 'rootfs'));
    await makeArchive(folder, image, ingredients.path);
    await rename(join(folder, 'image.tar'), archive);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return { image, archive };
}

async function makeArchive(folder: string, image: string, path: string): Promise<void> {
  const env = { PATH: path, HOME: folder, TMPDIR: folder };
  const store = ['--root', join(folder, 'store'), '--runroot', join(folder, 'run'), '--storage-driver', 'vfs'];
  const buildah = async (...args: string[]): Promise<void> => {
    try {
      await run('buildah', [...store, ...args], { env });
    } catch (cause) {
      throw new Error(`cannot build ${image}: buildah ${args[0]} failed`, { cause });
    }
  };
  const context = join(folder, 'context');
  await buildah(
    'build',
    '--quiet',
    '--isolation=chroot',
    '--timestamp=0',
    `--tag=${image}`,
    `--file=${containerfile}`,
    context,
  );
  await buildah('push', '--quiet', image, `docker-archive:${join(folder, 'image.tar')}:${image}`);
}

async function isThere(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    // Not built yet, or swept away: it is made again.
    return false;
  }
}
