import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { demandPodman, runPodman } from './podman-command.ts';
import type { PodmanStore } from './settings.ts';
import { prepareStore, storePaths, writeWhole } from './store.ts';

/**
 * Puts the images of an OCI or docker archive into the store's own images and returns their names. An unchanged archive
 * that was loaded before is not read again. Throws when podman refuses it.
 */
export async function loadImageArchive(store: PodmanStore, archive: string): Promise<readonly string[]> {
  await prepareStore(store);
  const { size, mtimeMs } = await stat(archive);
  const mark = join(storePaths(store.folder).loaded, createHash('sha256').update(archive).digest('hex').slice(0, 16));
  const known = await readMark(mark, `${size} ${mtimeMs}`);
  if (known !== null && (await everyImage(store, known))) return known;
  const output = await demandPodman(store, ['load', '--quiet', '--input', archive]);
  const names = [...output.matchAll(/^Loaded images?: (\S+)$/gm)].map((match) => match[1] ?? '');
  await writeWhole(mark, `${size} ${mtimeMs}\n${names.join('\n')}\n`);
  return names;
}

/** Whether an image of this name can be used without any network. */
export async function hasImage(store: PodmanStore, name: string): Promise<boolean> {
  await prepareStore(store);
  const { code, words } = await runPodman(store, ['image', 'exists', name]);
  if (code === 0) return true;
  if (code === 1) return false;
  throw new Error(`podman cannot tell whether it has image ${name}: ${words}`);
}

async function readMark(mark: string, version: string): Promise<readonly string[] | null> {
  try {
    const [first, ...names] = (await readFile(mark, 'utf8')).trim().split('\n');
    return first === version ? names : null;
  } catch {
    // Not loaded before, or the mark cannot be read: loading again is always right.
    return null;
  }
}

async function everyImage(store: PodmanStore, names: readonly string[]): Promise<boolean> {
  for (const name of names) {
    if (!(await hasImage(store, name))) return false;
  }
  return names.length > 0;
}
