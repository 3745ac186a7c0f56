import { nodeId } from '../ids.ts';
import { accountOf, fullName } from '../lookup.ts';
import type { Account, Permission, Repository, World } from '../world.ts';
import { userView } from './accounts.ts';
import { isoTime, repositoryApi, repositoryPage } from './urls.ts';

// Name of the field without `_url`, and what follows the repository's address.
const templates: Readonly<Record<string, string>> = {
  archive: '/{archive_format}{/ref}',
  assignees: '/assignees{/user}',
  blobs: '/git/blobs{/sha}',
  branches: '/branches{/branch}',
  collaborators: '/collaborators{/collaborator}',
  comments: '/comments{/number}',
  commits: '/commits{/sha}',
  compare: '/compare/{base}...{head}',
  contents: '/contents/{+path}',
  contributors: '/contributors',
  deployments: '/deployments',
  downloads: '/downloads',
  events: '/events',
  forks: '/forks',
  git_commits: '/git/commits{/sha}',
  git_refs: '/git/refs{/sha}',
  git_tags: '/git/tags{/sha}',
  hooks: '/hooks',
  issue_comment: '/issues/comments{/number}',
  issue_events: '/issues/events{/number}',
  issues: '/issues{/number}',
  keys: '/keys{/key_id}',
  labels: '/labels{/name}',
  languages: '/languages',
  merges: '/merges',
  milestones: '/milestones{/number}',
  notifications: '/notifications{?since,all,participating}',
  pulls: '/pulls{/number}',
  releases: '/releases{/id}',
  stargazers: '/stargazers',
  statuses: '/statuses/{sha}',
  subscribers: '/subscribers',
  subscription: '/subscription',
  tags: '/tags',
  teams: '/teams',
  trees: '/git/trees{/sha}',
};

function repositoryUrls(world: World, repo: Repository): Record<string, string> {
  const api = repositoryApi(world, repo);
  return Object.fromEntries(Object.entries(templates).map(([name, path]) => [`${name}_url`, `${api}${path}`]));
}

/** GitHub's `minimal-repository` and `simple-repository`. */
export function minimalRepositoryView(world: World, repo: Repository) {
  return {
    id: repo.id,
    node_id: nodeId('Repository', repo.id),
    name: repo.name,
    full_name: fullName(world, repo),
    private: repo.private,
    owner: userView(world, accountOf(world, repo.ownerId)),
    html_url: repositoryPage(world, repo),
    description: repo.description,
    fork: repo.parentId !== null,
    url: repositoryApi(world, repo),
    ...repositoryUrls(world, repo),
  };
}

/** GitHub's `repository`; the one in webhooks too. */
export function repositoryView(world: World, repo: Repository) {
  const page = repositoryPage(world, repo);
  const open = [...repo.issues.values()].filter((issue) => issue.state === 'open').length;
  const forks = [...world.repositories.values()].filter((other) => other.parentId === repo.id).length;
  return {
    ...minimalRepositoryView(world, repo),
    created_at: isoTime(repo.createdAt),
    updated_at: isoTime(repo.updatedAt),
    pushed_at: isoTime(repo.pushedAt),
    git_url: page.replace(/^https?:/, 'git:').concat('.git'),
    ssh_url: `git@${new URL(world.url).hostname}:${fullName(world, repo)}.git`,
    clone_url: `${page}.git`,
    svn_url: page,
    homepage: null,
    size: 0,
    stargazers_count: 0,
    watchers_count: 0,
    language: null,
    has_issues: true,
    has_projects: false,
    has_downloads: false,
    has_wiki: false,
    has_pages: false,
    has_discussions: false,
    forks_count: forks,
    mirror_url: null,
    archived: repo.archived,
    disabled: false,
    open_issues_count: open,
    license: null,
    allow_forking: true,
    is_template: false,
    web_commit_signoff_required: false,
    topics: repo.topics,
    visibility: repo.private ? 'private' : 'public',
    forks,
    open_issues: open,
    watchers: 0,
    default_branch: repo.defaultBranch,
  };
}

/** GitHub's `full-repository`; `permission` is the asker's, null if it has none of its own (an App). */
export function fullRepositoryView(world: World, repo: Repository, permission: Permission | null) {
  const owner = accountOf(world, repo.ownerId);
  const parent = repo.parentId === null ? undefined : world.repositories.get(repo.parentId);
  return {
    ...repositoryView(world, repo),
    ...(permission && { permissions: permissionFlags(permission) }),
    ...(owner.kind === 'Organization' && { organization: userView(world, owner) }),
    ...(parent && { parent: repositoryView(world, parent), source: repositoryView(world, parent) }),
    allow_merge_commit: repo.merges.commit,
    allow_squash_merge: repo.merges.squash,
    allow_rebase_merge: repo.merges.rebase,
    allow_auto_merge: false,
    allow_update_branch: false,
    delete_branch_on_merge: false,
    merge_commit_message: 'PR_TITLE',
    merge_commit_title: 'MERGE_MESSAGE',
    squash_merge_commit_message: 'COMMIT_MESSAGES',
    squash_merge_commit_title: 'COMMIT_OR_PR_TITLE',
    network_count: 0,
    subscribers_count: 0,
  };
}

export function permissionFlags(permission: Permission) {
  const levels: readonly Permission[] = ['read', 'triage', 'write', 'maintain', 'admin'];
  const rank = levels.indexOf(permission);
  return { admin: rank >= 4, maintain: rank >= 3, push: rank >= 2, triage: rank >= 1, pull: rank >= 0 };
}

/** GitHub's `repository-collaborator-permission`: maintain counts as write there, triage as read. */
export function collaboratorView(world: World, account: Account, permission: Permission) {
  const coarse = { none: 'none', read: 'read', triage: 'read', write: 'write', maintain: 'write', admin: 'admin' };
  const user = { ...userView(world, account), permissions: permissionFlags(permission), role_name: permission };
  return { permission: coarse[permission], role_name: permission, user };
}
