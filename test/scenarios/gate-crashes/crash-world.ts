import { tracedCommand } from '../../harness/evidence.ts';
import { type Onlooker, startOnlooker } from '../../harness/onlooker.ts';
import type { ServedProcess } from '../../harness/served-process.ts';
import { type ServedWorld, startServedWorld } from '../../harness/served-world.ts';
import { startTcpProxy, type TcpProxy } from '../../harness/tcp-proxy.ts';
import type { CrashedChange } from './crash-points.ts';
import type { CrashRow } from './crash-rows.ts';

/** What ends with the worker: nothing more, whatever listens for webhooks, or that and all that Redis keeps. */
export type CrashKind = 'worker' | 'everything' | 'everything-and-redis';

/** A listening and a working process, each before a proxy of its own to Redis, that die and are followed by others. */
export interface CrashWorld extends ServedWorld, Pick<Onlooker, 'readMain' | 'conclusionsOn'> {
  /** The proxies of the processes that run now. */
  readonly proxies: { web: TcpProxy; worker: TcpProxy };
  /** Kills what this kind of crash ends, and the web process where `web` says so. */
  kill(kind: CrashKind, web: boolean): Promise<void>;
  /** Starts what is not running, and has delivered again what nobody took. */
  start(): Promise<void>;
  openFor(index: number): Promise<CrashedChange>;
}

/** Its builds wait while the file of this name is there. */
export function gateFile(evidence: string, text: string): string {
  return `${evidence}.${text}`;
}

function config(evidence: string, method: 'merge' | 'squash'): string {
  const wait = `while [ -e "${gateFile(evidence, '$(sed "s/.*#//; s/ .*//" who)')}" ]; do sleep 0.05; done`;
  return [
    'apiVersion: sluice/v1',
    'jobs:',
    '  unit:',
    '    on: gate',
    '    image: localhost/busybox:1',
    `    run: ${JSON.stringify(tracedCommand(evidence, 'unit', wait))}`,
    `gate: { requires: { approvals: 1 }, method: ${method} }`,
    '',
  ].join('\n');
}

// What was being written when its process died is tried again within seconds, and nothing waits for a rate.
const reporter = { writeLimitMs: 2_000, coalesceMs: 50, firstRetryMs: 100, limiter: { max: 1_000, duration: 1_000 } };
/** So much later, to its clock, the next process comes: a push that was lost is waited for so long. */
const awayMs = 160_000;
const limits = { pool: 20, perRepository: 20, perAuthor: 20 };

/** One repository for each row. */
export async function startCrashWorld(rows: readonly CrashRow[]): Promise<CrashWorld> {
  const world = await startServedWorld({
    organisations: rows.length,
    authors: ['ada', 'boss'],
    config: (evidence, index) => config(evidence, rows[index]?.method ?? 'merge'),
  });
  const { github, redis, front } = world;
  const onlooker = await startOnlooker(world);
  const proxies = { web: await startTcpProxy(redis.address), worker: await startTcpProxy(redis.address) };
  const running: { web: ServedProcess | null; worker: ServedProcess | null } = { web: null, worker: null };
  let workers = 0;

  async function renew(role: 'web' | 'worker'): Promise<string> {
    await proxies[role].close();
    proxies[role] = await startTcpProxy(redis.address);
    return `redis://127.0.0.1:${proxies[role].port}`;
  }

  async function end(role: 'web' | 'worker'): Promise<void> {
    await running[role]?.kill('SIGKILL');
    running[role] = null;
    await proxies[role].close();
  }

  const start = async (): Promise<void> => {
    if (running.web === null) {
      running.web = world.serve('web', {}, await renew('web'));
      front.turnTo(await running.web.url());
    }
    if (running.worker === null) {
      const ahead = workers * awayMs;
      workers += 1;
      running.worker = world.work(`worker-${workers}`, limits, { redis: await renew('worker'), ahead, reporter });
    }
    await running.worker.ready();
    await world.redeliver();
  };
  await start();
  return {
    ...world,
    ...onlooker,
    proxies,
    start,
    async kill(kind, web) {
      if (kind !== 'worker' || web) {
        front.turnTo();
        await end('web');
      }
      await end('worker');
      const client = redis.open();
      if (kind === 'everything-and-redis') await client.flushall();
      // What a dead process has locked ends by itself, within seconds or minutes: so long ago it died.
      const locks = await Promise.all(
        ['pass:*', 'lease:*', 'bull:*:lock'].map((name) => client.keys(`sluice:${name}`)),
      );
      if (locks.flat().length > 0) await client.del(...locks.flat());
    },
    async openFor(index) {
      const repo = world.repos[index] ?? '';
      const text = `row-${index}`;
      const pull = await world.open(text, repo, 'ada');
      await github.review({ repo, number: pull.number, by: 'boss', state: 'APPROVED' });
      return { repo, repositoryId: await onlooker.repositoryId(repo), number: pull.number, head: pull.headSha, text };
    },
    async stop() {
      onlooker.close();
      await proxies.web.close();
      await proxies.worker.close();
      await world.stop();
    },
  };
}
