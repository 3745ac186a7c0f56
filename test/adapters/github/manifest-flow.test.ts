import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { createGitHubApp } from '../../../src/adapters/github/app.ts';
import { creationUrl, exchangeCode, manifestFor } from '../../../src/adapters/github/manifest-flow.ts';
import { appPermissions, setStage } from './stage.ts';

const appYml = readFileSync(new URL('../../../app.yml', import.meta.url), 'utf8');
const wishes = {
  name: 'Sluice at acme',
  url: 'https://sluice.example.org',
  webhookUrl: 'https://sluice.example.org/webhook',
  redirectUrl: 'http://127.0.0.1:1/done',
};

it('asks for exactly the permissions and events that presubmit and the gate need', () => {
  expect(manifestFor(wishes, parse(appYml))).toEqual({
    name: 'Sluice at acme',
    description: expect.any(String),
    public: false,
    url: 'https://sluice.example.org',
    redirect_url: 'http://127.0.0.1:1/done',
    hook_attributes: { url: 'https://sluice.example.org/webhook', active: true },
    default_permissions: appPermissions,
    default_events: [
      'pull_request',
      'issue_comment',
      'pull_request_review',
      'pull_request_review_comment',
      'pull_request_review_thread',
      'status',
      'check_run',
      'check_suite',
      'push',
      'repository',
    ],
  });
});

it('gives a reason for each permission and event', () => {
  const asked = appYml.split('\n').filter((line) => /^ {2}(- )?[a-z_]+(: (read|write))?$/.test(line));
  const reasons = appYml.split('\n').filter((line) => /^ {2}# \S/.test(line));
  expect(asked).toHaveLength(18);
  expect(reasons.length).toBeGreaterThanOrEqual(18);
});

it('is a file that the loader of Probot takes', async () => {
  const path = new URL('../../../node_modules/probot/lib/manifest-creation.js', import.meta.url).href;
  const { ManifestCreation } = (await import(path)) as {
    ManifestCreation: new () => { getManifest(options: object): string };
  };
  const options = { pkg: {}, baseUrl: 'http://127.0.0.1:1', readFileSync: () => appYml };
  const manifest: unknown = JSON.parse(new ManifestCreation().getManifest(options));
  expect(manifest).toMatchObject({ name: 'Sluice', public: false, default_permissions: appPermissions });
});

it('makes the webhook inactive where GitHub cannot reach us', () => {
  const manifest = manifestFor({ ...wishes, webhookUrl: null }, parse(appYml));
  expect(manifest.hook_attributes).toEqual({ url: 'https://sluice.example.org', active: false });
});

it.each(['', '- a', 'text', 'name: x'])('says what is wrong with an app.yml that holds %j', (text) => {
  expect(() => manifestFor(wishes, parse(text))).toThrow('app.yml must hold default_permissions');
});

it.each`
  web                             | organization | expected
  ${'https://github.com'}         | ${null}      | ${'https://github.com/settings/apps/new?state=s1'}
  ${'https://github.com'}         | ${'acme'}    | ${'https://github.com/organizations/acme/settings/apps/new?state=s1'}
  ${'https://ghe.example.org/x/'} | ${'a/../b'}  | ${'https://ghe.example.org/x/organizations/a%2F..%2Fb/settings/apps/new?state=s1'}
`('sends the browser to $expected', ({ web, organization, expected }) => {
  expect(creationUrl(web, organization, 's1')).toBe(expected);
});

it('gives an App that works, once', async () => {
  const { github, time, close } = await setStage();
  try {
    const redirect = new URL(await github.acceptManifest(manifestFor(wishes, parse(appYml)), 's1', 'ada', 'acme'));
    expect(redirect.searchParams.get('state')).toBe('s1');
    const code = redirect.searchParams.get('code') ?? '';
    const made = await exchangeCode(github.apiUrl, code);
    expect(made).toMatchObject({ slug: 'sluice-at-acme', privateKey: expect.stringContaining('PRIVATE KEY') });
    expect(made.webhookSecret.length).toBeGreaterThan(8);
    const log = { error: () => undefined, warn: () => undefined, info: () => undefined, debug: () => undefined };
    const app = createGitHubApp({
      ...made,
      apiUrl: github.apiUrl,
      clock: { now: () => time.now },
      log,
      pace: 'unbounded',
    });
    expect((await (await app.asApp()).rest.apps.getAuthenticated()).data?.slug).toBe('sluice-at-acme');
    await expect(exchangeCode(github.apiUrl, code)).rejects.toThrow('a code works once');
  } finally {
    await close();
  }
});
