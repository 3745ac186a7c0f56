import { notAccessible, notFound, refuse } from './answers.ts';
import type { Actor, Answer, Call } from './call.ts';
import { coversRepository, mayAtLeast } from './lookup.ts';
import type { AppPermissions, Permission, Repository, World } from './world.ts';

/** What an operation on a repository takes. */
export interface Needs {
  /** For an App, any one of these, e.g. `checks:write`. */
  readonly app: readonly string[];
  /** For a person; `nobody` where only Apps may. */
  readonly person: Permission | 'nobody';
}

/** `checks:write` is met by write and admin, `checks:read` by any; metadata can always be read. */
export function hasPermission(permissions: AppPermissions, wanted: string): boolean {
  const [name = '', level = 'read'] = wanted.split(':');
  const has = permissions[name];
  if (wanted === 'metadata:read') return true;
  return has !== undefined && (level === 'read' || has === 'admin' || has === level);
}

/** Null if the caller may, else GitHub's refusal: 404 for what it cannot see, 403 for what it may not do. */
export function refusal(call: Call, repo: Repository, needs: Needs, isRead: boolean): Answer | null {
  const { world, actor } = call;
  switch (actor.kind) {
    case 'app':
      return refuse(401, 'A JSON web token could not be decoded');
    case 'anonymous':
      if (repo.private) return notFound();
      return isRead ? null : refuse(401, 'Requires authentication');
    case 'person':
      return refusalOfPerson(world, repo, actor, needs);
    case 'installation':
      return refusalOfApp(repo, actor, needs, isRead);
  }
}

function refusalOfPerson(
  world: World,
  repo: Repository,
  { account }: Extract<Actor, { kind: 'person' }>,
  needs: Needs,
): Answer | null {
  if (!mayAtLeast(world, repo, account, 'read')) return notFound();
  if (needs.person === 'nobody') return refuse(403, 'You must authenticate via a GitHub App.');
  if (mayAtLeast(world, repo, account, needs.person)) return null;
  return refuse(403, `Must have ${needs.person} rights to Repository.`);
}

function refusalOfApp(
  repo: Repository,
  actor: Extract<Actor, { kind: 'installation' }>,
  needs: Needs,
  isRead: boolean,
): Answer | null {
  if (!seesRepository(actor, repo)) {
    if (repo.private) return notFound();
    // What is public can be read by any App; its own repositories it reads by its permissions, so that what works in
    // a public one works in a private one too.
    return isRead ? null : notAccessible();
  }
  return needs.app.some((wanted) => hasPermission(actor.token.permissions, wanted)) ? null : notAccessible();
}

/** Whether a token reaches a repository: installed there, and not narrowed to others. */
export function seesRepository(
  { installation, token }: Extract<Actor, { kind: 'installation' }>,
  repo: Repository,
): boolean {
  return coversRepository(installation, repo) && (token.repositories === null || token.repositories.has(repo.id));
}
