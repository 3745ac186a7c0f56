import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAppAuth } from '@octokit/auth-app';
import { Octokit } from '@octokit/rest';
import { onTestFinished } from 'vitest';
import { type GitHubOptions, startGitHub } from '../../../src/demo/github/server.ts';

/** A webhook as its receiver saw it. */
export interface Received {
  readonly event: string;
  readonly action: string | undefined;
  readonly guid: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly payload: Record<string, unknown>;
}

/** Starts a GitHub in a temporary folder that ends with the test. */
export async function startedGitHub(options: Partial<GitHubOptions> = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'stand-in-github-'));
  const github = await startGitHub({ folder, ...options });
  onTestFinished(async () => {
    await github.close();
    await rm(folder, { recursive: true, force: true });
  });
  return github;
}

/** A receiver of webhooks; `answer` decides the status, 202 if absent. */
export async function startedReceiver(answer: (received: Received) => number | Promise<number> = () => 202) {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const body = Buffer.concat(parts).toString();
    const payload = JSON.parse(body) as Record<string, unknown>;
    const hook: Received = {
      event: String(request.headers['x-github-event']),
      action: payload.action as string | undefined,
      guid: String(request.headers['x-github-delivery']),
      headers: request.headers,
      body,
      payload,
    };
    received.push(hook);
    response.writeHead(await answer(hook)).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const names = (): string[] => received.map(({ event, action }) => (action ? `${event}.${action}` : event));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks`, received, names };
}

/** Everything a reporter of checks needs. */
export const usualPermissions = {
  checks: 'write',
  contents: 'write',
  issues: 'write',
  metadata: 'read',
  pull_requests: 'write',
  statuses: 'write',
  members: 'read',
  administration: 'read',
} as const;

export const usualEvents = [
  'push',
  'create',
  'delete',
  'pull_request',
  'pull_request_review',
  'pull_request_review_comment',
  'pull_request_review_thread',
  'issue_comment',
  'label',
  'repository',
  'status',
  'member',
  'fork',
] as const;

/** An organisation `acme` with a maintainer `mia`, a stranger `sam`, `acme/app`, and an App that is installed there. */
export async function acme(options: Partial<GitHubOptions> & { readonly private?: boolean } = {}) {
  const github = await startedGitHub(options);
  await github.createOrganization('acme');
  const mia = await github.createUser('mia', { email: 'mia@example.com' });
  const sam = await github.createUser('sam', { email: 'sam@example.com' });
  await github.addMember('acme', 'mia', 'admin');
  const files = { 'README.md': '# app\n', 'src/main.c': 'int main() { return 0; }\n' };
  const repository = await github.createRepository('acme/app', { files, private: options.private ?? false });
  const app = await github.createApp({
    owner: 'acme',
    name: 'Sluice',
    permissions: usualPermissions,
    events: usualEvents,
  });
  const { installationId } = await github.installApp(app.appId, 'acme');
  return { github, mia, sam, repository, app, installationId };
}

type Acme = Awaited<ReturnType<typeof acme>>;

/** Octokit as the App itself, with its JWT. */
export function asApp({ github, app }: Pick<Acme, 'github' | 'app'>): Octokit {
  const auth = { appId: app.appId, privateKey: app.privateKey };
  return new Octokit({ baseUrl: github.apiUrl, authStrategy: createAppAuth, auth, log: quiet });
}

/** Octokit as the installation. */
export function asInstallation({
  github,
  app,
  installationId,
}: Pick<Acme, 'github' | 'app' | 'installationId'>): Octokit {
  const auth = { appId: app.appId, privateKey: app.privateKey, installationId };
  return new Octokit({ baseUrl: github.apiUrl, authStrategy: createAppAuth, auth, log: quiet });
}

/** Octokit with a token. */
export function withToken(github: Acme['github'], token: string | undefined): Octokit {
  return new Octokit({ baseUrl: github.apiUrl, ...(token && { auth: token }), log: quiet });
}

const ignore = (): void => undefined;
const quiet = { debug: ignore, info: ignore, warn: ignore, error: ignore };
