import type { Permission, Person, Rights } from '../../model/person.ts';
import type { Project } from '../../model/project.ts';
import type { GitHubApp } from './app.ts';
import { judgeFailure, statusOf } from './call-failure.ts';
import { readInstallation } from './installation.ts';
import type { Client } from './octokit.ts';
import { pathOf, repositoryClient } from './repository-client.ts';

interface PermissionAnswer {
  readonly permission: string;
  readonly user: {
    readonly id: number;
    readonly permissions?: {
      readonly pull: boolean;
      readonly triage?: boolean;
      readonly push: boolean;
      readonly maintain?: boolean;
      readonly admin: boolean;
    };
  } | null;
}

type Membership =
  | { readonly known: true; readonly member: boolean }
  | { readonly known: false; readonly because: string };

/** A person's rights now. The forge is asked by login, and its answer must be about the same numeric id (attack A36). */
export async function readRights(app: GitHubApp, project: Project, person: Person): Promise<Rights> {
  try {
    const [permission, membership] = await Promise.all([
      readPermission(repositoryClient(app, project), project, person),
      readMembership(app, project, person),
    ]);
    if (typeof permission !== 'string') return permission;
    if (membership.known) return { known: true, permission, member: membership.member };
    // Who may write needs no membership for anything; of others it must be known.
    const mayWrite = permission === 'write' || permission === 'maintain' || permission === 'admin';
    return mayWrite ? { known: true, permission, member: false } : membership;
  } catch (error) {
    const failure = judgeFailure(error, app.clock.now());
    const because = failure.kind === 'limited' ? 'the forge takes no more questions for now' : failure.because;
    return unknown(`the rights of ${person.login} cannot be read: ${because}`);
  }
}

/** What a person may do in the repository now, without who belongs to whom; null when it cannot be read, never a throw. */
export async function readPermissionOnly(
  app: GitHubApp,
  client: Client,
  project: Project,
  person: Person,
): Promise<Permission | null> {
  try {
    const permission = await readPermission(client, project, person);
    return typeof permission === 'string' ? permission : null;
  } catch (error) {
    const { kind } = judgeFailure(error, app.clock.now());
    app.log.warn({ repository: project.id, person: person.id, failure: kind }, 'permission of a reviewer not read');
    return null;
  }
}

async function readPermission(client: Client, project: Project, person: Person): Promise<Permission | Rights> {
  try {
    const which = { ...pathOf(project), username: person.login };
    const { data } = await client.rest.repos.getCollaboratorPermissionLevel(which);
    if (data.user?.id === person.id) return permissionIn(data);
    return unknown(`the login ${person.login} now belongs to another account than number ${person.id}`);
  } catch (error) {
    if (statusOf(error) !== 404) throw error;
    // A bot is no user of whom permissions could be asked.
    return person.kind === 'bot' ? 'none' : unknown(`there is no account ${person.login}, or not any more`);
  }
}

/** The single flags tell triage and maintain, which `permission` calls read and write; custom roles have flags too. */
function permissionIn({ permission, user }: PermissionAnswer): Permission {
  const flags = user?.permissions;
  if (flags?.admin) return 'admin';
  if (flags?.maintain) return 'maintain';
  if (flags?.push) return 'write';
  if (flags?.triage) return 'triage';
  if (flags?.pull) return 'read';
  if (flags !== undefined) return 'none';
  return permission === 'admin' || permission === 'write' || permission === 'read' ? permission : 'none';
}

/** A user's own repositories have no members. */
async function readMembership(app: GitHubApp, project: Project, person: Person): Promise<Membership> {
  if (person.kind === 'bot' || !(await readInstallation(app, project)).isOrganization)
    return { known: true, member: false };
  const client = app.as({ kind: 'members', installation: project.installation, repository: project.id });
  try {
    // A redirect to the public members is the answer to an App that may not see the others.
    const { status }: { readonly status: number } = await client.request('GET /orgs/{org}/members/{username}', {
      org: project.owner,
      username: person.login,
      request: { redirect: 'manual' },
    });
    if (status === 204) return { known: true, member: true };
    return unknown(`the App may not see who belongs to ${project.owner}`);
  } catch (error) {
    if (statusOf(error) === 404) return { known: true, member: false };
    const failure = judgeFailure(error, app.clock.now());
    if (failure.kind === 'refused')
      return unknown(`the App may not see who belongs to ${project.owner}: ${failure.because}`);
    throw error;
  }
}

function unknown(because: string): { readonly known: false; readonly because: string } {
  return { known: false, because };
}
