import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { killByHome, signal } from '../../../src/adapters/process/process-mark.ts';
import { type BuildState, buildPaths, readJson, recordedNames } from '../../../src/adapters/process/record.ts';
import { type Onlooker, startOnlooker } from '../../harness/onlooker.ts';
import type { ServedProcess } from '../../harness/served-process.ts';
import { type ServedWorld, startServedWorld } from '../../harness/served-world.ts';
import { startWatchedRegistry, type WatchedRegistry } from './watched-registry.ts';

/** What ends: the worker alone, or that, whatever listens, every build and Redis, which keeps what it wrote. */
export type ImageCrash = 'worker' | 'everything';

/** A change that is asked for, alone in a repository of its own. */
export interface ImageChange {
  readonly repo: string;
  readonly number: number;
  readonly head: string;
}

/** Processes that die and are followed by others, between a GitHub and two registries that do not. */
export interface ImageCrashWorld extends ServedWorld, Pick<Onlooker, 'readMain' | 'conclusionsOn'> {
  readonly staging: WatchedRegistry;
  readonly final: WatchedRegistry;
  /** The repository of an image below the host, by the place of its project among all. */
  nameIn(registry: 'staging' | 'final', repo: string, image: string): string;
  kill(crash: ImageCrash): Promise<void>;
  /** Starts what is not running, and has delivered again what nobody took. */
  start(): Promise<void>;
  openFor(index: number): Promise<ImageChange>;
}

export const imageNames = ['api', 'web'] as const;

const ownerOf = (repo: string): string => repo.split('/')[0] ?? '';

function config(final: string, staging: string, owner: string): string {
  return [
    'apiVersion: sluice/v1',
    'images:',
    ...imageNames.map(
      (name) =>
        `  - { name: ${name}, repository: ${final}/${owner}/${name}, containerFilename: ${name}.Containerfile }`,
    ),
    'jobs: { build-image: null }',
    `promotion: { mode: intermediate, staging: ${staging}/waiting }`,
    'gate: { requires: { approvals: 1 } }',
    '',
  ].join('\n');
}

const files = Object.fromEntries(
  imageNames.map((name) => [`${name}.Containerfile`, `FROM scratch\nCOPY who /${name}\n`]),
);

const reporter = { writeLimitMs: 2_000, coalesceMs: 50, firstRetryMs: 100, limiter: { max: 1_000, duration: 1_000 } };
/** So much later, to its clock, the next process comes: what waits to be tried again, or for a sweep, is due. */
const awayMs = 300_000;
const limits = { pool: 40, perRepository: 40, perAuthor: 40 };

async function killBuilds(data: string): Promise<void> {
  const builds = join(data, 'builds', 'builds');
  for (const name of await recordedNames(builds)) {
    const paths = buildPaths(builds, name);
    const state = await readJson<BuildState>(paths.state);
    if (state?.phase !== 'running' && state?.phase !== 'pending') continue;
    signal(state.runner.pid, 'SIGKILL');
    await killByHome(paths.home);
  }
}

/** One repository for each row. */
export async function startImageCrashWorld(rows: number): Promise<ImageCrashWorld> {
  const [staging, final] = await Promise.all([startWatchedRegistry(), startWatchedRegistry()]);
  const hosts = { staging: staging.front.host, final: final.front.host };
  const world = await startServedWorld({
    organisations: rows,
    authors: ['ada', 'boss'],
    config: (_, index) => config(hosts.final, hosts.staging, `acme${index + 1}`),
    files,
  });
  const { github, redis, data, front } = world;
  const registries = join(data, 'registries.yaml');
  const rule = (host: string) =>
    `- { host: "${host}", repositories: ["**"], projects: ["**"], branches: ["*"], uses: [upload, promote], anonymous: true, insecure: true }\n`;
  await writeFile(registries, Object.values(hosts).map(rule).join(''));
  const onlooker = await startOnlooker(world);
  const running: { web: ServedProcess | null; worker: ServedProcess | null } = { web: null, worker: null };
  let workers = 0;

  async function end(role: 'web' | 'worker'): Promise<void> {
    await running[role]?.kill('SIGKILL');
    running[role] = null;
  }

  const start = async (): Promise<void> => {
    if (running.web === null) {
      running.web = world.serve('web');
      front.turnTo(await running.web.url());
    }
    if (running.worker === null) {
      const ahead = workers * awayMs;
      workers += 1;
      running.worker = world.work(`worker-${workers}`, limits, { ahead, reporter, registries });
    }
    await running.worker.ready();
    await world.redeliver();
  };
  await start();
  return {
    ...world,
    ...onlooker,
    staging,
    final,
    nameIn: (registry, repo, image) => {
      const below = registry === 'staging' ? `waiting/${hosts.final.replace(':', '-')}/` : '';
      return `${below}${ownerOf(repo)}/${image}`;
    },
    start,
    async kill(crash) {
      if (crash === 'everything') {
        front.turnTo();
        await end('web');
      }
      await end('worker');
      if (crash === 'everything') {
        await killBuilds(data);
        await redis.kill();
        await redis.restart();
      }
      // What a dead process has locked ends by itself, within seconds or minutes: so long ago it died.
      const client = redis.open();
      const locks = await Promise.all(
        ['pass:*', 'lease:*', 'bull:*:lock'].map((name) => client.keys(`sluice:${name}`)),
      );
      if (locks.flat().length > 0) await client.del(...locks.flat());
    },
    async openFor(index) {
      const repo = world.repos[index] ?? '';
      const { number, headSha: head } = await world.open(`row-${index}`, repo, 'ada');
      await github.review({ repo, number, by: 'boss', state: 'APPROVED' });
      return { repo, number, head };
    },
    async stop() {
      onlooker.close();
      await world.stop();
      await Promise.all([staging.stop(), final.stop()]);
    },
  };
}
