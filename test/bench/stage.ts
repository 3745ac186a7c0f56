import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { startPrivateRedis } from '../../src/adapters/redis/private-server.ts';
import { type Peer, startPeer } from './channel.ts';
import { sleep } from './clock.ts';
import { createSender, type Delivery, type SentDelivery } from './deliveries.ts';
import { endLater } from './endings.ts';
import { type CaughtDelivery, startSink } from './sink.ts';
import type { SluiceSettings } from './sluice-process.ts';

export interface StageOptions {
  readonly executor: SluiceSettings['executor'];
  readonly pace: SluiceSettings['pace'];
  /** `all`: one process; `split`: one that listens and one that works. */
  readonly processes: 'all' | 'split' | 'web-only';
  /** Files of the repository; null: one image's Dockerfile. */
  readonly files: Readonly<Record<string, string>> | null;
  /** Builds at once; left out: no limit. */
  readonly slots?: number;
  /** Which webhooks are kept back for the bench to send itself. */
  readonly holds: (delivery: CaughtDelivery) => boolean;
}

/** A stand-in GitHub, a Redis that has every write on disk before it answers, and Sluice: each a process of its own. */
export interface Stage {
  readonly folder: string;
  readonly redis: Redis;
  readonly redisPid: number;
  readonly github: Peer;
  readonly web: Peer;
  readonly worker: Peer;
  readonly webhookUrl: string;
  readonly app: {
    readonly appId: number;
    readonly webhookSecret: string;
    readonly repository: number;
    readonly installation: number;
    readonly fork: string;
  };
  heldCount(): number;
  /** Webhooks that were kept back, oldest first; taking them empties the list. */
  takeHeld(): CaughtDelivery[];
  /** Calls back with every webhook of the stand-in's, kept back or not. */
  hear(hear: (delivery: CaughtDelivery) => void): void;
  send(delivery: Delivery): Promise<SentDelivery>;
  stop(): Promise<void>;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}

async function ready(peer: Peer): Promise<Peer> {
  await peer.ready;
  return peer;
}

type App = Stage['app'] & SluiceSettings['app'];

async function startSluices(options: StageOptions, folder: string, redis: string, app: App) {
  const port = await freePort();
  const common = { redis, port, app, executor: options.executor, pace: options.pace };
  const size = options.slots === undefined ? {} : { slots: options.slots };
  const publicUrl = `http://127.0.0.1:${port}`;
  const start = (role: SluiceSettings['role'], name: string): Promise<Peer> => {
    const settings: SluiceSettings = { ...common, ...size, role, publicUrl, data: join(folder, name), worker: name };
    return ready(startPeer(join(import.meta.dirname, 'sluice-process.ts'), settings, ['--expose-gc']));
  };
  if (options.processes === 'split') {
    const web = await start('web', 'web');
    return { publicUrl, web, worker: await start('worker', 'worker') };
  }
  const one = await start(options.processes === 'web-only' ? 'web' : 'all', 'sluice');
  return { publicUrl, web: one, worker: one };
}

/** A Redis of our own that has every write on disk before it answers. */
export async function startBenchRedis(folder: string) {
  const outcome = await startPrivateRedis({ folder, path: process.env.PATH ?? '' });
  if (outcome.kind === 'absent') throw new Error(outcome.because);
  return outcome.server;
}

/** Starts it all; what fails half-way is ended. */
export async function startStage(options: StageOptions): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-bench-'));
  const endings: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true, maxRetries: 5 })];
  const stop = endLater(async () => {
    for (const end of endings.splice(0).reverse()) await end();
  });
  try {
    return await setUp(options, folder, endings, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function setUp(
  options: StageOptions,
  folder: string,
  endings: (() => Promise<unknown>)[],
  stop: () => Promise<void>,
): Promise<Stage> {
  const held: CaughtDelivery[] = [];
  const listeners: ((delivery: CaughtDelivery) => void)[] = [];
  let forward: ((delivery: Delivery) => Promise<SentDelivery>) | null = null;
  const sink = await startSink((delivery) => {
    for (const listener of listeners) listener(delivery);
    if (options.holds(delivery)) held.push(delivery);
    else void forward?.(delivery);
  });
  endings.push(sink.close);
  const server = await startBenchRedis(join(folder, 'redis'));
  endings.push(server.stop);
  const redis = new Redis(server.address);
  endings.push(async () => redis.disconnect());
  const github = await ready(
    startPeer(join(import.meta.dirname, 'github-process.ts'), { folder: join(folder, 'github'), sink: sink.url }),
  );
  endings.push(github.stop);
  const app = await github.call<App>('prepare', options.files);
  const { publicUrl, web, worker } = await startSluices(options, folder, server.address, app);
  endings.push(worker.stop);
  if (web !== worker) endings.push(web.stop);
  const webhookUrl = `${publicUrl}/api/github/webhooks`;
  const sender = createSender(webhookUrl, 'new');
  endings.push(async () => sender.close());
  forward = sender.send;
  if (options.processes !== 'web-only') await worker.call('resync');
  await sleep(300);
  return {
    folder,
    redis,
    redisPid: server.pid,
    github,
    web,
    worker,
    webhookUrl,
    app,
    heldCount: () => held.length,
    takeHeld: () => held.splice(0),
    hear: (listener) => void listeners.push(listener),
    send: sender.send,
    stop,
  };
}
