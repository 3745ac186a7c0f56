import { noContent, notAccessible, notFound, ok, page, refuse } from '../answers.ts';
import type { Answer, Call } from '../call.ts';
import { findAccount } from '../lookup.ts';
import { hasPermission } from '../permissions.ts';
import { asAnyone, type Route, type Routes } from '../route.ts';
import { organizationView, publicUserView, userView } from '../views/accounts.ts';
import { apiOf } from '../views/urls.ts';
import type { Account } from '../world.ts';

export const organizationRoutes: Routes = {
  'orgs/check-membership-for-user': inOrganization('members:read', (call, organization) => {
    const account = findAccount(call.world, call.params.username ?? '');
    return account && organization.members.has(account.id) ? noContent() : notFound();
  }),
  'orgs/get-membership-for-user': inOrganization('members:read', membership),
  'teams/list-members-in-org': inOrganization('members:read', (call, organization) => {
    const team = organization.teams.get(call.params.team_slug ?? '');
    if (!team) return notFound();
    const members = [...call.world.accounts.values()].filter((account) => team.members.has(account.id));
    return page(call, members, (account) => userView(call.world, account));
  }),
  'teams/get-membership-for-user-in-org': inOrganization('members:read', (call, organization) => {
    const team = organization.teams.get(call.params.team_slug ?? '');
    const account = findAccount(call.world, call.params.username ?? '');
    if (!team || !account || !team.members.has(account.id)) return notFound();
    const url = `${apiOf(call.world)}/organizations/${organization.id}/team/${team.id}/memberships/${account.login}`;
    return ok({ url, role: 'member', state: 'active' });
  }),
  'repos/get-org-rulesets': inOrganization('organization_administration:read', (call) =>
    page(call, [], (none) => none),
  ),
  'users/get-authenticated': asAnyone(({ world, actor }) => {
    if (actor.kind === 'person') return ok(publicUserView(world, actor.account));
    return actor.kind === 'anonymous' ? refuse(401, 'Requires authentication') : notAccessible();
  }),
  'users/get-by-username': asAnyone(({ world, params }) => {
    const account = findAccount(world, params.username ?? '');
    return account ? ok(publicUserView(world, account)) : notFound();
  }),
  'users/get-by-id': asAnyone(({ world, params }) => {
    const account = world.accounts.get(Number(params.account_id));
    return account ? ok(publicUserView(world, account)) : notFound();
  }),
};

// An App asks with an installation in that organisation; a person must be a member.
function inOrganization(
  permission: string,
  handle: (call: Call, organization: Account) => Answer | Promise<Answer>,
): Route {
  return asAnyone((call) => {
    const { world, actor, params } = call;
    const organization = findAccount(world, params.org ?? '');
    if (organization?.kind !== 'Organization') return notFound();
    if (actor.kind === 'anonymous' || actor.kind === 'app') return refuse(401, 'Requires authentication');
    if (actor.kind === 'person')
      return organization.members.has(actor.account.id) ? handle(call, organization) : notFound();
    const reached = actor.installation.accountId === organization.id;
    return reached && hasPermission(actor.token.permissions, permission) ? handle(call, organization) : notAccessible();
  });
}

function membership({ world, params }: Call, organization: Account): Answer {
  const account = findAccount(world, params.username ?? '');
  const role = account && organization.members.get(account.id);
  if (!account || !role) return notFound();
  return ok({
    url: `${apiOf(world)}/orgs/${organization.login}/memberships/${account.login}`,
    state: 'active',
    role,
    organization_url: `${apiOf(world)}/orgs/${organization.login}`,
    organization: organizationView(world, organization),
    user: userView(world, account),
  });
}
