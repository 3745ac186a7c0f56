import { chmod, lutimes, mkdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { CheckoutInput, CheckoutLimits, SiblingInput } from '../../src/core/pod/step-input.ts';
import { toCloneUrl } from './clone-url.ts';
import { fetchCommits } from './fetch-commits.ts';
import { createGit, demandGit } from './git.ts';
import { findLeavingLink } from './leaving-links.ts';
import { commitTime } from './merge-heads.ts';
import type { InputReader } from './read-input.ts';
import { readLinks, readTree, shownName, type TreeEntry } from './read-tree.ts';
import { exitCodes, StepFailure } from './step-failure.ts';
import { levelFiles, writeFiles } from './write-files.ts';

/** What the project's own checkout left, as far as its siblings depend on it. */
export interface OwnFiles {
  readonly entries: readonly TreeEntry[];
  /** Where each of its links points. */
  readonly links: ReadonlyMap<string, string>;
  /** Time of the folders that are made for siblings, in seconds. */
  readonly seconds: number;
}

type Place = Pick<CheckoutInput, 'folder' | 'context' | 'limits'>;

const safeName = /^[A-Za-z0-9][A-Za-z0-9_-]{0,99}\/(?!\.{1,2}$|\.git$)[A-Za-z0-9._-]{1,100}$/i;

export function readSibling(reader: InputReader): SiblingInput {
  const name = reader.text('name');
  if (!safeName.test(name)) throw new StepFailure(exitCodes.badInput, 'A sibling has a name that cannot be a folder');
  return {
    name,
    cloneUrl: reader.text('cloneUrl'),
    commit: reader.sha('commit'),
    ref: reader.textOrNull('ref'),
    tokenFile: reader.textOrNull('tokenFile'),
  };
}

/**
 * Writes each sibling's files into `.siblings/` of the context, without history or credential; submodules stay empty folders. What the
 * project itself has there is never written over, and no link of either may lead out of the context through the other.
 */
export async function checkOutSiblings(siblings: readonly SiblingInput[], place: Place, own: OwnFiles): Promise<void> {
  const base = place.context === '.' ? '' : `${Buffer.from(place.context).toString('latin1')}/`;
  for (const { name } of siblings) refuseOccupied(own.entries, base, name);
  const links = new Map(own.links);
  let limits = minus(place.limits, own.entries);
  for (const sibling of siblings) {
    const inTree = `${base}.siblings/${sibling.name}`;
    const found = await checkOutOne(sibling, { ...place, limits }, inTree);
    limits = minus(limits, found.entries);
    for (const [path, target] of found.links) links.set(`${inTree}/${path}`, target);
    await levelFolders(place, sibling.name, own.seconds);
  }
  const leaving = findLeavingLink(links, base === '' ? '.' : base.slice(0, -1));
  if (leaving) throw leavingFailure(leaving.path, leaving.target, leaving.leaves);
}

function refuseOccupied(entries: readonly TreeEntry[], base: string, name: string): void {
  const [owner = ''] = name.split('/');
  const target = `${base}.siblings/${name}`;
  const above = [`${base}.siblings`, `${base}.siblings/${owner}`];
  const taken = entries.find(({ path, kind }) => path === target || (above.includes(path) && kind !== 'folder'));
  if (!taken) return;
  const message = `${shownName(taken.path)} is in the repository, and the sibling ${name} would be checked out there: take it out`;
  throw new StepFailure(exitCodes.occupied, message);
}

async function checkOutOne(sibling: SiblingInput, place: Place, inTree: string) {
  // No repository can hold a file of this name, and the project's own is removed by now.
  const gitDir = join(place.folder, '.git');
  const git = createGit(gitDir, process.env);
  const format = sibling.commit.length === 64 ? 'sha256' : 'sha1';
  await demandGit(git, ['init', '--quiet', '--bare', '--template=', `--object-format=${format}`, gitDir]);
  try {
    await fetchSibling(git, gitDir, sibling, place.limits);
    const entries = await readTree(git, sibling.commit);
    const links = await readLinks(git, entries);
    const leaving = findLeavingLink(links, '.');
    if (leaving) throw leavingFailure(`${inTree}/${leaving.path}`, leaving.target, 'sibling');
    if (entries.length > place.limits.files || bytesOf(entries) > place.limits.bytes)
      throw new StepFailure(exitCodes.tooLarge, `With the sibling ${sibling.name} the files are more than allowed`);
    const folder = join(place.folder, Buffer.from(inTree, 'latin1').toString());
    await mkdir(folder, { recursive: true });
    await writeFiles(git, gitDir, sibling.commit, folder);
    await levelFiles(entries, folder, await commitTime(git, sibling.commit));
    console.log(`Checked out sibling ${sibling.name} at ${sibling.commit}`);
    return { entries, links };
  } finally {
    await rm(gitDir, { recursive: true, force: true });
  }
}

async function fetchSibling(
  git: ReturnType<typeof createGit>,
  gitDir: string,
  { cloneUrl, name, commit, ref, tokenFile }: SiblingInput,
  limits: CheckoutLimits,
): Promise<void> {
  const token = tokenFile === null ? null : (await readFile(tokenFile, 'utf8')).trim();
  const url = toCloneUrl(cloneUrl);
  const source = { url, token, packBytes: limits.packBytes, seconds: limits.fetchSeconds };
  console.log(`Fetching sibling ${name} at ${commit} from ${url.href}`);
  await fetchCommits(git, gitDir, { ...source, commits: [ref ?? commit] }, 1);
  const { code } = await git(['cat-file', '-e', `${commit}^{commit}`]);
  if (code !== 0)
    throw new StepFailure(exitCodes.notFetched, `${ref ?? commit} of ${name} does not hold ${commit} any more`);
}

/** As the files are: equal for equal commits, whenever they were made. */
async function levelFolders({ folder, context }: Place, name: string, seconds: number): Promise<void> {
  const root = join(folder, context);
  for (let at = join(root, '.siblings', name); at !== root; at = dirname(at)) {
    await chmod(at, 0o755);
    await lutimes(at, seconds, seconds);
  }
  if (context !== '.') await lutimes(root, seconds, seconds);
}

function minus(limits: CheckoutLimits, entries: readonly TreeEntry[]): CheckoutLimits {
  return { ...limits, files: limits.files - entries.length, bytes: limits.bytes - bytesOf(entries) };
}

function leavingFailure(path: string, target: string, leaves: string): StepFailure {
  const message = `The symbolic link ${shownName(path)} (to ${shownName(target)}) leaves the ${leaves}`;
  return new StepFailure(exitCodes.leavingLink, message);
}

function bytesOf(entries: readonly TreeEntry[]): number {
  return entries.reduce((sum, { bytes }) => sum + bytes, 0);
}
