import { join } from 'node:path';
import type { Redis } from 'ioredis';
import { createLogFolder } from './adapters/folder/log-folder.ts';
import { createClones } from './adapters/git/clones.ts';
import { createGitHelper } from './adapters/git/git-helper.ts';
import { createHistory } from './adapters/git/history.ts';
import { createLanding } from './adapters/git/landing.ts';
import { createLedgerKey, type LedgerSigner } from './adapters/git/ledger-key.ts';
import { createSourceOn } from './adapters/git/source.ts';
import { createGitHubApp } from './adapters/github/app.ts';
import { createDeliveryLog } from './adapters/github/delivery-log.ts';
import { createForge } from './adapters/github/forge.ts';
import { createGateForge } from './adapters/github/gate-forge.ts';
import { createIssues } from './adapters/github/issues.ts';
import { parseEvent } from './adapters/github/parse-event.ts';
import { createProposals } from './adapters/github/proposals.ts';
import { writeCheckRun } from './adapters/github/write-check-run.ts';
import { createRegistry } from './adapters/oci/registry.ts';
import { createDocumentStore } from './adapters/redis/document-store.ts';
import { createIntake } from './adapters/redis/intake.ts';
import { createNotes } from './adapters/redis/notes.ts';
import { closeRedis, openRedis } from './adapters/redis/open-redis.ts';
import type { ReporterOptions } from './adapters/redis/report-writer.ts';
import { createReporter, type RedisReporter } from './adapters/redis/reporter.ts';
import { createSignals } from './adapters/redis/signals.ts';
import { createWantedLine } from './adapters/redis/wanted-line.ts';
import type { AppSettings, Ports, WorkerContext } from './app/context.ts';
import { createPodView } from './app/pod-view.ts';
import { startWorker, type Worker } from './app/worker.ts';
import { buildEnvironment } from './build-environment.ts';
import { loadJobLibrary } from './config/job-library.ts';
import { renderPod } from './core/pod/render-pod.ts';
import { whyNotRender } from './core/pod/why-not-render.ts';
import { createHealthServer } from './http/health-server.ts';
import { logUrl } from './http/log-link.ts';
import { createWebServer, type WebServer } from './http/web-server.ts';
import { noJobSecrets } from './job-secrets.ts';
import { keepLedgerKey } from './ledger-key-file.ts';
import type { IsolationSettings } from './model/isolation.ts';
import type { LineLimits } from './model/line.ts';
import type { PoolSettings } from './model/order.ts';
import type { KnownRegistry } from './model/registry-rule.ts';
import { noRegistryKeys } from './no-registry-keys.ts';
import type { Clock } from './ports/clock.ts';
import type { Executor } from './ports/executor.ts';
import type { JobSecrets } from './ports/job-secrets.ts';
import type { Log } from './ports/log.ts';
import type { RegistryKeys } from './ports/registry-keys.ts';
import { defaultConfig, parseConfig } from './project-config.ts';
import { createQueueShow } from './show-queues.ts';
import { createHealth, type SluiceHealth, startCounting } from './sluice-health.ts';
import { toldIn } from './told-reports.ts';

/** Everything that one Sluice process is made of. */
export interface SluiceOptions {
  readonly role: 'web' | 'worker' | 'all';
  /** URL or socket path. */
  readonly redis: string;
  /** Started by whoever starts us, who answers for what it keeps; left out: `/readyz` asks it. */
  readonly redisIsOurs?: boolean;
  readonly prefix?: string;
  readonly github: {
    readonly appId: number;
    readonly privateKey: string;
    /** All that count now; several during a rotation. */
    readonly webhookSecrets: () => readonly string[];
    readonly apiUrl: string;
    /** `unbounded` writes without the pauses that github.com asks for; for a GitHub of our own. */
    readonly pace: 'github' | 'unbounded';
  };
  readonly listen: { readonly host: string; readonly port: number };
  /** Where health and metrics are served apart, for any role; null or left out: with the rest, and not at all by a worker. */
  readonly health?: { readonly host: string; readonly port: number } | null;
  /** What runs, for people and Prometheus. */
  readonly version?: string;
  /** Where people reach us, for links; null: the address that is listened on. */
  readonly publicUrl: string | null;
  readonly data: string;
  readonly jobsFolder: string;
  readonly logKey: string;
  /** Ed25519 private key in PEM that the ledger is signed with; null or left out: one is kept in the data folder. */
  readonly ledgerKey?: string | null;
  readonly executor: Executor;
  /** Left out: no job gets a secret. */
  readonly jobSecrets?: JobSecrets;
  /** Left out: no registry is written to. */
  readonly registryKeys?: RegistryKeys;
  /** What the registries of these hosts are, where their names do not tell. */
  readonly knownRegistries?: Readonly<Record<string, KnownRegistry>>;
  readonly pool: PoolSettings;
  readonly limits: LineLimits;
  /** How it is known that code which nobody approved is shut in; left out: nobody asks, and nothing is said of it. */
  readonly isolation?: IsolationSettings;
  readonly allows: (fullName: string) => boolean;
  /** Where images of changes wait for projects that name no place of their own; null or left out: beside the final ones. */
  readonly staging?: string | null;
  readonly worker: string;
  readonly periods: AppSettings['periods'];
  readonly reporter: Partial<ReporterOptions>;
  readonly environment: Readonly<Record<string, string>>;
  readonly clock: Clock;
  readonly log: Log;
}

export interface RunningSluice {
  /** Null for a process that does not listen. */
  readonly url: string | null;
  /** Where health and metrics are served apart; null: nowhere. */
  readonly healthUrl: string | null;
  readonly ports: Ports;
  readonly worker: Worker | null;
  /** Ends loops and connections within seconds; builds go on and are found again. */
  close(): Promise<void>;
}

/** How old what we know of a base branch may be; pushes that are delivered count at once. */
const tipAgeMs = 60_000;

type Closing = { close(): Promise<void> };

interface Connected {
  readonly ports: Ports;
  readonly reporter: RedisReporter;
  readonly health: SluiceHealth;
  readonly closings: readonly Closing[];
}

function connect(options: SluiceOptions, redis: Redis, signer: LedgerSigner): Connected {
  const { prefix, clock, log } = options;
  const { role, redisIsOurs = false, version = 'unknown' } = options;
  const parts = { role, redis, redisIsOurs, prefix, version, clock, log };
  const counting = startCounting(parts);
  const { metrics } = counting.prometheus;
  const github = createGitHubApp({ ...options.github, clock, log, metrics });
  const forge = createForge(github);
  const signals = createSignals(redis, prefix, { log });
  const intake = createIntake(redis, prefix, { now: clock.now, consumer: options.worker, log });
  const reporter = createReporter(
    redis,
    prefix,
    (project, report, id, signal) => writeCheckRun(github, project, report, id, signal),
    {
      ...options.reporter,
      log,
    },
  );
  const helper = createGitHelper();
  const clones = createClones({
    run: helper.run,
    folder: join(options.data, 'clones'),
    environment: options.environment,
    credentials: async (project) => (project.private ? forge.checkoutToken(project) : null),
    tipAgeMs,
    now: clock.now,
  });
  const registryKeys = options.registryKeys ?? noRegistryKeys;
  // Passes come back by themselves.
  const registry = createRegistry({
    keys: registryKeys,
    clock,
    insecure: options.pool.insecureRegistries,
    known: options.knownRegistries ?? {},
    tries: 1,
  });
  const ports: Ports = {
    forge,
    gateForge: createGateForge(github),
    issues: createIssues(github),
    proposals: createProposals(github),
    deliveries: createDeliveryLog(github),
    source: createSourceOn(clones),
    history: createHistory(clones),
    landing: createLanding({
      clones,
      signer,
      pushCredentials: ({ installation, id: repository }, workflows) =>
        github.mint({ kind: 'land', installation, repository, workflows }),
    }),
    executor: options.executor,
    registryKeys,
    jobSecrets: options.jobSecrets ?? noJobSecrets,
    registry,
    documents: createDocumentStore(redis, prefix),
    intake,
    line: createWantedLine(redis, prefix),
    notes: createNotes(redis, prefix),
    signals,
    schedules: signals,
    reporter,
    logs: createLogFolder(join(options.data, 'logs')),
    clock,
    log,
    metrics,
  };
  const health = createHealth(parts, counting, { github, executor: options.executor });
  return {
    ports,
    reporter,
    health,
    closings: [
      signals,
      intake,
      reporter,
      { close: async () => clones.close() },
      { close: async () => helper.close() },
      { close: async () => registry.close() },
    ],
  };
}

function webServer(options: SluiceOptions, redis: Redis, ports: Ports, health: SluiceHealth): WebServer {
  const { documents, clock, log } = ports;
  return createWebServer({
    secrets: options.github.webhookSecrets,
    parse: (headers, payload, receivedAt) => parseEvent(headers, payload, receivedAt, options.github.appId),
    intake: ports.intake,
    onStored: async (event, subjects) => {
      for (const subject of subjects) {
        options.log.info({ delivery: event.delivery, event: event.name, subject }, 'event routed');
        await ports.signals.wake(subject);
      }
    },
    appId: () => options.github.appId,
    logs: ports.logs,
    logKey: options.logKey,
    ready: health.ready,
    status: health.status,
    queues: createQueueShow({
      documents,
      told: toldIn(redis, options.prefix),
      // This page's own address is the base.
      logUrl: (build) => logUrl('', options.logKey, build),
      clock,
      log,
    }),
    ...(options.health ? {} : { scraping: health.prometheus }),
    metrics: ports.metrics,
    clock: options.clock,
    log: options.log,
  });
}

/** Starts a Sluice process: the web side listens, the worker side works, `all` does both. */
export async function startSluice(options: SluiceOptions): Promise<RunningSluice> {
  const redis = openRedis(options.redis, options.log);
  // Whoever only listens lands nothing, and keeps no key.
  const signer =
    options.role === 'web' ? createLedgerKey(null) : await keepLedgerKey(options.data, options.ledgerKey ?? null);
  const { ports, reporter, health, closings } = connect(options, redis, signer);
  const library = await loadJobLibrary(options.jobsFolder);
  const web = options.role === 'worker' ? null : webServer(options, redis, ports, health);
  const url = web ? await web.listen(options.listen.host, options.listen.port) : null;
  const apart = options.health ? createHealthServer({ ...health, metrics: health.prometheus }) : null;
  const healthUrl = apart && options.health ? await apart.listen(options.health.host, options.health.port) : null;
  const base = options.publicUrl ?? url;
  const { staging = null } = options;
  const settings: AppSettings = {
    worker: options.worker,
    appId: options.github.appId,
    limits: options.limits,
    ...(options.isolation === undefined ? {} : { isolation: options.isolation }),
    pool: options.pool,
    environment: buildEnvironment(options.pool, library),
    allows: options.allows,
    logUrl: (build) => (base === null ? null : logUrl(base, options.logKey, build)),
    whyNotRender: (order) => whyNotRender(order, options.pool, library),
    renderPod: (order) => renderPod(order, options.pool, library),
    parseConfig: (text, repository, containerFile, organisation) =>
      parseConfig(text, repository, containerFile, { staging, organisation }),
    defaultConfig: (repository, containerFile, organisation) =>
      defaultConfig(repository, containerFile, { staging, organisation }),
    // A pass waits for what it performs, and half of these take what others leave: repositories that GitHub does not answer for
    // must not stop all others. An API server takes longer than a program on this machine.
    concurrency: options.executor.kind === 'kubernetes' ? 48 : 32,
    periods: options.periods,
  };
  const context: WorkerContext = { ports, settings, pods: createPodView(ports, 500) };
  const stopWriting = options.role === 'web' ? null : reporter.listen();
  const worker = options.role === 'web' ? null : startWorker(context);
  return {
    url,
    healthUrl,
    ports,
    worker,
    async close() {
      await web?.close();
      await worker?.close();
      await stopWriting?.();
      await apart?.close();
      await Promise.all(closings.map((closing) => closing.close()));
      health.prometheus.close();
      await closeRedis(redis);
    },
  };
}
