import { newAccount } from '../accounts.ts';
import { happen } from '../events.ts';
import { accountNamed, accountOf, repositoryNamed } from '../lookup.ts';
import { userView } from '../views/accounts.ts';
import type { Permission, World } from '../world.ts';

/** People, organisations and what they may do. */
export function peopleVerbs(world: World) {
  return {
    /** The token is a personal one: for the acts of this person through REST and git. */
    async createUser(login: string, options: { readonly name?: string; readonly email?: string } = {}) {
      const account = newAccount(world, 'User', login, options);
      const token = `ghp_${world.ids.secret(36)}`;
      world.tokens.set(token, { kind: 'personal', accountId: account.id });
      return { id: account.id, login, token };
    },
    async createOrganization(login: string, { basePermission }: { readonly basePermission?: Permission } = {}) {
      const account = newAccount(world, 'Organization', login);
      if (basePermission) account.basePermission = basePermission;
      return { id: account.id, login };
    },
    async addMember(organization: string, login: string, role: 'member' | 'admin' = 'member'): Promise<void> {
      accountNamed(world, organization).members.set(accountNamed(world, login).id, role);
    },
    async removeMember(organization: string, login: string): Promise<void> {
      accountNamed(world, organization).members.delete(accountNamed(world, login).id);
    },
    /** `access`: full name of a repository → what the team may do there. */
    async createTeam(
      organization: string,
      slug: string,
      logins: readonly string[],
      access: Readonly<Record<string, Permission>> = {},
    ): Promise<void> {
      const repositories = Object.entries(access).map(
        ([name, permission]) => [repositoryNamed(world, name).id, permission] as const,
      );
      const members = new Set(logins.map((login) => accountNamed(world, login).id));
      const team = { id: world.ids.next(), slug, members, repositories: new Map(repositories) };
      accountNamed(world, organization).teams.set(slug, team);
    },
    /** `none` takes the person off the list of collaborators. */
    async setPermission(name: string, login: string, permission: Permission): Promise<void> {
      const repo = repositoryNamed(world, name);
      const member = accountNamed(world, login);
      const isNew = !repo.collaborators.has(member.id);
      const gone = permission === 'none';
      if (gone) repo.collaborators.delete(member.id);
      else repo.collaborators.set(member.id, permission);
      const action = gone ? 'removed' : isNew ? 'added' : 'edited';
      const sender = accountOf(world, repo.ownerId);
      const changes = action === 'added' ? { changes: { role_name: { to: permission } } } : {};
      const edited = action === 'edited' ? { changes: { permission: { from: null, to: permission } } } : {};
      const body = { member: userView(world, member), ...changes, ...edited };
      happen(world, { event: 'member', action, sender, repository: repo, body });
    },
  };
}
