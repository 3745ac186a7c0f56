import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Project } from '../../model/project.ts';
import { type Git, gitFailure } from './run-git.ts';

/** The project's bare clone, made empty when it is not there; two processes that make it at once end with the same one. */
export async function openClone(git: Git, folder: string, project: Pick<Project, 'id'>): Promise<string> {
  if (!Number.isSafeInteger(project.id)) throw new TypeError(`not a repository id: ${project.id}`);
  const clone = join(folder, `${project.id}.git`);
  if (existsSync(clone)) return clone;
  await mkdir(folder, { recursive: true });
  const fresh = await mkdtemp(join(folder, '.new-'));
  const made = await git(fresh, ['init', '--bare', '--quiet', '--template=', '--', fresh]);
  if (made.code !== 0) throw gitFailure(`make a bare clone in ${folder}`, made);
  await rename(fresh, clone).catch(async (cause: NodeJS.ErrnoException) => {
    await rm(fresh, { recursive: true, force: true });
    if (cause.code !== 'ENOTEMPTY' && cause.code !== 'EEXIST') throw cause;
  });
  return clone;
}

/** Gathers packs, loose objects and refs when there are many; throws nothing away, so that readers need no lock. */
export async function tidyClone(git: Git, clone: string): Promise<void> {
  const counted = await git(clone, ['count-objects', '-v']);
  const count = (name: string) =>
    Number(new RegExp(`^${name}: (\\d+)$`, 'm').exec(counted.stdout.toString())?.[1] ?? 0);
  if (count('packs') < 40 && count('count') < 5_000) return;
  const repacked = await git(clone, ['repack', '--geometric=2', '-d', '-q']);
  if (repacked.code !== 0) throw gitFailure(`gather the packs of ${clone}`, repacked);
  await git(clone, ['pack-refs', '--all']);
}

/** Bytes of the packs that are arriving in a clone now. */
export async function arrivingBytes(clone: string): Promise<number> {
  const packs = join(clone, 'objects', 'pack');
  const names = existsSync(packs) ? await readdir(packs) : [];
  const sizes = await Promise.all(
    names.filter((name) => name.startsWith('tmp_')).map((name) => sizeOf(join(packs, name))),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** 0 for what was renamed or removed in between. */
async function sizeOf(file: string): Promise<number> {
  return stat(file).then(
    (found) => found.size,
    () => 0,
  );
}
