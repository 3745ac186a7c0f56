import { chmod, lstat, lutimes, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { demandGit, type Git } from './git.ts';
import type { TreeEntry } from './read-tree.ts';

/**
 * Writes the tree's files into the folder, byte for byte as they are in the repository but for line ends: no filter and no
 * other encoding is applied, whatever .gitattributes asks for (intake A17).
 */
export async function writeFiles(git: Git, gitDir: string, tree: string, folder: string): Promise<void> {
  await mkdir(join(gitDir, 'info'), { recursive: true });
  await writeFile(join(gitDir, 'info', 'attributes'), '* -filter !working-tree-encoding\n');
  await demandGit(git, ['read-tree', tree], { workTree: folder });
  await demandGit(git, ['checkout-index', '--all', '--force'], { workTree: folder });
}

/** Modes and times of two checkouts of one commit are equal, whoever made them: both get into layers (builders.md:98). */
export async function levelFiles(entries: readonly TreeEntry[], folder: string, seconds: number): Promise<void> {
  // Innermost first: writing into a folder changes its time.
  for (const { kind, path } of entries.toReversed()) {
    const place = Buffer.concat([Buffer.from(`${folder}/`), Buffer.from(path, 'latin1')]);
    if (kind === 'submodule' && !(await isFolder(place))) continue;
    if (kind === 'folder' || kind === 'submodule') await chmod(place, 0o755);
    await lutimes(place, seconds, seconds);
  }
}

async function isFolder(place: Buffer): Promise<boolean> {
  try {
    return (await lstat(place)).isDirectory();
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw cause;
  }
}
