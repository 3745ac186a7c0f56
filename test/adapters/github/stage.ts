import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createGitHubApp, type GitHubApp, type GitHubAppOptions } from '../../../src/adapters/github/app.ts';
import { documents } from '../../../src/adapters/github/documents.ts';
import { createForge } from '../../../src/adapters/github/forge.ts';
import { createGateForge } from '../../../src/adapters/github/gate-forge.ts';
import { type StandInGitHub, startGitHub } from '../../../src/demo/github/server.ts';
import type { Project } from '../../../src/model/project.ts';
import type { Forge } from '../../../src/ports/forge.ts';
import type { GateForge } from '../../../src/ports/gate-forge.ts';

/** One request as it left our client. */
export interface SentRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Headers;
  readonly body: unknown;
  /** Of the answer; 0 when none came. */
  status: number;
}

export interface LogLine {
  readonly level: string;
  readonly fields: object;
  readonly message: string;
}

/** A GitHub with one organisation, its repository `acme/shop`, and our App installed there. */
export interface Stage {
  readonly github: StandInGitHub;
  readonly app: GitHubApp;
  readonly forge: Forge;
  readonly gate: GateForge;
  readonly project: Project;
  readonly installation: number;
  readonly sent: SentRequest[];
  readonly lines: LogLine[];
  /** The stand-in's time and ours, ms; moved by tests. */
  readonly time: { now: number };
  /** Changes answers on their way to us, as a forge may give that the stand-in is not; by the path, null: as it was sent. */
  readonly answers: { change: ((path: string, body: unknown) => unknown) | null };
  /** Another App on the same GitHub, installed in the same organisation. */
  readonly anotherApp: () => Promise<Stage>;
  /** The same App at another address. */
  readonly appAt: (apiUrl: string, pace?: 'github' | 'unbounded') => GitHubApp;
  /** What our App was made with. */
  readonly settings: Omit<GitHubAppOptions, 'apiUrl' | 'pace'>;
  readonly close: () => Promise<void>;
}

/** What app.yml asks for. */
export const appPermissions = {
  checks: 'write',
  contents: 'write',
  issues: 'write',
  pull_requests: 'write',
  statuses: 'read',
  administration: 'read',
  members: 'read',
  metadata: 'read',
} as const;

export type AppPermissions = Readonly<Record<string, 'read' | 'write'>>;

export async function setStage(permissions: AppPermissions = appPermissions): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-forge-'));
  const time = { now: Date.now() };
  const github = await startGitHub({ folder, now: () => time.now, documents });
  const close = async () => {
    await github.close();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await github.createOrganization('acme');
    await github.createUser('ada');
    await github.createUser('eve');
    await github.addMember('acme', 'ada');
    await github.createRepository('acme/shop', { files: { 'README.md': 'shop\n' } });
    return await installApp(github, 'sluice', permissions, { time, close });
  } catch (error) {
    await close();
    throw error;
  }
}

async function installApp(
  github: StandInGitHub,
  name: string,
  permissions: AppPermissions,
  { time, close }: Pick<Stage, 'time' | 'close'>,
): Promise<Stage> {
  const made = await github.createApp({ owner: 'acme', name, permissions, events: [] });
  const { installationId } = await github.installApp(made.appId, 'acme', 'all');
  const sent: SentRequest[] = [];
  const lines: LogLine[] = [];
  const answers: Stage['answers'] = { change: null };
  const write = (level: string) => (fields: object, message: string) => void lines.push({ level, fields, message });
  const settings = {
    appId: made.appId,
    privateKey: made.privateKey,
    clock: { now: () => time.now },
    log: { error: write('error'), warn: write('warn'), info: write('info'), debug: write('debug') },
    fetch: recordingFetch(sent, answers),
  };
  const appAt: Stage['appAt'] = (apiUrl, pace = 'unbounded') => createGitHubApp({ ...settings, apiUrl, pace });
  const app = appAt(github.apiUrl);
  const forge = createForge(app);
  const project = (await forge.projects()).find((one) => one.name === 'shop');
  if (project === undefined) throw new Error('acme/shop is not seen by the App');
  const anotherApp = () => installApp(github, `${name}-other`, permissions, { time, close });
  const gate = createGateForge(app);
  const parts = { github, app, forge, gate, project, installation: installationId };
  return { ...parts, sent, lines, time, answers, anotherApp, appAt, settings, close };
}

function recordingFetch(sent: SentRequest[], answers: Stage['answers']): typeof fetch {
  return async (input, init) => {
    const url = new URL(String(input));
    const body: unknown = typeof init?.body === 'string' ? JSON.parse(init.body) : null;
    const headers = new Headers(init?.headers);
    const request: SentRequest = {
      method: init?.method ?? 'GET',
      path: `${url.pathname}${url.search}`,
      headers,
      body,
      status: 0,
    };
    sent.push(request);
    const response = await fetch(input, init);
    request.status = response.status;
    if (answers.change === null) return response;
    return answers.change === null ? response : changedAnswer(request.path, response, answers.change);
  };
}

async function changedAnswer(
  path: string,
  response: Response,
  change: NonNullable<Stage['answers']['change']>,
): Promise<Response> {
  const text = await response.clone().text();
  const changed = text === '' ? null : change(path, JSON.parse(text));
  if (changed === null) return response;
  const headers = new Headers(response.headers);
  for (const name of ['content-length', 'etag']) headers.delete(name);
  const made = new Response(JSON.stringify(changed), { status: response.status, headers });
  Object.defineProperty(made, 'url', { value: response.url });
  return made;
}
