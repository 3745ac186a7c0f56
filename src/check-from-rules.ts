import { lstat, readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { readImageFiles, type TreeReader } from './app/read-image-files.ts';
import { locatePath } from './config/locate-path.ts';
import { formatPath, type Path } from './config/problems/finding.ts';
import { refusedRules } from './core/from/judge-image.ts';
import type { ConfigProblem, ProjectConfig } from './model/config.ts';
import type { TreeEntry } from './ports/source.ts';

async function entryAt(path: string): Promise<TreeEntry> {
  try {
    const found = await lstat(path);
    if (found.isFile()) return { kind: 'file', executable: false, bytes: found.size };
    return found.isDirectory() ? { kind: 'folder' } : { kind: 'missing' };
  } catch {
    return { kind: 'missing' };
  }
}

function folderReader(folder: string): TreeReader {
  return {
    entries: async (paths) =>
      new Map(await Promise.all(paths.map(async (path) => [path, await entryAt(join(folder, path))] as const))),
    readText: (path) => readFile(join(folder, path), 'utf8'),
  };
}

/** What is wrong with `from` rules beside the container files that lie beside the file; those that are not there are not asked. */
export async function checkFromRules(
  config: ProjectConfig,
  content: Uint8Array,
  file: string,
): Promise<readonly ConfigProblem[]> {
  const text = Buffer.from(content).toString('utf8');
  const reader = folderReader(dirname(resolve(file)));
  const { judged } = await readImageFiles(reader, { kind: 'usable', config, notes: [] });
  return config.images.flatMap((image, index) =>
    refusedRules(image, judged ?? new Map()).map(({ rule, because }) => {
      const path: Path = ['images', index, 'from', rule];
      return { file, ...locatePath(text, path), path: formatPath(path), message: because, hint: null };
    }),
  );
}
