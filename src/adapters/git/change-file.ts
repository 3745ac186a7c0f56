import { type Sha, toSha } from '../../model/sha.ts';
import type { FileChange } from '../../ports/landing.ts';
import { commitObject, laterOf, ourselvesAt } from './commit-text.ts';
import type { ObjectReader } from './object-reader.ts';
import { gitObject, treeObject, writeObject } from './write-object.ts';

/** Where objects are read and written. */
interface Objects {
  readonly objects: ObjectReader;
  readonly folder: string;
}

/** The tree with another blob where this regular file stands; its mode stays. Throws when none stands there. */
async function withBlob({ objects, folder }: Objects, tree: string, path: readonly string[], blob: Sha): Promise<Sha> {
  const [first = '', ...rest] = path;
  const name = Buffer.from(first);
  const items = await objects.tree(tree);
  const item = items.find((each) => each.name.equals(name));
  const isFile = rest.length === 0 && item?.mode.startsWith('100');
  if (item === undefined || !(isFile || (rest.length > 0 && item.mode === '040000')))
    throw new Error(`no regular file stands at ${path.join('/')} of the tree ${tree}`);
  const id = rest.length === 0 ? blob : await withBlob({ objects, folder }, item.id, rest, blob);
  return writeObject(folder, treeObject(items.map((each) => (each === item ? { ...each, id } : each))));
}

/** A commit on another one that changes this file alone: the same inputs, the same SHA. */
export async function changeFile(place: Objects, { at, path, content, message }: FileChange): Promise<Sha> {
  const { tree, time } = await place.objects.commit(at);
  const blob = await writeObject(place.folder, gitObject('blob', Buffer.from(content)));
  const committedAt = laterOf(time, 0);
  const commit = commitObject({
    tree: await withBlob(place, tree, path.split('/'), blob),
    parents: [toSha(at)],
    author: ourselvesAt(committedAt),
    committedAt,
    encoding: null,
    message: Buffer.from(`${message}\n`),
  });
  return writeObject(place.folder, commit);
}
