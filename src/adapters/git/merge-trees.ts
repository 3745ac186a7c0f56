import type { Sha } from '../../model/sha.ts';
import type { ObjectReader, TreeItem } from './object-reader.ts';
import { type GitObject, treeObject, writeObject } from './write-object.ts';

type Items = ReadonlyMap<string, TreeItem>;

const folderMode = '040000';
const modes = new Set(['100644', '100755', '120000', '160000', folderMode]);

/** Not to be merged here: git knows what to make of it. */
class LeftToGit extends Error {}

async function itemsOf(objects: ObjectReader, tree: string | null): Promise<Items> {
  const items = tree === null ? [] : await objects.tree(tree);
  const named = new Map(items.map((item) => [item.name.toString('latin1'), item]));
  if (named.size !== items.length || items.some(({ mode }) => !modes.has(mode))) throw new LeftToGit();
  return named;
}

function isSame(one: TreeItem | undefined, other: TreeItem | undefined): boolean {
  return one?.id === other?.id && one?.mode === other?.mode;
}

/**
 * Merges two trees that never changed the same entry of a folder, unless it is a folder on both sides; null for all
 * others. Where this merges, renames do not matter: a file that one side renamed, or a folder that it emptied, was left
 * alone by the other, so that git comes to the same tree.
 */
export async function mergeTrees(
  { objects, clone }: { readonly objects: ObjectReader; readonly clone: string },
  base: Sha,
  ours: Sha,
  theirs: Sha,
): Promise<Sha | null> {
  const fresh: GitObject[] = [];

  async function mergeItem(
    before: TreeItem | undefined,
    one: TreeItem | undefined,
    other: TreeItem | undefined,
  ): Promise<TreeItem | undefined> {
    if (isSame(one, before)) return other;
    if (isSame(other, before)) return one;
    const areFolders = [one, other, before ?? one].every((item) => item?.mode === folderMode);
    if (!areFolders || one === undefined || other === undefined) throw new LeftToGit();
    const id = await mergeFolder(before?.id ?? null, one.id, other.id);
    return id === null ? undefined : { ...one, id };
  }

  /** Null: nothing is left in it. */
  async function mergeFolder(before: string | null, one: string, other: string): Promise<string | null> {
    const [was, a, b] = await Promise.all([before, one, other].map((tree) => itemsOf(objects, tree)));
    if (!was || !a || !b) throw new LeftToGit();
    const merged: TreeItem[] = [];
    for (const name of new Set([...was.keys(), ...a.keys(), ...b.keys()])) {
      const item = await mergeItem(was.get(name), a.get(name), b.get(name));
      if (item !== undefined) merged.push(item);
    }
    if (merged.length === 0) return null;
    const tree = treeObject(merged);
    fresh.push(tree);
    return tree.id;
  }

  try {
    const root = await mergeFolder(base, ours, theirs);
    if (root === null) return null;
    await Promise.all(fresh.map((tree) => writeObject(clone, tree)));
    return root as Sha;
  } catch (cause) {
    if (cause instanceof LeftToGit) return null;
    throw cause;
  }
}
