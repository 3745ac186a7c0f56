import { join } from 'node:path';
import type { Account, App, Installation, Issue, Permission, Pull, Repository, World } from './world.ts';
import { permissionLevels } from './world.ts';

/** An issue known to be a pull request. */
export type PullIssue = Issue & { readonly pull: Pull };

/** The account that stands for those who are gone; the id is GitHub's. */
export const ghostId = 10_137;

/** Throws if the id is not a known account: ids only come from the tables. */
export function accountOf(world: World, id: number): Account {
  return known(world.accounts.get(id), `account ${id}`);
}

export function findAccount(world: World, login: string): Account | undefined {
  const wanted = login.toLowerCase();
  return [...world.accounts.values()].find((account) => account.login.toLowerCase() === wanted);
}

/** Throws with the name for a login that nobody created: a mistake in the story. */
export function accountNamed(world: World, login: string): Account {
  return known(findAccount(world, login), `account ${JSON.stringify(login)} (create it first)`);
}

export function fullName(world: World, repo: Repository): string {
  return `${accountOf(world, repo.ownerId).login}/${repo.name}`;
}

/** By present name only, whatever its case; former names are `findFormer`'s. */
export function findRepository(world: World, name: string): Repository | undefined {
  const wanted = name.toLowerCase();
  return [...world.repositories.values()].find((repo) => fullName(world, repo).toLowerCase() === wanted);
}

export function findFormer(world: World, name: string): Repository | undefined {
  const id = world.formerNames.get(name.toLowerCase());
  return id === undefined ? undefined : world.repositories.get(id);
}

export function repositoryNamed(world: World, name: string): Repository {
  return known(findRepository(world, name), `repository ${JSON.stringify(name)} (create it first)`);
}

export function repositoryOf(world: World, id: number): Repository {
  return known(world.repositories.get(id), `repository ${id}`);
}

export function appOf(world: World, id: number): App {
  return known(world.apps.get(id), `App ${id}`);
}

/** The bare repository; named by id, so that a renamed one stays where it is. */
export function gitFolder(world: World, repo: Repository): string {
  return join(world.folder, 'repositories', `${repo.id}.git`);
}

export function pullOf(repo: Repository, number: number): PullIssue | undefined {
  const issue = repo.issues.get(number);
  return issue && isPull(issue) ? issue : undefined;
}

export function pullsOf(repo: Repository): PullIssue[] {
  return [...repo.issues.values()].filter(isPull);
}

export function pullNamed(repo: Repository, number: number): PullIssue {
  return known(pullOf(repo, number), `pull request ${number} of ${repo.name}`);
}

export function isPull(issue: Issue): issue is PullIssue {
  return issue.pull !== null;
}

/** What a person may do in a repository now; a public one can be read by anyone. */
export function permissionOf(world: World, repo: Repository, account: Account): Permission {
  const owner = accountOf(world, repo.ownerId);
  if (owner.id === account.id || owner.members.get(account.id) === 'admin') return 'admin';
  const grants: Permission[] = [repo.private ? 'none' : 'read', repo.collaborators.get(account.id) ?? 'none'];
  if (owner.members.has(account.id)) grants.push(owner.basePermission);
  for (const team of owner.teams.values()) {
    if (team.members.has(account.id)) grants.push(team.repositories.get(repo.id) ?? 'none');
  }
  return grants.reduce((best, next) => (rank(next) > rank(best) ? next : best));
}

export function mayAtLeast(world: World, repo: Repository, account: Account, wanted: Permission): boolean {
  return rank(permissionOf(world, repo, account)) >= rank(wanted);
}

export function coversRepository(installation: Installation, repo: Repository): boolean {
  if (installation.accountId !== repo.ownerId) return false;
  return installation.repositories === 'all' || installation.repositories.has(repo.id);
}

export function installationsFor(world: World, repo: Repository): Installation[] {
  return [...world.installations.values()].filter((installation) => coversRepository(installation, repo));
}

function rank(permission: Permission): number {
  return permissionLevels.indexOf(permission);
}

function known<T>(thing: T | undefined, what: string): T {
  if (thing === undefined) throw new Error(`the stand-in GitHub knows no ${what}`);
  return thing;
}
