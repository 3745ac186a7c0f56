import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { createGitHubApp } from '../../src/adapters/github/app.ts';
import { createDeliveryLog } from '../../src/adapters/github/delivery-log.ts';
import { documents } from '../../src/adapters/github/documents.ts';
import { createProcessExecutor } from '../../src/adapters/process/executor.ts';
import { writeAppFile } from '../../src/cli/app-file.ts';
import { type StandInGitHub, startGitHub } from '../../src/demo/github/server.ts';
import type { BuildId } from '../../src/model/build.ts';
import type { LineLimits } from '../../src/model/line.ts';
import type { Executor } from '../../src/ports/executor.ts';
import { tracedCommand } from './evidence.ts';
import { type Front, startFront } from './front.ts';
import { keepingLog, startTestRedis, type TestRedis } from './redis.ts';
import { type ServedProcess, type ServeWishes, startProgram, startServe } from './served-process.ts';
import type { WorkerSettings } from './worker-settings.ts';
import { worldClock } from './world-clock.ts';

const root = join(import.meta.dirname, '../..');

interface AppManifest {
  readonly default_permissions: Readonly<Record<string, 'read' | 'write' | 'admin'>>;
  readonly default_events: readonly string[];
}

/** For one test: generous, because how fast anything is here is not what is tested. */
export const servedLimitMs = 480_000;

export interface OpenedPull {
  readonly repo: string;
  readonly number: number;
  readonly headSha: string;
}

/** A GitHub, a Redis that is a process of its own, and `sluice serve` processes that come and go, all on one data folder. */
export interface ServedWorld {
  readonly github: StandInGitHub;
  readonly redis: TestRedis;
  readonly front: Front;
  readonly app: { readonly appId: number; readonly privateKey: string; readonly webhookSecret: string };
  /** Holds what the servers keep besides Redis. */
  readonly data: string;
  readonly repos: readonly string[];
  readonly authors: readonly string[];
  /** Where builds leave their traces. */
  readonly evidence: string;
  /** The process executor's pods, as anybody may look at them. */
  readonly pods: Executor;
  serve(role: ServeWishes['role'], environment?: Readonly<Record<string, string>>, redis?: string): ServedProcess;
  /** A worker as `serve` starts it, in what is given other than the command line can say. */
  work(
    worker: string,
    limits: LineLimits,
    other?: Pick<Partial<WorkerSettings>, 'redis' | 'ahead' | 'reporter' | 'registries'>,
  ): ServedProcess;
  /** A change with a text of its own; ended builds trace it as `repo#text`. */
  open(text: string, repo?: string, by?: string): Promise<OpenedPull>;
  /** Has what was not answered by a 2xx sent again, until all was; gives how many were sent again. */
  redeliver(): Promise<number>;
  until<T>(what: string, look: () => Promise<T | undefined | false> | T | undefined | false): Promise<T>;
  /** Waits until this job of each is completed; gives the conclusions. */
  conclusions(pulls: readonly OpenedPull[], job: string): Promise<string[]>;
  /** Waits until no pod is left. */
  empty(): Promise<void>;
  stop(): Promise<void>;
}

export interface ServedWorldOptions {
  /** One organisation with one repository each, so that each has limits of writing of its own. */
  readonly organisations: number;
  readonly authors: readonly string[];
  /** `.sluice.yaml`, given the file for traces and the place of the repository among all, from 0. */
  readonly config: (evidence: string, index: number) => string;
  /** Further files of each. */
  readonly files?: Readonly<Record<string, string>>;
}

/** A configuration of one job, `unit`, whose command leaves traces and does this in between. */
export function oneTracedJob(wait: string): (evidence: string) => string {
  return (evidence) =>
    [
      'apiVersion: sluice/v1',
      'jobs:',
      '  unit:',
      '    on: presubmit',
      '    image: localhost/busybox:1',
      `    run: ${JSON.stringify(tracedCommand(evidence, 'unit', wait))}`,
      '',
    ].join('\n');
}

export async function startServedWorld(options: ServedWorldOptions): Promise<ServedWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-served-'));
  const evidence = join(folder, 'evidence');
  await writeFile(evidence, '');
  const data = join(folder, 'data');
  await mkdir(data, { mode: 0o700 });
  const [redis, front] = [await startTestRedis(), await startFront()];
  const github = await startGitHub({ folder: join(folder, 'github'), now: Date.now, documents });
  const app = await makeApp(github, `${front.url}/api/github/webhooks`);
  const repos = await populate(github, app.appId, options, evidence);
  const names = { slug: 'sluice', clientId: 'Iv1.x', clientSecret: 'x', htmlUrl: `${github.url}/apps/sluice` };
  await writeAppFile(data, { schema: 1, github: github.url, publicUrl: null, ...names, ...app });
  // The same program is started again and again.
  const compiled = { NODE_COMPILE_CACHE: join(folder, 'compiled') };
  const pods = observer(data);
  const fleet = createFleet();
  const until = createUntil(fleet.processes);
  return {
    github,
    redis,
    front,
    app,
    data,
    repos,
    authors: options.authors,
    evidence,
    pods,
    until,
    serve: (role, environment = {}, address = redis.address) =>
      fleet.add(
        startServe({
          role,
          data,
          redis: address,
          publicUrl: front.url,
          environment: { ...usual, ...compiled, ...environment },
        }),
      ),
    work: (worker, limits, other = {}) => {
      const { appId, privateKey } = app;
      const settings: WorkerSettings = {
        redis: redis.address,
        data,
        worker,
        limits,
        ...other,
        github: { appId, privateKey, apiUrl: github.apiUrl },
      };
      const program = join(import.meta.dirname, 'worker-process.ts');
      return fleet.add(startProgram([program, JSON.stringify(settings)], compiled));
    },
    open: createOpener(github, repos, options.authors),
    redeliver: () => redeliver(github, app, until),
    conclusions: (pulls, job) =>
      Promise.all(
        pulls.map((pull) =>
          until(`${job} of ${pull.repo}#${pull.number} is completed`, () => conclusion(github, pull, job)),
        ),
      ),
    empty: async () => void (await until('no pod is left', async () => (await pods.list()).length === 0)),
    async stop() {
      await fleet.end();
      for (const pod of await pods.list()) await pods.remove(pod.name as BuildId);
      await pods.close();
      await front.close();
      await github.close();
      await redis.stop();
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

const usual = { SLUICE_ACCEPT_UNTRUSTED: '1', SLUICE_LOG_LEVEL: 'debug' };

async function conclusion(github: StandInGitHub, { repo, headSha }: OpenedPull, job: string): Promise<string | false> {
  const run = (await github.checkRuns(repo, headSha)).find(({ name }) => name === job);
  return run?.status === 'completed' && String(run.conclusion);
}

function createOpener(
  github: StandInGitHub,
  repos: readonly string[],
  authors: readonly string[],
): ServedWorld['open'] {
  let turn = 0;
  return async (text, repo = repos[turn % repos.length] ?? '', by = authors[turn % authors.length] ?? '') => {
    turn += 1;
    const files = { who: `${repo}#${text} ${by}\n` };
    const pull = await github.openPullRequest({ repo, by, branch: text, files });
    return { repo, number: pull.number, headSha: pull.headSha };
  };
}

async function makeApp(github: StandInGitHub, webhookUrl: string) {
  await github.createOrganization('acme');
  const manifest = parse(readFileSync(join(root, 'app.yml'), 'utf8')) as AppManifest;
  const { appId, privateKey, webhookSecret } = await github.createApp({
    owner: 'acme',
    name: 'sluice',
    permissions: manifest.default_permissions,
    events: [...manifest.default_events],
    webhookUrl,
  });
  return { appId, privateKey, webhookSecret };
}

async function populate(
  github: StandInGitHub,
  appId: number,
  options: ServedWorldOptions,
  evidence: string,
): Promise<string[]> {
  for (const author of options.authors) await github.createUser(author);
  const repos: string[] = [];
  for (let index = 1; index <= options.organisations; index += 1) {
    const owner = `acme${index}`;
    const repo = `${owner}/api`;
    await github.createOrganization(owner);
    const config = options.config(evidence, index - 1);
    await github.createRepository(repo, {
      files: { ...options.files, '.sluice.yaml': config, who: 'nobody nobody\n' },
    });
    for (const author of options.authors) await github.setPermission(repo, author, 'write');
    await github.installApp(appId, owner);
    repos.push(repo);
  }
  return repos;
}

/** Looks at the pods of the servers and removes what a test that failed left behind. */
function observer(data: string) {
  return createProcessExecutor({
    folder: join(data, 'builds'),
    owner: 'sluice',
    stepCommand: [],
    allowed: 'trusted-only',
    node: process.execPath,
    acceptUntrusted: true,
    searchPath: process.env.PATH ?? '',
    logLimit: 1024,
    now: Date.now,
  });
}

/** All processes that were started; none outlives the test runner. */
function createFleet() {
  const processes: ServedProcess[] = [];
  const endWithUs = (): void => {
    for (const served of processes) if (!served.isOver()) process.kill(served.pid, 'SIGKILL');
  };
  process.once('exit', endWithUs);
  return {
    processes,
    add(served: ServedProcess): ServedProcess {
      processes.push(served);
      return served;
    },
    async end(): Promise<void> {
      await Promise.all(processes.map((served) => served.kill('SIGKILL')));
      process.off('exit', endWithUs);
    },
  };
}

const patienceMs = 180_000;

function createUntil(processes: readonly ServedProcess[]): ServedWorld['until'] {
  return async (what, look) => {
    const end = Date.now() + patienceMs;
    for (;;) {
      const found = await look();
      if (found !== undefined && found !== false) return found;
      if (Date.now() > end) {
        const words = processes.map((served) => `--- ${served.pid}\n${served.output().slice(-3000)}`);
        throw new Error(`waited in vain: ${what}\n${words.slice(-3).join('\n')}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  };
}

/** As GitHub does when the owner of the App asks for it: what no attempt of which was answered by a 2xx is sent again. */
async function redeliver(
  github: StandInGitHub,
  { appId, privateKey }: Pick<ServedWorld['app'], 'appId' | 'privateKey'>,
  until: ServedWorld['until'],
): Promise<number> {
  const settings = { appId, privateKey, apiUrl: github.apiUrl, pace: 'unbounded' } as const;
  const log = createDeliveryLog(createGitHubApp({ ...settings, clock: worldClock, log: keepingLog() }));
  let sent = 0;
  await until('everything is delivered', async () => {
    await github.webhooks.settled();
    const attempts = github.webhooks.deliveries(appId);
    const taken = new Set(attempts.filter(({ statusCode }) => statusCode === 202).map(({ parcel }) => parcel.guid));
    const failed = attempts.filter(({ parcel }) => !taken.has(parcel.guid));
    const newest = new Map(failed.toReversed().map(({ parcel, id }) => [parcel.guid, id]));
    for (const id of newest.values()) await log.redeliver(id);
    sent += newest.size;
    return newest.size === 0;
  });
  return sent;
}
