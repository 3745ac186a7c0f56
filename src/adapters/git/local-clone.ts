import { existsSync } from 'node:fs';
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PreparedChange } from '../../model/code.ts';
import { isSha, type Sha, toSha } from '../../model/sha.ts';
import type { Source } from '../../ports/source.ts';
import { gitEnvironment } from './git-environment.ts';
import { createUserGit, demandUserGit, type UserGit } from './local-user-git.ts';
import { mergeChange } from './merge-change.ts';
import { createObjectReader, type ObjectReader, presentIn } from './object-reader.ts';
import { readEntries, readFile } from './read-objects.ts';
import { createGit, type Git, gitFailure } from './run-git.ts';

/**
 * A bare repository of ours that sees all objects of a person's clone, and keeps everything that we make in a place of its
 * own: nothing is added to the person's folder or changed in it, not even an object (git may renew the time of one that it
 * would have written again).
 */
export interface LocalClone {
  /** Folder of the bare repository. */
  readonly folder: string;
  /** Top of the person's working tree; null for a bare clone. */
  readonly top: string | null;
  /** The checked-out branch; null while none is. */
  readonly branch: string | null;
  /** Null before the first commit. */
  readonly head: Sha | null;
  readonly shallow: boolean;
  readonly git: Git;
  readonly user: UserGit;
  /** Lets the person's git write objects into this repository instead of theirs. */
  readonly userEnvironment: Readonly<Record<string, string>>;
  /** Reads commits and trees of either. */
  readonly source: Pick<Source, 'readText' | 'entries'>;
  /** The same, object by object. */
  readonly objects: ObjectReader;
  /** The commit that a name of the person's clone means; null for none. */
  commitOf(name: string): Promise<Sha | null>;
  /** True when every one of these commits is here. */
  has(commits: readonly Sha[]): Promise<boolean>;
  /** Merges as the server does; both must be here. Where the clone's history is too short for that, the head stands as it is. */
  prepare(base: Sha, head: Sha): Promise<PreparedChange>;
  /** Removes the repository. */
  close(): Promise<void>;
}

const timeoutMs = 120_000;
const maxOutputBytes = 32 * 2 ** 20;

export type LocalCloneOutcome =
  | { readonly kind: 'opened'; readonly clone: LocalClone }
  /** No clone there, or git does not want to read it; in git's words. */
  | { readonly kind: 'no-clone'; readonly because: string };

interface Layout {
  readonly objects: string;
  readonly shallowFile: string;
  readonly format: string;
  readonly top: string | null;
}

async function readLayout(user: UserGit): Promise<Layout> {
  const paths = ['rev-parse', '--path-format=absolute', '--git-path', 'objects', '--git-path', 'shallow'];
  const [objects = '', shallowFile = ''] = (await demandUserGit(user, paths)).split('\n');
  const format = await demandUserGit(user, ['rev-parse', '--show-object-format']);
  const top = await user(['rev-parse', '--show-toplevel']);
  return { objects, shallowFile, format, top: top.code === 0 ? top.stdout.replace(/\n$/, '') : null };
}

async function makeRepository(git: Git, folder: string, layout: Layout): Promise<void> {
  const made = await git(folder, ['init', '--bare', '--quiet', '--template=', `--object-format=${layout.format}`]);
  if (made.code !== 0) throw gitFailure(`make a bare repository in ${folder}`, made);
  // As C strings, which may hold what a line may not.
  await writeFile(join(folder, 'objects', 'info', 'alternates'), `${JSON.stringify(layout.objects)}\n`);
  if (existsSync(layout.shallowFile)) await copyFile(layout.shallowFile, join(folder, 'shallow'));
}

async function commitNamed(user: UserGit, name: string): Promise<Sha | null> {
  const found = await user(['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`]);
  const id = found.stdout.trim();
  return found.code === 0 && isSha(id) ? id : null;
}

async function prepareIn(
  clone: Pick<LocalClone, 'git' | 'folder' | 'shallow'> & { readonly objects: ObjectReader },
  base: Sha,
  head: Sha,
): Promise<PreparedChange> {
  const { git, folder, shallow, objects } = clone;
  const found = await mergeChange({ git, objects, clone: folder, maxOutputBytes }, base, head);
  const { merge } = found;
  // A shallow clone shows no common history where there is one.
  if (!shallow || merge.kind === 'merged' || merge.paths.length > 0) return found;
  const tree = await git(folder, ['rev-parse', `${head}^{tree}`]);
  if (tree.code !== 0) throw gitFailure(`find the tree of ${head}`, tree);
  const because = 'this clone is shallow and does not show where the head left its base';
  return {
    base,
    head,
    merge: { kind: 'merged', tree: toSha(tree.stdout.toString().trim()) },
    changed: { known: false, because },
  };
}

async function describeClone(folder: string, user: UserGit, environment: Readonly<Record<string, string>>) {
  const layout = await readLayout(user);
  const path = environment.PATH;
  const seen = gitEnvironment(path === undefined ? {} : { PATH: path });
  const git = createGit(seen, { timeoutMs, maxOutputBytes });
  await makeRepository(git, folder, layout);
  const reading = { environment: seen, answerMs: timeoutMs, idleMs: timeoutMs, maxBytes: maxOutputBytes };
  const objects = createObjectReader(folder, reading);
  const shallow = existsSync(layout.shallowFile);
  const branch = await user(['symbolic-ref', '--short', '--quiet', 'HEAD']);
  const clone: LocalClone = {
    folder,
    top: layout.top,
    branch: branch.code === 0 ? branch.stdout.trim() : null,
    head: await commitNamed(user, 'HEAD'),
    shallow,
    git,
    user,
    userEnvironment: {
      GIT_OBJECT_DIRECTORY: join(folder, 'objects'),
      ...(shallow ? { GIT_SHALLOW_FILE: join(folder, 'shallow') } : {}),
    },
    source: {
      readText: (_project, at, file, maxBytes) => readFile(objects, at, file, maxBytes),
      entries: (_project, at, paths) => readEntries(objects, at, paths),
    },
    objects,
    commitOf: (name) => commitNamed(user, name),
    has: async (commits) => (await presentIn(objects, commits)).size === new Set(commits).size,
    prepare: (base, head) => prepareIn({ git, folder, shallow, objects }, base, head),
    close: () => {
      objects.end();
      return rm(folder, { recursive: true, force: true, maxRetries: 3 });
    },
  };
  return clone;
}

/** Opens the clone that `place` lies in; `environment` is the person's whole one. */
export async function openLocalClone(
  place: string,
  environment: Readonly<Record<string, string>>,
): Promise<LocalCloneOutcome> {
  if (!existsSync(place)) return { kind: 'no-clone', because: `there is no folder ${place}` };
  const user = createUserGit(place, environment);
  const asked = await user(['rev-parse', '--git-dir']);
  if (asked.code !== 0) return { kind: 'no-clone', because: asked.stderr.trim() };
  const folder = await mkdtemp(join(tmpdir(), 'sluice-local-'));
  try {
    return { kind: 'opened', clone: await describeClone(folder, user, environment) };
  } catch (cause) {
    await rm(folder, { recursive: true, force: true });
    throw new Error(`cannot read the clone ${place}`, { cause });
  }
}
