import { created, notFound, ok, page, refuse, unprocessable } from '../answers.ts';
import type { Answer, Call } from '../call.ts';
import { giveToken } from '../installation-tokens.ts';
import { coversRepository, findAccount, findRepository, repositoryOf } from '../lookup.ts';
import { redeemManifest } from '../manifest.ts';
import { seesRepository } from '../permissions.ts';
import { asAnyone, asApp, type Routes } from '../route.ts';
import { appView, installationView } from '../views/apps.ts';
import { repositoryView } from '../views/repositories.ts';
import type { App, Installation, World } from '../world.ts';

export const appRoutes: Routes = {
  'apps/get-authenticated': asApp(({ world }, app) =>
    ok({ ...appView(world, app), installations_count: installationsOf(world, app).length }),
  ),
  'apps/get-webhook-config-for-app': asApp((_, app) =>
    ok({ content_type: 'json', insecure_ssl: '0', secret: '********', ...(app.webhookUrl && { url: app.webhookUrl }) }),
  ),
  'apps/list-installations': asApp((call, app) =>
    page(call, installationsOf(call.world, app), (installation) => installationView(call.world, installation)),
  ),
  'apps/get-installation': asApp((call, app) => answerInstallation(call, installationNamed(call, app))),
  'apps/get-org-installation': asApp((call, app) => {
    const account = findAccount(call.world, call.params.org ?? '');
    return answerInstallation(
      call,
      installationsOf(call.world, app).find(({ accountId }) => accountId === account?.id),
    );
  }),
  'apps/get-repo-installation': asApp((call, app) => {
    const repo = findRepository(call.world, `${call.params.owner}/${call.params.repo}`);
    const found = installationsOf(call.world, app).find((installation) => repo && coversRepository(installation, repo));
    return answerInstallation(call, found);
  }),
  'apps/create-installation-access-token': asApp(createToken),
  'apps/list-repos-accessible-to-installation': asAnyone(listRepositories),
  'apps/create-from-manifest': asAnyone(({ world, params }) => {
    const app = redeemManifest(world, params.code ?? '');
    if (!app) return notFound();
    const secrets = { client_id: app.clientId, client_secret: app.clientSecret, pem: app.privateKey };
    return created({ ...appView(world, app), ...secrets, webhook_secret: app.webhookSecret });
  }),
};

export function installationsOf(world: World, app: App): Installation[] {
  return [...world.installations.values()].filter(({ appId }) => appId === app.id);
}

function installationNamed(call: Call, app: App): Installation | undefined {
  const found = call.world.installations.get(Number(call.params.installation_id));
  return found?.appId === app.id ? found : undefined;
}

function answerInstallation(call: Call, installation: Installation | undefined): Answer {
  return installation ? ok(installationView(call.world, installation)) : notFound();
}

function createToken(call: Call, app: App): Answer {
  const { world, body } = call;
  const installation = installationNamed(call, app);
  if (!installation) return notFound();
  const given = giveToken(world, app, installation, {
    names: body.repositories as string[] | undefined,
    ids: body.repository_ids as number[] | undefined,
    permissions: body.permissions as Record<string, 'read' | 'write'> | undefined,
  });
  if (given.kind === 'suspended') return refuse(403, 'This installation has been suspended');
  if (given.kind === 'refused') return unprocessable(given.because);
  const { token, value } = given;
  const repositories = token.repositories && [...token.repositories].map((id) => repositoryOf(world, id));
  return created({
    token: value,
    expires_at: new Date(token.expiresAt).toISOString().replace(/\.\d+Z$/, 'Z'),
    permissions: token.permissions,
    repository_selection: repositories || installation.repositories !== 'all' ? 'selected' : 'all',
    ...(repositories && { repositories: repositories.map((repo) => repositoryView(world, repo)) }),
  });
}

function listRepositories(call: Call): Answer | Promise<Answer> {
  const { world, actor } = call;
  if (actor.kind !== 'installation') {
    return refuse(
      403,
      'You must authenticate with an installation access token in order to list repositories for an installation.',
    );
  }
  const seen = [...world.repositories.values()].filter((repo) => seesRepository(actor, repo));
  const selection = actor.installation.repositories === 'all' ? 'all' : 'selected';
  return page(
    call,
    seen,
    (repo) => repositoryView(world, repo),
    (repositories, total) => ({ total_count: total, repository_selection: selection, repositories }),
  );
}
