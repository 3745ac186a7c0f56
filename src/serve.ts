import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type AppCredentials, readAppCredentials } from './app-credentials.ts';
import { chooseExecutor, type LocalEngine, processEngine } from './choose-executor.ts';
import type { CliIo, ServeOptions } from './cli/deps.ts';
import { cliError, isCliError } from './cli/exit-codes.ts';
import { compilePattern } from './config/matching/compile-pattern.ts';
import { repositoryFault } from './config/schema/references.ts';
import { openJobSecrets } from './job-secrets.ts';
import { keepSecrets } from './keep-secrets.ts';
import { keepLogKey } from './log-key.ts';
import type { Machine } from './machine.ts';
import type { IsolationSettings } from './model/isolation.ts';
import type { LineLimits } from './model/line.ts';
import type { JobSecrets } from './ports/job-secrets.ts';
import type { Log } from './ports/log.ts';
import { type OpenedRegistries, openRegistries } from './registry-keys.ts';
import { isolationOf, isolationWords } from './serve-isolation.ts';
import { openServedRedis, type ServedRedis } from './serve-redis.ts';
import { createServerLog } from './server-log.ts';
import { type RunningSluice, type SluiceOptions, startSluice } from './start-sluice.ts';
import { waitForOthers } from './wait-for-others.ts';

const minute = 60_000;
const endMs = 5_000;

function limitsOf(machine: Machine): LineLimits {
  const pool = machine.server.builds;
  if (!Number.isSafeInteger(pool) || pool < 1)
    throw cliError('usage', 'SLUICE_BUILDS must be a number from 1: how many builds at once');
  return { pool, perRepository: pool, perAuthor: Math.max(1, Math.ceil(pool / 2)) };
}

/** The line of a pool that jobs name is of its size; of what comes by its trust, so many of the line of all. */
function lineSizes({ runners }: LocalEngine): Pick<LineLimits, 'pools' | 'runners'> {
  if (runners === undefined) return {};
  const named = runners.flatMap(({ name, byName, atOnce }) => (byName && atOnce !== null ? [[name, atOnce]] : []));
  return { runners, pools: Object.fromEntries(named) };
}

function allowsOf(patterns: readonly string[]): (fullName: string) => boolean {
  const matchers = patterns.map((pattern) => {
    const outcome = compilePattern(pattern);
    if (outcome.kind === 'fault')
      throw cliError('usage', `SLUICE_REPOSITORIES: ${JSON.stringify(pattern)} ${outcome.message}`);
    return outcome.matcher;
  });
  return (fullName) => matchers.length === 0 || matchers.some((matcher) => matcher.matches(fullName));
}

/** The executor itself keeps unapproved code out of the network of the host, where every service on loopback is in reach. */
function networkOf(machine: Machine): 'host' | 'closed' {
  const { buildNetwork } = machine.server;
  if (buildNetwork === null || buildNetwork === 'host' || buildNetwork === 'closed') return buildNetwork ?? 'host';
  throw cliError('usage', `SLUICE_BUILD_NETWORK is ${JSON.stringify(buildNetwork)}: it is "host" or "closed"`);
}

function healthOf({ host }: ServeOptions, { server: { healthPort: port } }: Machine): SluiceOptions['listen'] | null {
  if (port === null) return null;
  if (Number.isInteger(port) && port >= 0 && port < 65_536) return { host, port };
  throw cliError('usage', 'SLUICE_HEALTH_PORT must be a port to listen on, 0 to take a free one');
}

function stagingOf({ server: { staging } }: Machine): string | null {
  const fault = staging === null ? null : repositoryFault(`${staging}/x`);
  if (fault === null) return staging;
  throw cliError('usage', `SLUICE_STAGING is ${JSON.stringify(staging)}: write it as registry.acme.io/staging`);
}

async function engineFor(options: ServeOptions, data: string, machine: Machine): Promise<LocalEngine> {
  const { acceptUntrusted } = machine.server;
  const wishes = { folder: data, owner: 'sluice', acceptUntrusted, network: networkOf(machine) };
  if (options.role === 'web') return processEngine(machine, wishes, 'this process only listens');
  return chooseExecutor(machine, options.executor ?? (machine.inCluster ? 'kubernetes' : null), wishes);
}

interface Parts {
  readonly data: string;
  readonly app: AppCredentials;
  readonly webhookSecrets: () => readonly string[];
  readonly redis: ServedRedis;
  readonly engine: LocalEngine;
  /** Null: nothing is to be said of it. */
  readonly isolation: IsolationSettings | null;
  /** Null: this server has no credential for any registry. */
  readonly registries: OpenedRegistries | null;
  /** Null: this server has no secrets for jobs. */
  readonly jobSecrets: JobSecrets | null;
  readonly publicUrl: string | null;
  readonly log: Log;
  readonly logKey: string;
}

/** Builders, uploaders and the pulls of podman do without TLS where our own calls do. */
function withInsecure(machine: Machine, hosts: readonly string[]): Machine {
  const insecureRegistries = [...new Set([...machine.server.insecureRegistries, ...hosts])];
  return { ...machine, server: { ...machine.server, insecureRegistries } };
}

function sluiceOptions(options: ServeOptions, machine: Machine, parts: Parts): SluiceOptions {
  const { app, engine, publicUrl, registries, jobSecrets } = parts;
  return {
    role: options.role,
    redis: parts.redis.address,
    redisIsOurs: parts.redis.ours,
    github: {
      appId: app.appId,
      privateKey: app.privateKey,
      webhookSecrets: parts.webhookSecrets,
      apiUrl: machine.apiUrlOf(app.github),
      pace: 'github',
    },
    listen: { host: options.host, port: options.port },
    health: healthOf(options, machine),
    version: machine.version,
    publicUrl,
    data: parts.data,
    jobsFolder: machine.jobsFolder,
    logKey: parts.logKey,
    ledgerKey: machine.server.ledgerKey,
    executor: engine.executor,
    pool: engine.pool,
    ...(registries === null ? {} : { registryKeys: registries.keys, knownRegistries: registries.known }),
    ...(jobSecrets === null ? {} : { jobSecrets }),
    limits: { ...limitsOf(machine), ...lineSizes(engine) },
    ...(parts.isolation === null ? {} : { isolation: parts.isolation }),
    allows: allowsOf(machine.server.repositories),
    staging: stagingOf(machine),
    worker: machine.worker,
    // Where nothing is delivered, reading everything anew is what finds the work.
    periods: {
      dueMs: 5_000,
      resyncMs: publicUrl === null ? minute : 10 * minute,
      redeliveryMs: 5 * minute,
      podsMs: 2_000,
    },
    reporter: {},
    environment: { PATH: machine.path },
    clock: machine.clock,
    log: parts.log,
  };
}

/** Which heads this machine does not build, and how it would. */
function refusals(options: ServeOptions, { engine }: Parts, { server }: Machine): readonly string[] {
  if (options.role === 'web') return [];
  if (engine.executor.kind === 'process' && !server.acceptUntrusted)
    return [
      'Plain processes isolate nothing: heads that nobody approved by /ok-to-test are refused. SLUICE_ACCEPT_UNTRUSTED=1 takes all of them, at your own risk.',
    ];
  if (engine.executor.kind === 'podman' && server.buildNetwork !== 'closed')
    return [
      "Pods share this machine's network, its loopback included: heads that nobody approved by /ok-to-test are refused. SLUICE_BUILD_NETWORK=closed takes all of them, on a network that leads nowhere but to its gateway.",
    ];
  return [];
}

function describe(options: ServeOptions, machine: Machine, parts: Parts, sluice: RunningSluice): readonly string[] {
  const { app, engine, redis, publicUrl } = parts;
  return [
    ...(sluice.url === null
      ? []
      : [`Listening on ${sluice.url}; webhooks at ${publicUrl ?? sluice.url}/api/github/webhooks`]),
    ...(sluice.healthUrl === null ? [] : [`Health and metrics on ${sluice.healthUrl}`]),
    `App ${app.appId} on ${app.github} (${app.source}); Redis: ${redis.description}`,
    ...(options.role === 'web' ? [] : [`Building with ${engine.description}`]),
    ...refusals(options, parts, machine),
    ...(options.role === 'web' ? [] : isolationWords(parts.isolation, engine.executor.kind)),
    ...(publicUrl === null
      ? ['No public address: GitHub delivers nothing here, so everything is read anew every minute.']
      : []),
    ...redis.warnings,
  ];
}

async function listenFailure<T>(starting: Promise<T>, options: ServeOptions): Promise<T> {
  try {
    return await starting;
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : null;
    if (code !== 'EADDRINUSE' && code !== 'EACCES' && code !== 'EADDRNOTAVAIL') throw cause;
    throw cliError(
      'usage',
      `cannot listen on ${options.host}:${options.port} (${code}): choose another --port or --host`,
      cause,
    );
  }
}

function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve_) => signal.addEventListener('abort', () => resolve_(), { once: true }));
}

async function serveUntil(options: ServeOptions, machine: Machine, io: CliIo, parts: Parts): Promise<void> {
  const sluice = await listenFailure(startSluice(sluiceOptions(options, machine, parts)), options);
  for (const line of describe(options, machine, parts, sluice)) io.err(`${line}\n`);
  parts.log.info({ url: sluice.url, role: options.role, app: parts.app.appId }, 'serving');
  // One slip must not end all other work: what it left undone is found again.
  const stray = (cause: unknown): void => parts.log.error({ err: cause }, 'a failure that nobody waited for');
  process.on('unhandledRejection', stray);
  await untilAborted(io.interrupted);
  const waiting = new AbortController();
  const late = machine.clock.sleep(endMs, waiting.signal).then(() => 'late' as const);
  const ended = await Promise.race([sluice.close().then(() => 'in time' as const), late]);
  waiting.abort();
  parts.log.info({ ended }, 'ending: builds go on and are found again');
}

/** Serves until it is interrupted. Throws an error for people when something that is needed is missing or refused. */
export async function serve(options: ServeOptions, machine: Machine, io: CliIo): Promise<void> {
  const data = resolve(options.data);
  await mkdir(data, { recursive: true, mode: 0o700 });
  const app = await readAppCredentials(data, machine.server.app);
  const known = [app.privateKey, ...app.webhookSecrets];
  const log = createServerLog(machine.logLevel, known, io.out);
  const logKey = machine.server.logKey ?? (await keepLogKey(data, io.newToken()));
  // Who only listens uploads nothing.
  const registries = options.role === 'web' ? null : await openRegistries(machine, log);
  const jobSecrets = options.role === 'web' ? null : await openJobSecrets(machine, log);
  const wishes = { address: options.redis ?? machine.redisUrl, data, path: machine.path, role: options.role };
  const waiting = { log, signal: io.interrupted };
  const redis = await waitForOthers(() => openServedRedis(wishes, log), machine, waiting);
  try {
    const fitted = withInsecure(machine, registries?.insecureHosts ?? []);
    const engine = await waitForOthers(() => engineFor(options, data, fitted), machine, waiting);
    const publicUrl = options.publicUrl ?? app.publicUrl;
    const read = () => readAppCredentials(data, machine.server.app);
    const ending = new AbortController();
    const signal = AbortSignal.any([io.interrupted, ending.signal]);
    const webhookSecrets = keepSecrets(app, { read, clock: machine.clock, log, signal });
    try {
      const isolation = options.role === 'web' ? null : isolationOf(machine, engine, app.github);
      await serveUntil(options, machine, io, {
        data,
        app,
        webhookSecrets,
        redis,
        engine,
        isolation,
        registries,
        jobSecrets,
        publicUrl,
        log,
        logKey,
      });
    } finally {
      ending.abort();
      await engine.close();
    }
  } catch (error) {
    if (!isCliError(error)) log.error({ err: error }, 'the server cannot go on');
    throw error;
  } finally {
    await redis.stop();
  }
}
