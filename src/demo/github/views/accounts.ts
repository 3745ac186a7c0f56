import { nodeId } from '../ids.ts';
import { accountOf } from '../lookup.ts';
import type { Account, Team, World } from '../world.ts';
import { apiOf, isoTime } from './urls.ts';

/** GitHub's `simple-user`. */
export function userView(world: World, account: Account) {
  const api = `${apiOf(world)}/users/${encodeURIComponent(account.login)}`;
  return {
    login: account.login,
    id: account.id,
    node_id: nodeId(account.kind, account.id),
    avatar_url: `${world.url}/avatars/u/${account.id}`,
    gravatar_id: '',
    url: api,
    html_url: `${world.url}/${encodeURIComponent(account.login)}`,
    followers_url: `${api}/followers`,
    following_url: `${api}/following{/other_user}`,
    gists_url: `${api}/gists{/gist_id}`,
    starred_url: `${api}/starred{/owner}{/repo}`,
    subscriptions_url: `${api}/subscriptions`,
    organizations_url: `${api}/orgs`,
    repos_url: `${api}/repos`,
    events_url: `${api}/events{/privacy}`,
    received_events_url: `${api}/received_events`,
    type: account.kind,
    user_view_type: 'public',
    site_admin: false,
  };
}

/** The same for an id, with null for none. */
export function userViewOf(world: World, id: number | null) {
  return id === null ? null : userView(world, accountOf(world, id));
}

/** GitHub's `public-user`. */
export function publicUserView(world: World, account: Account) {
  const repositories = [...world.repositories.values()].filter((repo) => repo.ownerId === account.id && !repo.private);
  return {
    ...userView(world, account),
    name: account.name,
    company: null,
    blog: '',
    location: null,
    email: null,
    hireable: null,
    bio: null,
    twitter_username: null,
    public_repos: repositories.length,
    public_gists: 0,
    followers: 0,
    following: 0,
    created_at: isoTime(account.createdAt),
    updated_at: isoTime(account.createdAt),
  };
}

/** GitHub's `organization-simple`. */
export function organizationView(world: World, account: Account) {
  const api = `${apiOf(world)}/orgs/${account.login}`;
  return {
    login: account.login,
    id: account.id,
    node_id: nodeId('Organization', account.id),
    url: api,
    repos_url: `${api}/repos`,
    events_url: `${api}/events`,
    hooks_url: `${api}/hooks`,
    issues_url: `${api}/issues`,
    members_url: `${api}/members{/member}`,
    public_members_url: `${api}/public_members{/member}`,
    avatar_url: `${world.url}/avatars/u/${account.id}`,
    description: null,
  };
}

/** GitHub's `team`, with its permission in the repository where it was asked for. */
export function teamView(world: World, organization: Account, team: Team, permission: string) {
  const api = `${apiOf(world)}/organizations/${organization.id}/team/${team.id}`;
  return {
    id: team.id,
    node_id: nodeId('Team', team.id),
    name: team.slug,
    slug: team.slug,
    description: null,
    privacy: 'closed',
    notification_setting: 'notifications_enabled',
    permission,
    url: api,
    html_url: `${world.url}/orgs/${organization.login}/teams/${team.slug}`,
    members_url: `${api}/members{/member}`,
    repositories_url: `${api}/repos`,
    type: 'organization',
    organization_id: organization.id,
    parent: null,
  };
}
