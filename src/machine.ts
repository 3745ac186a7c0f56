import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { creationUrl } from './adapters/github/manifest-flow.ts';
import { renderProblem } from './config/render-problem.ts';
import type { ConfigProblem } from './model/config.ts';
import type { Clock } from './ports/clock.ts';
import { readServerSettings, type ServerSettings } from './server-settings.ts';

/** What the process knows of where it runs: the one reading of the environment. */
export interface Machine {
  readonly root: string;
  readonly version: string;
  readonly ci: boolean;
  /** Root of the machine, which podman here needs. */
  readonly isRoot: boolean;
  readonly path: string;
  readonly redisUrl: string | null;
  /** KUBECONFIG; null: where clients look otherwise. */
  readonly kubeconfig: string | null;
  /** Whether this process itself runs as a pod. */
  readonly inCluster: boolean;
  /** Names this process among others on the same Redis. */
  readonly worker: string;
  /** Images and archives that are kept between runs. */
  readonly cache: string;
  readonly archives: string;
  readonly jobsFolder: string;
  /** `debug`, `info`, `warn` or `error`. */
  readonly logLevel: string;
  /** A clone of the organisation's own repository, for what is planned on this machine; null: none is known. */
  readonly organisation: string | null;
  /** The whole environment, for the person's own git and the credentials that it holds: never for what is built. */
  readonly userEnvironment: Readonly<Record<string, string>>;
  readonly server: ServerSettings;
  readonly clock: Clock;
  readAppYml(): Promise<string>;
  renderProblem(problem: ConfigProblem, content: string): string;
  creationUrl(github: string, organisation: string | null, state: string): string;
  /** Where the REST API of a GitHub lies: `https://api.github.com`, or `/api/v3` of an Enterprise Server. */
  apiUrlOf(github: string): string;
}

/** The time of day of this machine. */
export const systemClock: Clock = {
  now: Date.now,
  elapsed: () => performance.now(),
  sleep: (milliseconds, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const done = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, milliseconds);
      signal?.addEventListener('abort', done, { once: true });
    }),
};

function apiUrlOf(github: string): string {
  const url = new URL(github);
  return url.hostname === 'github.com' ? 'https://api.github.com' : new URL('/api/v3', url).href;
}

function versionIn(root: string): string {
  const written: unknown = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return typeof written === 'object' && written !== null && 'version' in written ? String(written.version) : 'unknown';
}

/** Reads the environment once. */
export function readMachine(env: Readonly<Record<string, string | undefined>>): Machine {
  const root = join(import.meta.dirname, '..');
  const caches = env.XDG_CACHE_HOME || join(homedir(), '.cache');
  return {
    root,
    version: versionIn(root),
    ci: env.CI === 'true',
    isRoot: process.getuid?.() === 0,
    path: `${env.PATH ?? ''}:/usr/sbin:/sbin`,
    redisUrl: env.REDIS_URL || null,
    kubeconfig: env.KUBECONFIG || null,
    inCluster: Boolean(env.KUBERNETES_SERVICE_HOST),
    worker: `${env.HOSTNAME ?? 'worker'}-${process.pid}`,
    cache: join(caches, 'sluice'),
    archives: join(env.CLUSTER_DIR || join(caches, 'sluice-cluster'), 'images'),
    jobsFolder: join(root, 'jobs'),
    logLevel: env.SLUICE_LOG_LEVEL || 'info',
    organisation: env.SLUICE_ORGANISATION || null,
    userEnvironment: Object.fromEntries(
      Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
    ),
    server: readServerSettings(env),
    clock: systemClock,
    readAppYml: () => readFile(join(root, 'app.yml'), 'utf8'),
    renderProblem,
    creationUrl,
    apiUrlOf,
  };
}
