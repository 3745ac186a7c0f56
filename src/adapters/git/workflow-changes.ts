import type { Sha } from '../../model/sha.ts';
import type { ObjectReader } from './object-reader.ts';

/** The forge's own workflows, which an App changes by a permission of its own. */
const folder = ['.github', 'workflows'];

/** True where one of the commits from here to there, along first parents, changes workflows of the forge. */
export async function changesWorkflows(objects: ObjectReader, from: Sha, to: Sha): Promise<boolean> {
  let at: string = to;
  let there = await folderAt(objects, at);
  while (at !== from) {
    const [parent] = (await objects.commit(at)).parents;
    const before = parent === undefined ? null : await folderAt(objects, parent);
    if (before !== there) return true;
    if (parent === undefined) return false;
    at = parent;
    there = before;
  }
  return false;
}

/** Null where there is none. */
async function folderAt(objects: ObjectReader, commit: string): Promise<string | null> {
  let at = commit;
  for (const name of folder) {
    const item = (await objects.tree(at)).find((each) => each.name.toString() === name);
    if (item === undefined || item.mode !== '040000') return item?.id ?? null;
    at = item.id;
  }
  return at;
}
