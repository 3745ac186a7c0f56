import type { EffectiveConfig } from '../core/combine-config.ts';
import { goModsOf, type JudgedImages, judgeImage } from '../core/from/judge-image.ts';
import type { TreeFacts } from '../core/presubmit/facts.ts';
import { containerFileIn, pathsToLookUp } from '../core/resolve-images.ts';
import type { Image } from '../model/image.ts';
import type { PoolSettings } from '../model/order.ts';
import type { Project } from '../model/project.ts';
import type { Sha } from '../model/sha.ts';
import type { Source, TreeEntry } from '../ports/source.ts';

/** One tree, or a folder that stands for one. */
export interface TreeReader {
  entries(paths: readonly string[]): Promise<Entries>;
  readText(path: string, maxBytes: number): Promise<string | null>;
}

type Entries = ReadonlyMap<string, TreeEntry>;

/** Of a file that rules are applied to. */
const maxBytes = 256 * 1024;

/** What is known of the files that images name in a tree, and what `from` rules and this builder make of them. */
export async function readImageFiles(
  tree: TreeReader,
  config: EffectiveConfig,
  builder: PoolSettings['builder'],
): Promise<Pick<TreeFacts, 'kinds' | 'judged'>> {
  if (config.kind !== 'usable') return { kinds: new Map() };
  const images = config.config.jobs.flatMap((job) => ('images' in job.content ? job.content.images : []));
  const paths = [...new Set(images.flatMap(pathsToLookUp))];
  const kinds: Entries = paths.length === 0 ? new Map() : await tree.entries(paths);
  if (images.length === 0) return { kinds };
  // Many images share one file.
  const texts = new Map<string, Promise<string | null>>();
  const read = async (path: string | undefined): Promise<string | null> => {
    const entry = path === undefined ? undefined : kinds.get(path);
    if (path === undefined || entry?.kind !== 'file' || entry.bytes > maxBytes) return null;
    const known = texts.get(path);
    if (known !== undefined) return known;
    const reading = tree.readText(path, maxBytes);
    texts.set(path, reading);
    return reading;
  };
  const judged = await Promise.all(images.map((image) => judge(image, kinds, read, builder)));
  return { kinds, judged: new Map(judged.flatMap((each) => [...each])) };
}

/** A tree of a clone. */
export function treeReader(source: Pick<Source, 'readText' | 'entries'>, project: Project, at: Sha): TreeReader {
  return {
    entries: (paths) => source.entries(project, at, paths),
    readText: (path, bytes) => source.readText(project, at, path, bytes),
  };
}

async function judge(
  image: Image,
  kinds: Entries,
  read: (path: string | undefined) => Promise<string | null>,
  builder: PoolSettings['builder'],
): Promise<JudgedImages> {
  const path = containerFileIn(image, kinds);
  // What is wrong with the file itself is told by who resolves the image.
  if (path === null || kinds.get(path)?.kind !== 'file') return new Map();
  const goMod = goModsOf(image).find((each) => kinds.get(each)?.kind === 'file');
  return judgeImage(image, { path, dockerfile: await read(path), goMod: await read(goMod), builder });
}
