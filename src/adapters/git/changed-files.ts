import { isUtf8 } from 'node:buffer';
import type { ChangedFiles } from '../../model/matcher.ts';
import { type ObjectReader, ObjectTooLarge, type TreeItem } from './object-reader.ts';

/** Names that differ, in the order in which git lists them; as raw bytes. */
async function differingNames(
  objects: ObjectReader,
  from: string,
  to: string,
  maxBytes: number,
): Promise<Buffer[] | null> {
  const names: Buffer[] = [];
  let bytes = 0;

  async function compare(before: string | null, after: string | null, path: Buffer): Promise<boolean> {
    const [old, now] = await Promise.all([itemsOf(objects, before), itemsOf(objects, after)]);
    for (const key of new Set([...old.keys(), ...now.keys()])) {
      const [a, b] = [old.get(key), now.get(key)];
      if (a?.id === b?.id && a?.mode === b?.mode) continue;
      const name = Buffer.concat([path, (b ?? a)?.name ?? Buffer.alloc(0)]);
      const folders = [a, b].map((item) => (item?.mode === '040000' ? item.id : null));
      if ([a, b].some((item) => item !== undefined && item.mode !== '040000')) {
        names.push(name);
        bytes += name.length + 1;
        if (bytes > maxBytes) return false;
      }
      const below = Buffer.concat([name, Buffer.from('/')]);
      if (folders.some((id) => id !== null) && !(await compare(folders[0] ?? null, folders[1] ?? null, below)))
        return false;
    }
    return true;
  }

  return (await compare(from, to, Buffer.alloc(0))) ? names.sort(Buffer.compare) : null;
}

async function itemsOf(objects: ObjectReader, tree: string | null): Promise<Map<string, TreeItem>> {
  const items = tree === null ? [] : await objects.tree(tree);
  return new Map(items.map((item) => [item.name.toString('latin1'), item]));
}

/**
 * Every name that was added, removed or changed between two commits; a renamed file under both its names. Names that are
 * no UTF-8 can be matched by no pattern, so one of them makes the list unknown.
 */
export async function changedFiles(
  objects: ObjectReader,
  from: string,
  to: string,
  maxBytes: number,
): Promise<ChangedFiles> {
  const names = await differingNames(objects, from, to, maxBytes).catch((cause: unknown) => {
    if (cause instanceof ObjectTooLarge) return null;
    throw cause;
  });
  if (names === null) return { known: false, because: 'the list of changed files is too long' };
  const foreign = names.find((name) => !isUtf8(name));
  if (foreign) return { known: false, because: `the name of a changed file is not UTF-8: ${showName(foreign)}` };
  return { known: true, paths: names.map(String) };
}

/** The name itself where it is UTF-8, else with `\xNN` for what is not ASCII. */
export function showName(name: Buffer): string {
  if (isUtf8(name)) return name.toString();
  return name
    .toString('latin1')
    .replace(/[^\x20-\x7e]/g, (sign) => `\\x${sign.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
