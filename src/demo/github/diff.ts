import { gitText, runGit } from './git.ts';

/** One file of a comparison, as git sees it with renames found. */
export interface FileDiff {
  readonly path: string;
  readonly previousPath: string | null;
  readonly status: 'added' | 'removed' | 'modified' | 'renamed' | 'copied' | 'changed';
  /** Of the new blob; of the old one for a removed file. */
  readonly blob: string;
  readonly additions: number;
  readonly deletions: number;
  /** Hunks only; null for binary files and where there is no difference in content. */
  readonly patch: string | null;
}

const statuses: Readonly<Record<string, FileDiff['status']>> = {
  A: 'added',
  D: 'removed',
  M: 'modified',
  R: 'renamed',
  C: 'copied',
  T: 'changed',
};

const emptyTree = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';

/** What differs from one commit (null: from nothing) to another, by path. */
export async function diffFiles(folder: string, from: string | null, to: string): Promise<FileDiff[]> {
  const range = ['-M', from ?? emptyTree, to, '--'];
  const [raw, numbers, patches] = await Promise.all([
    gitText(folder, ['diff', '--raw', '--no-abbrev', '-z', ...range]),
    gitText(folder, ['diff', '--numstat', '-z', ...range]),
    runGit(folder, ['-c', 'core.quotepath=off', 'diff', ...range]),
  ]);
  const files = parseRaw(raw);
  const counts = parseNumbers(numbers);
  const hunks = splitPatches(patches.stdout.toString());
  // A changed type (file to symlink) gives two patches for one entry: then no patch is better than a wrong one.
  const aligned = hunks.length === files.length;
  return files.map((file, index) => ({
    ...file,
    additions: counts[index]?.[0] ?? 0,
    deletions: counts[index]?.[1] ?? 0,
    patch: aligned ? (hunks[index] ?? null) : null,
  }));
}

type RawFile = Omit<FileDiff, 'additions' | 'deletions' | 'patch'>;

function parseRaw(text: string): RawFile[] {
  const words = text.split('\0');
  const files: RawFile[] = [];
  for (let at = 0; at < words.length - 1; ) {
    const [, , before = '', after = '', code = ''] = (words[at] ?? '').split(' ');
    const status = statuses[code.charAt(0)] ?? 'modified';
    const moved = status === 'renamed' || status === 'copied';
    const path = words[at + (moved ? 2 : 1)] ?? '';
    files.push({
      path,
      previousPath: moved ? (words[at + 1] ?? '') : null,
      status,
      blob: status === 'removed' ? before : after,
    });
    at += moved ? 3 : 2;
  }
  return files;
}

// "12\t3\tpath" or, for a rename, "12\t3\t" followed by two words; "-" stands for binary.
function parseNumbers(text: string): [number, number][] {
  const words = text.split('\0');
  const counts: [number, number][] = [];
  for (let at = 0; at < words.length - 1; ) {
    const [added = '', deleted = '', path = ''] = (words[at] ?? '').split('\t');
    counts.push([Number(added) || 0, Number(deleted) || 0]);
    at += path === '' ? 3 : 1;
  }
  return counts;
}

function splitPatches(text: string): (string | null)[] {
  if (text === '') return [];
  return text
    .split(/^diff --git .*\n/m)
    .slice(1)
    .map((patch) => {
      const start = patch.search(/^@@ /m);
      return start < 0 ? null : patch.slice(start).replace(/\n$/, '');
    });
}

/** Sums for a comparison, without its patches. */
export async function diffTotals(folder: string, from: string, to: string) {
  const counts = parseNumbers(await gitText(folder, ['diff', '--numstat', '-M', '-z', from, to, '--']));
  return {
    files: counts.length,
    additions: counts.reduce((sum, [added]) => sum + added, 0),
    deletions: counts.reduce((sum, [, deleted]) => sum + deleted, 0),
  };
}

/** Paths touched by each commit of a range, for push webhooks. */
export async function touchedPaths(folder: string, range: readonly string[]): Promise<Map<string, TouchedPaths>> {
  const args = ['-c', 'core.quotepath=off', 'log', '--format=%x02%H', '--name-status', '--no-renames', ...range];
  const entries = (await gitText(folder, args)).split('\x02').slice(1);
  return new Map(entries.map((entry) => touchedBy(entry.split('\n'))));
}

export interface TouchedPaths {
  readonly added: string[];
  readonly removed: string[];
  readonly modified: string[];
}

function touchedBy([sha = '', ...lines]: string[]): [string, TouchedPaths] {
  const pathsOf = (codes: string): string[] =>
    lines.filter((line) => line !== '' && codes.includes(line.charAt(0))).map((line) => line.slice(2));
  return [sha, { added: pathsOf('A'), removed: pathsOf('D'), modified: pathsOf('MT') }];
}
