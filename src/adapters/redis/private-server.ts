import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { access, constants, mkdir } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { Redis } from 'ioredis';
import { endsWithin } from './deadline.ts';
import { takeFolder } from './folder-owner.ts';

export interface PrivateServerOptions {
  /** Where it keeps its data and its socket; made when missing. One server per folder. */
  readonly folder: string;
  /** The search path for `redis-server` and `valkey-server`, as in `PATH`. */
  readonly path: string;
  /** Appended to its command line, as `['--maxmemory', '100mb']`; for tests. */
  readonly settings?: readonly string[];
}

export interface PrivateServer {
  /** For `openRedis`. */
  readonly address: string;
  readonly pid: number;
  /** Resolves with the reason when the process has ended, asked to or not. */
  readonly ended: Promise<string>;
  /** Ends it after it has written its data; again changes nothing. */
  stop(): Promise<void>;
}

export type PrivateServerOutcome =
  | { readonly kind: 'started'; readonly server: PrivateServer }
  /** No `redis-server` or `valkey-server` on the path; the sentence says how to get one. */
  | { readonly kind: 'absent'; readonly because: string };

const readyLimitMs = 20_000;

/**
 * Starts a Redis of our own on a unix socket, with every write on disk before it is answered; what an earlier one left in
 * the folder is loaded. Throws with its last words when it ends before it is ready.
 */
export async function startPrivateRedis(options: PrivateServerOptions): Promise<PrivateServerOutcome> {
  const program = await findProgram(['redis-server', 'valkey-server'], options.path);
  if (program === null) {
    const because =
      'no redis-server or valkey-server on the PATH; "apt install redis-server" or "brew install redis" gives one';
    return { kind: 'absent', because };
  }
  await mkdir(options.folder, { recursive: true });
  const address = join(options.folder, 'redis.sock');
  await takeFolder(options.folder, address);
  // In a group of its own, so that Ctrl-C ends us first and we end it.
  const child = spawn(program, argumentsFor(address, options), {
    cwd: options.folder,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const server = own(child, address);
  await untilReady(server, lastWords(child));
  return { kind: 'started', server };
}

function argumentsFor(socket: string, options: PrivateServerOptions): string[] {
  // Linux allows 107 characters for a socket's path.
  if (Buffer.byteLength(socket) > 100)
    throw new Error(`the path ${socket} is too long for a unix socket: use a shorter folder`);
  const durable = ['--appendonly', 'yes', '--appendfsync', 'always', '--maxmemory-policy', 'noeviction', '--save', ''];
  const place = ['--port', '0', '--unixsocket', socket, '--unixsocketperm', '700', '--dir', options.folder];
  return [...place, ...durable, '--daemonize', 'no', ...(options.settings ?? [])];
}

function own(child: ChildProcess, address: string): PrivateServer {
  const ended = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => resolve(signal === null ? `exit code ${code}` : `signal ${signal}`));
    child.once('error', (error) => resolve(error.message));
  });
  return {
    address,
    pid: child.pid ?? 0,
    ended,
    async stop() {
      if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      // With everything on disk already, killing loses nothing.
      if (!(await endsWithin(5000, ended))) child.kill('SIGKILL');
      await ended;
    },
  };
}

async function untilReady(server: PrivateServer, words: () => string): Promise<void> {
  const redis = new Redis(server.address, { maxRetriesPerRequest: null, retryStrategy: () => 20 });
  // Until the socket is there, every attempt is an error.
  let last = 'nothing yet';
  redis.on('error', (error: Error) => {
    last = error.message;
  });
  try {
    const answered = redis.ping().then(() => 'ready');
    const early = server.ended.then((reason) => `ended with ${reason}: ${words()}`);
    const late = endsWithin(readyLimitMs, server.ended).then(
      () => `no answer within ${readyLimitMs} ms (${last}): ${words()}`,
    );
    const outcome = await Promise.race([answered, early, late]);
    if (outcome === 'ready') return;
    await server.stop();
    throw new Error(`the private Redis on ${server.address} did not start: ${outcome}`);
  } finally {
    redis.disconnect();
  }
}

/** What the server printed lately, to be told when it fails. */
function lastWords(child: ChildProcess): () => string {
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      text = (text + chunk).slice(-1000);
    });
  }
  return () => text.trim();
}

async function findProgram(names: readonly string[], path: string): Promise<string | null> {
  const files = names.flatMap((name) => path.split(delimiter).map((folder) => join(folder, name)));
  for (const file of files) {
    if (await isExecutable(file)) return file;
  }
  return null;
}

async function isExecutable(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
