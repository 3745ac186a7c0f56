import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import { startEmbeddedRedis } from '../../src/adapters/redis/embedded-server.ts';
import type { ConnectionOptions } from '../../src/adapters/redis/open-redis.ts';
import { closeRedis, openRedis } from '../../src/adapters/redis/open-redis.ts';
import type { PrivateServer } from '../../src/adapters/redis/private-server.ts';
import { startPrivateRedis } from '../../src/adapters/redis/private-server.ts';
import type { Log } from '../../src/ports/log.ts';

export interface LogLine {
  readonly level: 'error' | 'warn' | 'info' | 'debug';
  readonly fields: object;
  readonly message: string;
}

/** A log that keeps its lines. */
export function keepingLog(): Log & { readonly lines: LogLine[] } {
  const lines: LogLine[] = [];
  const at = (level: LogLine['level']) => (fields: object, message: string) =>
    void lines.push({ level, fields, message });
  return { lines, error: at('error'), warn: at('warn'), info: at('info'), debug: at('debug') };
}

/** A Redis of one test file's own; `stop` ends it and removes all it left, whatever state it is in. */
export interface TestRedis {
  readonly address: string;
  readonly real: boolean;
  /** A connection that `stop` closes. */
  open(options?: ConnectionOptions): Redis;
  /** Sends the process a signal; only with a real server. */
  signal(name: NodeJS.Signals): void;
  /** SIGKILL, as a power cut of the process. */
  kill(): Promise<void>;
  /** Starts again on the same data and address after `kill`. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** A private redis-server with every write on disk, or one inside the process, said loudly, where there is none. */
export async function startTestRedis(settings: readonly string[] = []): Promise<TestRedis> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-redis-'));
  const start = async (): Promise<PrivateServer | null> => {
    const outcome = await startPrivateRedis({ folder, path: process.env.PATH ?? '', settings });
    return outcome.kind === 'started' ? outcome.server : null;
  };
  const server = await start();
  if (server === null) {
    await rm(folder, { recursive: true });
    console.error('redis-server is not installed: these tests run on js-redis-server, which shows less.');
    return startEmbeddedTestRedis();
  }
  return ownServer(folder, server, start);
}

/** One inside this process; it cannot be killed or paused. */
export async function startEmbeddedTestRedis(): Promise<TestRedis> {
  const embedded = await startEmbeddedRedis();
  const { open, closeAll } = connections(embedded.address);
  const never = () => {
    throw new Error('the embedded Redis has no process of its own');
  };
  return {
    address: embedded.address,
    real: false,
    open,
    signal: never,
    kill: never,
    restart: never,
    async stop() {
      await closeAll();
      await embedded.stop();
    },
  };
}

function ownServer(folder: string, first: PrivateServer, start: () => Promise<PrivateServer | null>): TestRedis {
  let server = first;
  // Should the test runner be ended before `stop`.
  const endWithUs = () => process.kill(server.pid, 'SIGKILL');
  process.once('exit', endWithUs);
  const { open, closeAll } = connections(first.address);
  return {
    address: first.address,
    real: true,
    open,
    signal: (name) => void process.kill(server.pid, name),
    kill: () => killNow(server),
    async restart() {
      const next = await start();
      if (next === null) throw new Error('redis-server is gone');
      server = next;
    },
    async stop() {
      process.off('exit', endWithUs);
      await closeAll();
      await killNow(server);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** SIGTERM would not be heard by a paused one; one that has ended already is left alone. */
async function killNow(server: PrivateServer): Promise<void> {
  const isRunning = Symbol('running');
  if ((await Promise.race([server.ended, Promise.resolve(isRunning)])) !== isRunning) return;
  process.kill(server.pid, 'SIGKILL');
  await server.ended;
}

function connections(address: string) {
  const opened: Redis[] = [];
  return {
    open(options: ConnectionOptions = {}) {
      const redis = openRedis(address, keepingLog(), options);
      opened.push(redis);
      return redis;
    },
    async closeAll() {
      await Promise.all(opened.map(closeRedis));
    },
  };
}
