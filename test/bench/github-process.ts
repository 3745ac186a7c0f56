import { subscribe } from 'node:diagnostics_channel';
import { readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { parse } from 'yaml';
import { documents } from '../../src/adapters/github/documents.ts';
import { runGit } from '../../src/demo/github/git.ts';
import { startGitHub } from '../../src/demo/github/server.ts';
import { answerCalls, settingsOfThis } from './channel.ts';

/** The stand-in GitHub as a process of its own, with one organisation, its App, and a repository that builds one image. */
const { folder, sink } = settingsOfThis<{ readonly folder: string; readonly sink: string }>();
const root = join(import.meta.dirname, '../..');
const repo = 'acme/api';
const dockerfile = 'FROM scratch AS base\nCOPY README.md /\n\nFROM scratch\nCOPY --from=base /README.md /\n';

const answerMs: number[] = [];
subscribe('http.server.request.start', (message) => {
  const began = performance.now();
  const { response } = message as { readonly response: ServerResponse };
  response.once('finish', () => answerMs.push(performance.now() - began));
});
/** While pull requests are opened ahead of the time at which their deliveries are sent: that time. */
let pretendedNow: number | null = null;
const github = await startGitHub({
  folder,
  now: () => pretendedNow ?? Date.now(),
  documents,
  rateLimit: 1_000_000_000,
});

export interface OpenedPull {
  readonly number: number;
  readonly head: string;
  readonly branch: string;
}

async function prepare(files: Readonly<Record<string, string>> | null) {
  await github.createOrganization('acme');
  for (const login of ['ada', 'boss']) await github.createUser(login);
  await github.addMember('acme', 'boss', 'admin');
  const { id } = await github.createRepository(repo, {
    files: files ?? { Dockerfile: dockerfile, 'README.md': 'hi\n' },
  });
  await github.setPermission(repo, 'ada', 'write');
  const fork = await github.fork(repo, 'ada');
  const manifest = parse(readFileSync(join(root, 'app.yml'), 'utf8')) as {
    readonly default_permissions: Record<string, 'read' | 'write' | 'admin'>;
    readonly default_events: string[];
  };
  const app = await github.createApp({
    owner: 'acme',
    name: 'sluice',
    permissions: manifest.default_permissions,
    events: manifest.default_events,
    webhookUrl: sink,
  });
  const { installationId } = await github.installApp(app.appId, 'acme');
  const { appId, privateKey, webhookSecret } = app;
  return {
    appId,
    privateKey,
    webhookSecret,
    apiUrl: github.apiUrl,
    repository: id,
    installation: installationId,
    fork: fork.fullName,
  };
}

/** Many commits of one file each on the default branch by one git process: branch → commit. */
async function makeCommits(name: string, branches: readonly string[]): Promise<Map<string, string>> {
  const when = Math.floor(Date.now() / 1000);
  const commits = branches.map((branch, index) => {
    const text = `change of ${branch}\n`;
    return [
      `commit refs/bench/${branch}`,
      `mark :${index + 1}`,
      `committer ada <ada@example.org> ${when} +0000`,
      `data ${branch.length}`,
      branch,
      'from refs/heads/main^0',
      `M 100644 inline changes/${branch}.txt`,
      `data ${text.length}`,
      text,
      `get-mark :${index + 1}`,
    ].join('\n');
  });
  const input = Buffer.from(`${commits.join('\n')}\ndone\n`);
  const made = await runGit(github.gitFolder(name), ['fast-import', '--quiet', '--done'], { input });
  if (made.code !== 0) throw new Error(`cannot make commits: ${made.stderr}`);
  const shas = made.stdout.toString().trim().split('\n');
  return new Map(branches.map((branch, index) => [branch, shas[index] ?? '']));
}

/** Opens many; `openedAt` is when each will be told, and what the forge then says of it. */
async function openPulls(prefix: string, openedAt: readonly number[], fork: string | null): Promise<OpenedPull[]> {
  const branches = openedAt.map((_, index) => `${prefix}-${index}`);
  const commits = await makeCommits(fork ?? repo, branches);
  // Each is a push, of which the App hears where it is installed.
  for (const [branch, sha] of commits) await github.setBranch({ repo: fork ?? repo, by: 'ada', branch, sha });
  const opened: OpenedPull[] = [];
  for (const [index, branch] of branches.entries()) {
    pretendedNow = openedAt[index] ?? null;
    const pull = await github.openPullRequest({ repo, by: 'ada', branch, title: branch, ...(fork && { fork }) });
    opened.push({ number: pull.number, head: pull.headSha, branch });
  }
  pretendedNow = null;
  await github.webhooks.settled();
  return opened;
}

/** Requests by operation since the last asking, and how long each was answered after it came. */
function takeRequests() {
  const counts: Record<string, number> = {};
  const requests = github.requests as unknown as { operation: string | null; method: string; path: string }[];
  for (const request of requests.splice(0)) {
    const name = request.operation ?? `${request.method} ${request.path}`;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return { counts, answerMs: answerMs.splice(0) };
}

async function allConcluded(pulls: readonly OpenedPull[]): Promise<boolean> {
  for (const { head } of pulls) {
    const runs = await github.checkRuns(repo, head);
    if (runs.length < 2 || runs.some(({ status }) => status !== 'completed')) return false;
  }
  return true;
}

async function closePulls(numbers: readonly number[]): Promise<void> {
  for (const number of numbers) await github.closePullRequest(repo, number, 'ada');
}

answerCalls({
  allConcluded,
  closePulls,
  prepare,
  openPulls,
  takeRequests,
  settled: () => github.webhooks.settled(),
  violations: () => github.violations.slice(0, 3),
  close: () => github.close(),
});
