import { demandGit, type Git } from './git.ts';

/** One entry of the tree. Names are bytes, kept as latin1 text so that none is changed. */
export interface TreeEntry {
  readonly kind: 'file' | 'link' | 'folder' | 'submodule';
  readonly path: string;
  readonly id: string;
  readonly bytes: number;
}

const kinds: Readonly<Record<string, TreeEntry['kind']>> = {
  '120000': 'link',
  '040000': 'folder',
  '160000': 'submodule',
};

/** Everything in the tree, folders before what is in them. */
export async function readTree(git: Git, tree: string): Promise<readonly TreeEntry[]> {
  const listing = await demandGit(git, ['ls-tree', '-r', '-t', '-l', '-z', '--full-tree', tree]);
  return listing
    .toString('latin1')
    .split('\0')
    .filter((line) => line !== '')
    .map(parseEntry);
}

function parseEntry(line: string): TreeEntry {
  const tab = line.indexOf('\t');
  const [mode = '', , id = '', size = ''] = line.slice(0, tab).split(/ +/);
  return { kind: kinds[mode] ?? 'file', path: line.slice(tab + 1), id, bytes: Number(size) || 0 };
}

/** Where each link points, by its path; one that is longer than a path can be points to the empty text. */
export async function readLinks(git: Git, entries: readonly TreeEntry[]): Promise<ReadonlyMap<string, string>> {
  const links = entries.filter(({ kind }) => kind === 'link');
  const short = links.filter(({ bytes }) => bytes <= 4096);
  const input = short.map(({ id }) => `${id}\n`).join('');
  const output = (await demandGit(git, ['cat-file', '--batch'], { input })).toString('latin1');
  const targets = new Map(links.map(({ path }) => [path, '']));
  let at = 0;
  for (const { path, bytes } of short) {
    const start = output.indexOf('\n', at) + 1;
    targets.set(path, output.slice(start, start + bytes));
    at = start + bytes + 1;
  }
  return targets;
}

/** A name as people write it. */
export function shownName(path: string): string {
  return Buffer.from(path, 'latin1').toString();
}
