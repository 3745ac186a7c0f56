import type { Clone } from './clones.ts';

/** Names that need no asking: no dot, nothing that git reads as more than a letter. */
const plain = /^[\w-]+(?:\/[\w-]+)*$/;

/** Asks git which names may be a branch's, once for each. */
export function createNameCheck() {
  const valid = new Set<string>();
  return async (clone: Clone, name: string): Promise<boolean> => {
    if (name === '' || name.includes('\0')) return false;
    if (plain.test(name) || valid.has(name)) return true;
    const isValid = (await clone.git(clone.folder, ['check-ref-format', `refs/heads/${name}`])).code === 0;
    if (valid.size > 10_000) valid.clear();
    if (isValid) valid.add(name);
    return isValid;
  };
}
