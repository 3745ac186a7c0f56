import { type ChildProcess, spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../src/demo/scenario/registry.ts';

/** Further sections of its configuration. */
export interface RegistryWishes {
  readonly auth?: object;
  readonly deletion?: boolean;
  /** What another one has, and both have then; left out: nothing yet. */
  readonly storage?: string;
  readonly tls?: { readonly certificate: string; readonly key: string };
}

/** A real registry of one test file's own. */
export interface TestRegistry {
  /** `127.0.0.1:PORT`, as in image names. */
  readonly host: string;
  readonly base: string;
  /** Where it keeps what it has. */
  readonly storage: string;
  stop(): Promise<void>;
}

export async function startOciRegistry(wishes: RegistryWishes = {}): Promise<TestRegistry> {
  const { auth, deletion = false, tls } = wishes;
  const folder = await mkdtemp(join(tmpdir(), 'sluice-registry-'));
  const storage = wishes.storage ?? join(folder, 'storage');
  await mkdir(storage, { recursive: true });
  const config = {
    version: '0.1',
    log: { level: 'error', accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: storage }, delete: { enabled: deletion } },
    http: { headers: { [nameHeader]: [folder] }, ...(tls ? { tls } : {}) },
    ...(auth ? { auth } : {}),
  };
  // Should the test runner be ended before `stop`.
  const endWithUs = () => rmSync(folder, { recursive: true, force: true });
  process.once('exit', endWithUs);
  const { host, child, letGo } = await serve(folder, config).catch((cause: unknown) => {
    process.off('exit', endWithUs);
    endWithUs();
    throw cause;
  });
  return {
    host,
    base: `${tls ? 'https' : 'http'}://${host}`,
    storage,
    async stop() {
      process.off('exit', endWithUs);
      letGo();
      const ended = child.exitCode === null ? new Promise((resolve) => child.once('exit', resolve)) : null;
      child.kill('SIGKILL');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Whose answer it is: another process may have taken the port in the moment that nobody had it. */
const nameHeader = 'X-Test-Registry';

interface Serving {
  readonly host: string;
  readonly child: ChildProcess;
  /** It does not end with the test runner any more. */
  letGo(): void;
}

async function serve(folder: string, config: { readonly http: object }, left = 5): Promise<Serving> {
  const host = `127.0.0.1:${await freePort('127.0.0.1')}`;
  const file = join(folder, 'registry.json');
  await writeFile(file, JSON.stringify({ ...config, http: { addr: host, ...config.http } }));
  const child = spawn('docker-registry', ['serve', file], { stdio: 'ignore' });
  const end = () => void child.kill('SIGKILL');
  process.once('exit', end);
  const letGo = () => void process.off('exit', end);
  const outcome = await untilListens(host, folder, child).catch((cause: unknown) => {
    letGo();
    end();
    throw cause;
  });
  if (outcome === 'listens') return { host, child, letGo };
  letGo();
  if (left === 0) throw new Error(`docker-registry ended with ${child.exitCode}`);
  return serve(folder, config, left - 1);
}

async function untilListens(host: string, name: string, child: ChildProcess): Promise<'listens' | 'ended'> {
  let failure: Error | null = null;
  child.once('error', (error) => {
    failure = error;
  });
  for (let tries = 0; tries < 400; tries += 1) {
    if (failure !== null) throw failure;
    if (child.exitCode !== null) return 'ended';
    const answer = await fetch(`http://${host}/v2/`).catch(() => null);
    const text = await answer?.text();
    // A registry with TLS answers this in the clear, too, if only with a complaint.
    if (answer?.headers.get(nameHeader) === name || text?.includes('HTTP request to an HTTPS server')) return 'listens';
    await sleep(25);
  }
  throw new Error(`docker-registry did not answer at ${host}`);
}
