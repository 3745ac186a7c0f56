import { gitMaybe, gitText, runGit } from './git.ts';
import { remembered } from './remembered.ts';

/** Path → content; null deletes the file; a mode makes it executable (100755) or a symlink (120000). */
export type FileChanges = Readonly<
  Record<string, string | Uint8Array | null | { readonly mode: '100644' | '100755' | '120000'; readonly text: string }>
>;

export interface Signature {
  readonly name: string;
  readonly email: string;
  /** ISO 8601 with the offset it was written with. */
  readonly date: string;
}

export interface Commit {
  readonly sha: string;
  readonly tree: string;
  readonly parents: readonly string[];
  readonly author: Signature;
  readonly committer: Signature;
  readonly message: string;
}

export interface NewCommit {
  /** Null for a first commit. */
  readonly parent: string | null;
  readonly files: FileChanges;
  readonly message: string;
  readonly author: { readonly name: string; readonly email: string };
  /** ms. */
  readonly at: number;
}

/** The same commit with a signature of nobody's key: another SHA. */
export async function signCommit(folder: string, sha: string): Promise<string> {
  const text = (await runGit(folder, ['cat-file', 'commit', sha])).stdout.toString();
  const signature = 'gpgsig -----BEGIN PGP SIGNATURE-----\n \n stand-in\n -----END PGP SIGNATURE-----\n';
  const input = text.replace(/\n\n/, `\n${signature}\n`);
  return gitText(folder, ['hash-object', '-w', '-t', 'commit', '--stdin'], { input });
}

/** Writes a commit and no ref. The same input gives the same SHA. */
export async function writeCommit(folder: string, commit: NewCommit): Promise<string> {
  const who = `${commit.author.name} <${commit.author.email}> ${Math.floor(commit.at / 1000)} +0000`;
  const parts: (string | Buffer)[] = [
    `commit refs/import/next\nmark :1\nauthor ${who}\ncommitter ${who}\n`,
    ...data(Buffer.from(commit.message)),
    ...(commit.parent ? [`from ${commit.parent}\n`] : []),
    ...Object.entries(commit.files).flatMap(([path, content]) => fileLines(path, content)),
    'get-mark :1\nreset refs/import/next\n\n',
  ];
  const input = Buffer.concat(parts.map((part) => Buffer.from(part)));
  return gitText(folder, ['fast-import', '--quiet', '--force', '--done'], { input: Buffer.concat([input, done]) });
}

const done = Buffer.from('done\n');

function fileLines(path: string, content: FileChanges[string]): (string | Buffer)[] {
  const quoted = `"${path.replace(/[\\"]/g, '\\$&').replace(/\n/g, '\\n')}"`;
  if (content === null) return [`D ${quoted}\n`];
  if (typeof content === 'string') return [`M 100644 inline ${quoted}\n`, ...data(Buffer.from(content))];
  if (content instanceof Uint8Array) return [`M 100644 inline ${quoted}\n`, ...data(Buffer.from(content))];
  return [`M ${content.mode} inline ${quoted}\n`, ...data(Buffer.from(content.text))];
}

function data(content: Buffer): (string | Buffer)[] {
  return [`data ${content.length}\n`, content, '\n'];
}

/** The commit that a branch, tag, full ref or SHA means; null if there is none. */
export function resolveCommit(folder: string, revision: string): Promise<string | null> {
  if (revision.startsWith('-')) return Promise.resolve(null);
  return remembered(folder, 'commit', [revision], () =>
    gitMaybe(folder, ['rev-parse', '--verify', '--quiet', `${revision}^{commit}`]),
  );
}

/** What a ref points at now, an annotated tag unpeeled; null if there is none. */
export function refTarget(folder: string, ref: string): Promise<string | null> {
  return gitMaybe(folder, ['rev-parse', '--verify', '--quiet', ref]);
}

/** What kind of object a SHA names; null if the repository does not hold it. */
export function objectType(folder: string, sha: string): Promise<string | null> {
  return /^[0-9a-f]{40}$/.test(sha) ? gitMaybe(folder, ['cat-file', '-t', sha]) : Promise.resolve(null);
}

const format = '%H%x00%T%x00%P%x00%an%x00%ae%x00%aI%x00%cn%x00%ce%x00%cI%x00%B%x01';

/** Commits as `git log` with these arguments lists them. */
export async function readCommits(folder: string, args: readonly string[]): Promise<Commit[]> {
  const named = args.filter((arg) => !arg.startsWith('-')).map((arg) => arg.replace(/^\^/, ''));
  const ask = () => gitText(folder, ['log', `--format=${format}`, ...args]);
  // Without a commit it would begin at a branch, which moves.
  const text = named.length === 0 ? await ask() : await remembered(folder, `log ${args.join(' ')}`, named, ask);
  return text
    .split('\x01')
    .map((entry) => entry.replace(/^\n/, ''))
    .filter((entry) => entry !== '')
    .map(parseCommit);
}

function parseCommit(entry: string): Commit {
  const [sha = '', tree = '', parents = '', an = '', ae = '', ad = '', cn = '', ce = '', cd = '', message = ''] =
    entry.split('\0');
  return {
    sha,
    tree,
    parents: parents === '' ? [] : parents.split(' '),
    author: { name: an, email: ae, date: ad },
    committer: { name: cn, email: ce, date: cd },
    message: message.replace(/\n$/, ''),
  };
}

/** One commit that is known to be there. */
export async function readCommit(folder: string, sha: string): Promise<Commit> {
  const [commit] = await readCommits(folder, ['-1', sha, '--']);
  if (!commit) throw new Error(`no commit ${sha} in ${folder}`);
  return commit;
}

export async function isAncestor(folder: string, ancestor: string, of: string): Promise<boolean> {
  const isBeneath = await remembered(folder, 'is-ancestor', [ancestor, of], async () => {
    const { code } = await runGit(folder, ['merge-base', '--is-ancestor', ancestor, of]);
    // Anything else is said of what is not there, which may come.
    return code === 0 || code === 1 ? code === 0 : null;
  });
  return isBeneath === true;
}

/** Null for unrelated histories. */
export function mergeBase(folder: string, one: string, other: string): Promise<string | null> {
  return remembered(folder, 'merge-base', [one, other], () => gitMaybe(folder, ['merge-base', one, other]));
}

export async function countCommits(folder: string, range: string): Promise<number> {
  const ends = range.split('..');
  return remembered(folder, `count ${ends.length}`, ends, async () =>
    Number(await gitText(folder, ['rev-list', '--count', range, '--'])),
  );
}

/** The text of a file at a revision; null if there is none. */
export async function readBlob(folder: string, revision: string, path: string): Promise<string | null> {
  const result = await runGit(folder, ['cat-file', 'blob', `${revision}:${path}`]);
  return result.code === 0 ? result.stdout.toString() : null;
}
