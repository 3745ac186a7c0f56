import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';

export interface DemoRegistry {
  /** `host:port`, as in image names. */
  readonly address: string;
  /** A digest over every file it keeps: equal exactly if nothing at all was stored, changed or removed. */
  fingerprint(): Promise<string>;
  stop(): Promise<void>;
  /** With SIGKILL, in the middle of whatever it does. */
  kill(): Promise<void>;
  /** The same one after `stop` or `kill`: at its address, with what it kept. */
  startAgain(): Promise<void>;
}

/** A port that nobody listens on at this moment. */
export async function freePort(host: string): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, host, resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof address !== 'object' || address === null) throw new Error(`no free port on ${host}`);
  return address.port;
}

async function untilAnswers(url: string, child: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    if (child.exitCode !== null) throw new Error(`docker-registry ended with ${child.exitCode}`);
    const answer = await fetch(url).catch((cause: unknown) =>
      cause instanceof Error ? cause : new Error(String(cause)),
    );
    if (!(answer instanceof Error)) return void (await answer.body?.cancel());
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`docker-registry did not answer at ${url}`);
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

function endOf(child: ChildProcess): Promise<void> {
  return child.exitCode !== null || child.signalCode !== null
    ? Promise.resolve()
    : new Promise((resolve) => child.once('exit', () => resolve()));
}

async function serve(file: string, address: string, path: string): Promise<ChildProcess> {
  const child = spawn('docker-registry', ['serve', file], { stdio: 'ignore', env: { PATH: path } });
  child.once('error', () => undefined);
  await untilAnswers(`http://${address}/v2/`, child);
  return child;
}

/** A real OCI registry (docker-registry) below `folder`, reachable at `host` only, and by those in its password file. */
export async function startRegistry(
  folder: string,
  host: string,
  path: string,
  htpasswd: string | null = null,
): Promise<DemoRegistry> {
  const address = `${host}:${await freePort(host)}`;
  const storage = join(folder, 'storage');
  await mkdir(storage, { recursive: true });
  const config = {
    version: '0.1',
    log: { level: 'error', accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: storage }, delete: { enabled: true } },
    http: { addr: address },
    ...(htpasswd === null ? {} : { auth: { htpasswd: { realm: 'demo', path: htpasswd } } }),
  };
  const file = join(folder, 'registry.json');
  await writeFile(file, JSON.stringify(config));
  let child = await serve(file, address, path);
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    child.kill(signal);
    await endOf(child);
  };
  return {
    address,
    async fingerprint() {
      const hash = createHash('sha256');
      for (const each of await filesBelow(storage)) hash.update(each).update(await readFile(each));
      return hash.digest('hex').slice(0, 16);
    },
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    async startAgain() {
      child = await serve(file, address, path);
    },
  };
}
