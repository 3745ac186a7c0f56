import { Octokit } from '@octokit/rest';
import { expect, test } from 'vitest';
import { asApp, startedGitHub, startedReceiver, usualEvents, usualPermissions } from './setting.ts';

const manifest = {
  name: 'Our Gate',
  url: 'https://sluice.example',
  hook_attributes: { url: 'http://127.0.0.1:1/hooks' },
  redirect_url: 'http://127.0.0.1:9/done',
  public: false,
  default_permissions: usualPermissions,
  default_events: usualEvents,
};

async function emptyGitHub() {
  const github = await startedGitHub();
  await github.createOrganization('acme');
  await github.createUser('mia');
  return github;
}

test('a manifest becomes an App whose code is redeemed once, with exactly what the manifest named', async () => {
  const github = await emptyGitHub();
  const back = new URL(await github.acceptManifest(manifest, 'state-1', 'mia', 'acme'));
  expect(back.origin + back.pathname).toBe('http://127.0.0.1:9/done');
  expect(back.searchParams.get('state')).toBe('state-1');
  const { rest } = new Octokit({ baseUrl: github.apiUrl });
  const code = back.searchParams.get('code') ?? '';
  const { data: made } = await rest.apps.createFromManifest({ code });
  expect(made).toMatchObject({
    slug: 'our-gate',
    owner: { login: 'acme' },
    permissions: usualPermissions,
    events: usualEvents,
  });
  await expect(rest.apps.createFromManifest({ code })).rejects.toMatchObject({ status: 404 });
  const app = asApp({
    github,
    app: { appId: made.id, privateKey: made.pem, slug: '', botLogin: '', webhookSecret: '', clientId: '' },
  });
  expect((await app.rest.apps.getAuthenticated()).data?.name).toBe('Our Gate');
  expect((await app.rest.apps.getWebhookConfigForApp()).data.url).toBe('http://127.0.0.1:1/hooks');
  expect(github.violations).toEqual([]);
});

test('an App made from a manifest signs with the secret that its code gave', async () => {
  const github = await emptyGitHub();
  const receiver = await startedReceiver();
  const back = new URL(
    await github.acceptManifest({ ...manifest, hook_attributes: { url: receiver.url } }, null, 'mia', 'acme'),
  );
  const { data } = await new Octokit({ baseUrl: github.apiUrl }).rest.apps.createFromManifest({
    code: back.searchParams.get('code') ?? '',
  });
  await github.ping(data.id);
  await github.webhooks.settled();
  const { createHmac } = await import('node:crypto');
  const mac = createHmac('sha256', data.webhook_secret ?? '')
    .update(receiver.received[0]?.body ?? '')
    .digest('hex');
  expect(receiver.received[0]?.headers['x-hub-signature-256']).toBe(`sha256=${mac}`);
});

test.each`
  change                                                   | problem
  ${{ default_permissions: { check: 'write' } }}           | ${'default_permissions.check: is not a permission'}
  ${{ default_permissions: { checks: 'full' } }}           | ${'default_permissions.checks: full is not a level'}
  ${{ default_events: ['pull_requests'] }}                 | ${'default_events: pull_requests is not an event an App can have'}
  ${{ default_permissions: {}, default_events: ['push'] }} | ${'default_events: push needs the permission contents'}
  ${{ hook_attributes: { url: 'no address' } }}            | ${'hook_attributes.url: is not a URL'}
  ${{ url: undefined }}                                    | ${'url: is required'}
  ${{ redirect_url: undefined }}                           | ${'redirect_url: is required'}
`('a manifest with $change is refused: $problem', async ({ change, problem }) => {
  const github = await emptyGitHub();
  await expect(github.acceptManifest({ ...manifest, ...change }, null, 'mia')).rejects.toThrow(problem);
});

test('a browser posts the manifest, sees what it asks for, presses the button and is sent back', async () => {
  const github = await emptyGitHub();
  const address = `${github.url}/organizations/acme/settings/apps/new?state=state-2`;
  const post = (form: Record<string, string>) =>
    fetch(address, { method: 'POST', body: new URLSearchParams(form), redirect: 'manual' });
  const asked = await post({ manifest: JSON.stringify({ ...manifest, name: '<b>Gate</b>' }) });
  const text = await asked.text();
  expect(text).toContain('Create GitHub App');
  expect(text).toContain('checks: write');
  expect(text).toContain('&lt;b&gt;Gate&lt;/b&gt;');
  expect(text).not.toContain('<b>Gate');
  const pressed = await post({ manifest: JSON.stringify(manifest), accepted: 'yes' });
  expect(pressed.status).toBe(302);
  const back = new URL(pressed.headers.get('location') ?? '');
  expect([back.pathname, back.searchParams.get('state')]).toEqual(['/done', 'state-2']);
  const refused = await post({ manifest: '{' });
  expect([refused.status, await refused.text()]).toEqual([422, expect.stringContaining('not a JSON object')]);
});
