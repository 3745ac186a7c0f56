import { noContent, ok, page, refuse } from '../answers.ts';
import { protectionOf, rulesetsOf } from '../branch-rules.ts';
import { type Answer, actingAccount, type Call, textField } from '../call.ts';
import { happen } from '../events.ts';
import { readRef } from '../lags.ts';
import { accountOf, findAccount, fullName, gitFolder, permissionOf } from '../lookup.ts';
import { readCommit, resolveCommit } from '../objects.ts';
import { listRefs } from '../refs.ts';
import { inRepository, type Routes } from '../route.ts';
import { teamView, userView } from '../views/accounts.ts';
import { commitView } from '../views/commits.ts';
import { collaboratorView, fullRepositoryView } from '../views/repositories.ts';
import { apiOf, isoTime, repositoryApi, repositoryPage } from '../views/urls.ts';
import type { Repository } from '../world.ts';

const metadata = ['metadata:read'];
const contents = ['contents:read'];

export const repositoryRoutes: Routes = {
  'repos/get': inRepository(metadata, 'read', ({ world, actor }, repo) =>
    ok(fullRepositoryView(world, repo, actor.kind === 'person' ? permissionOf(world, repo, actor.account) : null)),
  ),
  'repos/list-branches': inRepository(contents, 'read', async (call, repo) => {
    const refs = await listRefs(gitFolder(call.world, repo), 'refs/heads/');
    const wanted = call.query.get('protected');
    const branches = [...refs]
      .map(([ref, sha]) => ({ name: ref.slice('refs/heads/'.length), sha }))
      .filter(({ name }) => wanted === null || isProtected(repo, name) === (wanted === 'true'));
    return page(call, branches, ({ name, sha }) => ({
      name,
      commit: { sha, url: `${repositoryApi(call.world, repo)}/commits/${sha}` },
      protected: isProtected(repo, name),
    }));
  }),
  'repos/get-branch': inRepository(contents, 'read', getBranch),
  'repos/get-collaborator-permission-level': inRepository(metadata, 'write', ({ world, params }, repo) => {
    const account = findAccount(world, params.username ?? '');
    if (!account) return refuse(404, `${params.username} is not a user`);
    return ok(collaboratorView(world, account, permissionOf(world, repo, account)));
  }),
  'repos/get-all-topics': inRepository(metadata, 'read', (_, repo) => ok({ names: repo.topics })),
  'repos/list-tags': inRepository(metadata, 'read', listTags),
  'repos/list-teams': inRepository(['administration:read'], 'read', (call, repo) => {
    const owner = accountOf(call.world, repo.ownerId);
    const teams = [...owner.teams.values()].filter((team) => team.repositories.has(repo.id));
    const names = { none: 'none', read: 'pull', triage: 'triage', write: 'push', maintain: 'maintain', admin: 'admin' };
    return page(call, teams, (team) =>
      teamView(call.world, owner, team, names[team.repositories.get(repo.id) ?? 'none']),
    );
  }),
  'repos/create-dispatch-event': inRepository(['contents:write'], 'write', (call, repo) => {
    const body = { branch: repo.defaultBranch, client_payload: call.body.client_payload ?? {} };
    const action = textField(call, 'event_type');
    happen(call.world, { event: 'repository_dispatch', action, sender: actingAccount(call), repository: repo, body });
    return noContent();
  }),
  'activity/list-repo-events': inRepository(metadata, 'read', listActivity),
};

// By a ruleset too, other than `protection`, which knows the classic one only.
function isProtected(repo: Repository, branch: string): boolean {
  return protectionOf(repo, branch) !== null || rulesetsOf(repo, branch).length > 0;
}

async function getBranch({ world, params }: Call, repo: Repository): Promise<Answer> {
  const folder = gitFolder(world, repo);
  const branch = params.branch ?? '';
  const sha = await readRef(world, repo, `refs/heads/${branch}`);
  if (!sha) return refuse(404, 'Branch not found');
  const self = `${repositoryApi(world, repo)}/branches/${branch}`;
  const protection = protectionOf(repo, branch);
  const required = protection?.requiredChecks ?? [];
  const contexts = required.map(({ context }) => context);
  const checks = required.map(({ context, appId }) => ({ context, app_id: appId ?? null }));
  const level = protection?.enforceAdmins ? 'everyone' : 'non_admins';
  return ok({
    name: branch,
    commit: commitView(world, repo, await readCommit(folder, sha)),
    _links: { self, html: `${repositoryPage(world, repo)}/tree/${branch}` },
    protected: isProtected(repo, branch),
    protection: {
      enabled: protection !== null,
      required_status_checks: { enforcement_level: required.length > 0 ? level : 'off', contexts, checks },
    },
    protection_url: `${self}/protection`,
  });
}

async function listTags(call: Call, repo: Repository): Promise<Answer> {
  const { world } = call;
  const folder = gitFolder(world, repo);
  const names = [...(await listRefs(folder, 'refs/tags/')).keys()].map((ref) => ref.slice('refs/tags/'.length));
  const api = repositoryApi(world, repo);
  return page(call, names.toReversed(), async (name) => {
    const sha = (await resolveCommit(folder, `refs/tags/${name}`)) ?? '';
    return {
      name,
      zipball_url: `${api}/zipball/refs/tags/${name}`,
      tarball_url: `${api}/tarball/refs/tags/${name}`,
      commit: { sha, url: `${api}/commits/${sha}` },
      node_id: btoa(`Tag:${name}`),
    };
  });
}

// Newest first, at most 300 (docs: repository events).
function listActivity(call: Call, repo: Repository): Promise<Answer> {
  const { world } = call;
  const latest = repo.activity.slice(-300).toReversed();
  return page(call, latest, (line) => {
    const { id, login, gravatar_id, avatar_url } = userView(world, accountOf(world, line.actorId));
    return {
      id: String(line.id),
      type: line.type,
      actor: {
        id,
        login,
        display_login: login,
        gravatar_id,
        url: `${apiOf(world)}/users/${encodeURIComponent(login)}`,
        avatar_url,
      },
      repo: { id: repo.id, name: fullName(world, repo), url: repositoryApi(world, repo) },
      payload: line.payload,
      public: !repo.private,
      created_at: isoTime(line.at),
    };
  });
}
