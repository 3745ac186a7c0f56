import { createHash, randomUUID } from 'node:crypto';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { type Sha, toSha } from '../../model/sha.ts';
import type { TreeItem } from './object-reader.ts';

/** One object of git, named by what it holds. */
export interface GitObject {
  readonly id: Sha;
  /** Its header and content. */
  readonly bytes: Buffer;
}

export function gitObject(type: 'commit' | 'tree' | 'blob', content: Buffer): GitObject {
  const bytes = Buffer.concat([Buffer.from(`${type} ${content.length}\0`), content]);
  return { id: toSha(createHash('sha1').update(bytes).digest('hex')), bytes };
}

/** A tree of these items, in the order in which git wants them: a folder as if its name ended in `/`. */
export function treeObject(items: readonly TreeItem[]): GitObject {
  const keyed = items.map((item) => ({
    item,
    key: item.mode === '040000' ? Buffer.concat([item.name, slash]) : item.name,
  }));
  const parts = keyed
    .sort((one, other) => Buffer.compare(one.key, other.key))
    .flatMap(({ item: { mode, name, id } }) => [
      Buffer.from(`${mode.replace(/^0/, '')} `),
      name,
      nul,
      Buffer.from(id, 'hex'),
    ]);
  return gitObject('tree', Buffer.concat(parts));
}

const slash = Buffer.from('/');
const nul = Buffer.from([0]);

/**
 * Stores an object in a bare clone as git does, without a process of git for it. One that is there already is replaced by
 * itself, so that a file that a crash left cut off does not stay.
 */
export async function writeObject(clone: string, { id, bytes }: GitObject): Promise<Sha> {
  const folder = join(clone, 'objects', id.slice(0, 2));
  await mkdir(folder, { recursive: true });
  const fresh = join(folder, `tmp_obj_${randomUUID()}`);
  await writeFile(fresh, deflateSync(bytes), { mode: 0o444 });
  await rename(fresh, join(folder, id.slice(2)));
  return id;
}
