import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gitText } from './git.ts';
import { accountNamed, findRepository, fullName, gitFolder } from './lookup.ts';
import { type FileChanges, writeCommit } from './objects.ts';
import type { Account, Repository, World } from './world.ts';

// Run by receive-pack for each ref; one refusal of an atomic push refuses all.
const updateHook = `#!/bin/sh
zeros=0000000000000000000000000000000000000000
if [ -n "$STAND_IN_REFUSED" ] && [ -f "$STAND_IN_REFUSED/$1.refused" ]; then
  cat "$STAND_IN_REFUSED/$1.refused" >&2
  exit 1
fi
if [ "$STAND_IN_WORKFLOWS" = refused ] && [ "$3" != $zeros ]; then
  path=$(git log --format= --first-parent -m --name-only "$3" --not --all -- .github/workflows | head -n 1)
  [ -n "$path" ] || [ "$2" = $zeros ] || path=$(git diff --name-only "$2" "$3" -- .github/workflows | head -n 1)
  if [ -n "$path" ]; then
    echo "refusing to allow a GitHub App to create or update workflow \\\`$path\\\` without \\\`workflows\\\` permission" >&2
    exit 1
  fi
fi
`;

/** The folder for bare repositories, and the hook that all pushes go through. Repeating it does nothing. */
export async function prepareFolder(folder: string): Promise<void> {
  await mkdir(join(folder, 'repositories'), { recursive: true });
  await mkdir(join(folder, 'hooks'), { recursive: true });
  await writeFile(join(folder, 'hooks', 'update'), updateHook);
  await chmod(join(folder, 'hooks', 'update'), 0o755);
}

// As on GitHub: any commit can be fetched by its SHA, pull request refs are seen but never pushed, force is allowed.
const settings: readonly (readonly [string, string])[] = [
  ['http.receivepack', 'true'],
  ['uploadpack.allowAnySHA1InWant', 'true'],
  ['uploadpack.allowReachableSHA1InWant', 'true'],
  ['uploadpack.allowFilter', 'true'],
  ['receive.denyNonFastForwards', 'false'],
  ['receive.denyDeletes', 'false'],
  ['receive.denyDeleteCurrent', 'ignore'],
  ['receive.advertiseAtomic', 'true'],
  ['receive.hideRefs', 'refs/pull'],
  ['core.hooksPath', '/dev/null'],
  ['gc.auto', '0'],
];

export interface NewRepository {
  readonly private: boolean;
  readonly defaultBranch: string;
  readonly description: string | null;
  readonly topics: readonly string[];
  readonly parent: Repository | null;
}

/** A bare repository without a commit. A name that is taken throws. */
export async function addRepository(
  world: World,
  owner: Account,
  name: string,
  wish: NewRepository,
): Promise<Repository> {
  if (findRepository(world, `${owner.login}/${name}`)) throw new Error(`the repository ${owner.login}/${name} exists`);
  const at = world.now();
  const repo: Repository = {
    id: world.ids.next(),
    ownerId: owner.id,
    name,
    private: wish.private,
    archived: false,
    defaultBranch: wish.defaultBranch,
    parentId: wish.parent?.id ?? null,
    description: wish.description,
    topics: wish.topics,
    createdAt: at,
    pushedAt: at,
    updatedAt: at,
    nextNumber: 1,
    merges: { commit: true, squash: true, rebase: true },
    collaborators: new Map(),
    labels: new Map(),
    protections: new Map(),
    rulesets: new Map(),
    issues: new Map(),
    activity: [],
  };
  await initialise(world, repo, wish.parent);
  world.repositories.set(repo.id, repo);
  world.formerNames.delete(`${owner.login}/${name}`.toLowerCase());
  return repo;
}

async function initialise(world: World, repo: Repository, parent: Repository | null): Promise<void> {
  const folder = gitFolder(world, repo);
  const branch = `--initial-branch=${repo.defaultBranch}`;
  await gitText(world.folder, ['init', '--quiet', '--bare', '--template=', branch, folder]);
  const lines = settings.map(([name, value]) => [name.split('.')[0], name.split('.').slice(1).join('.'), value]);
  const text = lines.map(([section, key, value]) => `[${section}]\n\t${key} = ${value}\n`).join('');
  await writeFile(join(folder, 'config'), `[core]\n\trepositoryformatversion = 0\n\tbare = true\n${text}`);
  if (parent)
    await gitText(folder, [
      'fetch',
      '--quiet',
      gitFolder(world, parent),
      '+refs/heads/*:refs/heads/*',
      '+refs/tags/*:refs/tags/*',
    ]);
}

/** The first commit of a repository, without webhooks: nobody is installed yet who could hear of it. */
export async function firstCommit(world: World, repo: Repository, files: FileChanges, by: Account): Promise<string> {
  const folder = gitFolder(world, repo);
  const message = 'Initial commit';
  const sha = await writeCommit(folder, { parent: null, files, message, author: by, at: world.now() });
  await gitText(folder, ['update-ref', `refs/heads/${repo.defaultBranch}`, sha]);
  return sha;
}

/** Takes it away with its folder, its installations' hold on it, and its name. */
export async function removeRepository(world: World, repo: Repository): Promise<void> {
  await rm(gitFolder(world, repo), { recursive: true, force: true });
  world.repositories.delete(repo.id);
  for (const [name, id] of world.formerNames) if (id === repo.id) world.formerNames.delete(name);
  for (const { repositories } of world.installations.values()) {
    if (repositories !== 'all') repositories.delete(repo.id);
  }
}

/** Another name or owner; the old name leads to it until it is taken again. */
export function moveRepository(world: World, repo: Repository, to: { owner?: string; name?: string }): void {
  const before = fullName(world, repo).toLowerCase();
  if (to.owner !== undefined) repo.ownerId = accountNamed(world, to.owner).id;
  repo.name = to.name ?? repo.name;
  repo.updatedAt = world.now();
  world.formerNames.delete(fullName(world, repo).toLowerCase());
  world.formerNames.set(before, repo.id);
}
