import { lstat, readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { readImageFiles, type TreeReader } from './app/read-image-files.ts';
import { locatePath } from './config/locate-path.ts';
import { formatPath, type Path } from './config/problems/finding.ts';
import { judgedFeatures, refusedRules } from './core/from/judge-image.ts';
import type { TreeFacts } from './core/presubmit/facts.ts';
import { containerFileIn } from './core/resolve-images.ts';
import type { ConfigProblem, ProjectConfig } from './model/config.ts';
import type { Image } from './model/image.ts';
import type { PoolSettings } from './model/order.ts';
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

/** What is said of the container files that lie beside a file; those that are not there are not asked. */
interface ContainerFileCheck {
  readonly problems: readonly ConfigProblem[];
  readonly notes: readonly string[];
}

type Judged = NonNullable<TreeFacts['judged']>;

/** What is wrong with `from` rules beside the container files, and what of these this builder does not do. */
export async function checkContainerFiles(
  config: ProjectConfig,
  content: Uint8Array,
  file: string,
  builder: PoolSettings['builder'],
): Promise<ContainerFileCheck> {
  const text = Buffer.from(content).toString('utf8');
  const reader = folderReader(dirname(resolve(file)));
  const facts = await readImageFiles(reader, { kind: 'usable', config, notes: [] }, builder);
  const judged: Judged = facts.judged ?? new Map();
  const rules = config.images.flatMap((image, index) => rulesOf(image, index, { judged, file, text }));
  const seen = new Set<string>();
  const remarks = config.images.flatMap((image, index) => {
    const path = containerFileIn(image, facts.kinds);
    const targets = image.targets.length === 0 ? [null] : image.targets;
    return path === null ? [] : targets.map((target) => ({ path, index, ...judgedFeatures(image, target, judged) }));
  });
  const isNew = (words: string): boolean => !seen.has(words) && seen.add(words).size > 0;
  const problems = remarks.flatMap(({ path, index, refused }) =>
    refused
      .filter(({ line, because }) => isNew(`${path}:${line} ${because}`))
      .map(({ line, because }) => ({
        ...{ file: join(dirname(file), path), line, column: 1, path: formatPath(['images', index]) },
        ...{ message: because, hint: null },
      })),
  );
  const notes = remarks.flatMap(({ path, notes }) => notes.map(({ line, because }) => `${path}:${line}: ${because}`));
  return { problems: [...rules, ...problems], notes: [...new Set(notes)] };
}

function rulesOf(
  image: Image,
  index: number,
  { judged, file, text }: { readonly judged: Judged; readonly file: string; readonly text: string },
): readonly ConfigProblem[] {
  return refusedRules(image, judged).map(({ rule, because }) => {
    const path: Path = ['images', index, 'from', rule];
    return { file, ...locatePath(text, path), path: formatPath(path), message: because, hint: null };
  });
}
