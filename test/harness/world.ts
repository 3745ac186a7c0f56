import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { documents } from '../../src/adapters/github/documents.ts';
import { type StandInGitHub, startGitHub } from '../../src/demo/github/server.ts';
import type { Executor } from '../../src/ports/executor.ts';
import { type RunningSluice, type SluiceOptions, startSluice } from '../../src/start-sluice.ts';
import { createFakeExecutor, type FakeExecutor } from '../fakes/executor.ts';
import { keepingLog, type LogLine, startTestRedis, type TestRedis } from './redis.ts';
import { worldClock } from './world-clock.ts';

const root = join(import.meta.dirname, '../..');

interface AppManifest {
  readonly default_permissions: Readonly<Record<string, 'read' | 'write' | 'admin'>>;
  readonly default_events: readonly string[];
}

/** One whole small world: a GitHub, a Redis, a Sluice; and the people in it. */
export interface World {
  readonly github: StandInGitHub;
  readonly redis: TestRedis;
  readonly executor: FakeExecutor;
  readonly app: { readonly appId: number; readonly installationId: number; readonly webhookSecret: string };
  readonly lines: readonly LogLine[];
  readonly options: SluiceOptions;
  /** The process that runs now. */
  sluice: RunningSluice;
  /** Starts another process on the same state; the earlier one must be closed before, or both run. */
  startAnother(changes?: Partial<SluiceOptions>): Promise<RunningSluice>;
  /** Waits until `look` gives something other than undefined or false; at most 45 s. */
  until<T>(what: string, look: () => Promise<T | undefined | false> | T | undefined | false): Promise<T>;
  /** The newest check run of that name on that commit, once it is completed. */
  concluded(repo: string, sha: string, name: string): Promise<CheckRun>;
  check(repo: string, sha: string, name: string): Promise<CheckRun | undefined>;
  stop(): Promise<void>;
}

export type CheckRun = Awaited<ReturnType<StandInGitHub['checkRuns']>>[number];

export interface WorldOptions {
  /** The set of names and files of the one repository; `acme/api` with a Dockerfile when left out. */
  readonly files?: Readonly<Record<string, string>>;
  readonly private?: boolean;
  readonly sluice?: Partial<SluiceOptions>;
  /** Registries of the test that speak no TLS. */
  readonly insecureRegistries?: readonly string[];
  readonly executor?: (now: () => number) => Executor;
  /** The time of day of GitHub, pods and Sluice; the real one when left out. Sleeping takes real time all the same. */
  readonly now?: () => number;
}

const periods = { dueMs: 200, resyncMs: 3_600_000, redeliveryMs: 3_600_000, podsMs: 300 };

export const dockerfile = 'FROM scratch AS base\nCOPY README.md /\n\nFROM scratch\nCOPY --from=base /README.md /\n';

function sluiceOptions(
  github: StandInGitHub,
  redis: TestRedis,
  folder: string,
  executor: Executor,
  app: { appId: number; privateKey: string; webhookSecret: string },
): SluiceOptions {
  const log = keepingLog();
  return {
    role: 'all',
    redis: redis.address,
    github: {
      appId: app.appId,
      privateKey: app.privateKey,
      webhookSecrets: () => [app.webhookSecret],
      apiUrl: github.apiUrl,
      pace: 'unbounded',
    },
    listen: { host: '127.0.0.1', port: 0 },
    publicUrl: null,
    data: join(folder, 'data'),
    jobsFolder: join(root, 'jobs'),
    logKey: 'log-key-of-this-test',
    executor,
    pool: {
      // As a server has them whose verdicts may be reused.
      stepImage: `registry.test/sluice-steps@sha256:${'1'.repeat(64)}`,
      kanikoImage: `registry.test/kaniko@sha256:${'2'.repeat(64)}`,
      builder: 'kaniko',
      owner: 'test',
      hostUsers: null,
      runtimeClassName: null,
      nodeSelector: {},
      registryMaps: [],
      insecureRegistries: [],
    },
    limits: { pool: 20, perRepository: 20, perAuthor: 20 },
    allows: () => true,
    worker: 'worker-1',
    periods,
    reporter: { coalesceMs: 50, limiter: { max: 1000, duration: 1000 } },
    environment: { PATH: process.env.PATH ?? '' },
    clock: worldClock,
    log,
  };
}

async function people(github: StandInGitHub, options: WorldOptions): Promise<void> {
  await github.createOrganization('acme');
  for (const login of ['ada', 'boss', 'mallory']) await github.createUser(login);
  await github.addMember('acme', 'boss', 'admin');
  const files = options.files ?? { Dockerfile: dockerfile, 'README.md': 'hello\n' };
  await github.createRepository('acme/api', { private: options.private ?? false, files });
  await github.setPermission('acme/api', 'ada', 'write');
}

/** Starts a world with `acme/api`, its member `ada` (write), `boss` (admin of the organisation) and the stranger `mallory`. */
export async function startWorld(options: WorldOptions = {}): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-world-'));
  const redis = await startTestRedis();
  const now = options.now ?? Date.now;
  const github = await startGitHub({ folder, now, documents });
  await people(github, options);
  const manifest = parse(readFileSync(join(root, 'app.yml'), 'utf8')) as AppManifest;
  const app = await github.createApp({
    owner: 'acme',
    name: 'sluice',
    permissions: manifest.default_permissions,
    events: [...manifest.default_events],
  });
  const { installationId } = await github.installApp(app.appId, 'acme');
  const fake = createFakeExecutor(now);
  const executor = options.executor?.(now) ?? fake;
  const plain = sluiceOptions(github, redis, folder, executor, app);
  const all = {
    ...plain,
    pool: { ...plain.pool, insecureRegistries: options.insecureRegistries ?? [] },
    clock: { ...worldClock, now },
    ...options.sluice,
  };
  const running: RunningSluice[] = [];
  const startAnother = async (changes: Partial<SluiceOptions> = {}): Promise<RunningSluice> => {
    const sluice = await startSluice({ ...all, ...changes });
    running.push(sluice);
    if (sluice.url) await github.setWebhookUrl(app.appId, `${sluice.url}/api/github/webhooks`);
    return sluice;
  };
  const until: World['until'] = async (what, look) => {
    const end = Date.now() + 45_000;
    for (;;) {
      const found = await look();
      if (found !== undefined && found !== false) return found;
      if (Date.now() > end) throw new Error(`waited in vain: ${what}\n${lastLines(all.log)}`);
      await new Promise((resolve) => setTimeout(resolve, 40));
    }
  };
  const check: World['check'] = async (repo, sha, name) =>
    (await github.checkRuns(repo, sha)).find((run) => run.name === name);
  return {
    github,
    redis,
    executor: fake,
    app: { appId: app.appId, installationId, webhookSecret: app.webhookSecret },
    lines: linesOf(all.log),
    options: all,
    sluice: await startAnother(),
    startAnother,
    until,
    check,
    concluded: (repo, sha, name) =>
      until(`${name} on ${sha.slice(0, 8)} is completed`, async () => {
        const run = await check(repo, sha, name);
        return run?.status === 'completed' && run;
      }),
    async stop() {
      for (const sluice of running) await sluice.close();
      await github.close();
      await redis.stop();
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

function linesOf(log: SluiceOptions['log']): readonly LogLine[] {
  return 'lines' in log && Array.isArray(log.lines) ? log.lines : [];
}

function lastLines(log: SluiceOptions['log']): string {
  return linesOf(log)
    .slice(-25)
    .map(
      (line) =>
        `${line.level} ${line.message} ${JSON.stringify(line.fields, (_key, value: unknown) => (value instanceof Error ? `${value.message} ${JSON.stringify(value).slice(0, 100)}` : value)).slice(0, 300)}`,
    )
    .join('\n');
}
