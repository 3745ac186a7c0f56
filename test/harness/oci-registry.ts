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
  const host = `127.0.0.1:${await freePort('127.0.0.1')}`;
  const config = {
    version: '0.1',
    log: { level: 'error', accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: storage }, delete: { enabled: deletion } },
    http: { addr: host, ...(tls ? { tls } : {}) },
    ...(auth ? { auth } : {}),
  };
  const file = join(folder, 'registry.json');
  await writeFile(file, JSON.stringify(config));
  const child = spawn('docker-registry', ['serve', file], { stdio: 'ignore' });
  // Should the test runner be ended before `stop`.
  const endWithUs = () => {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  };
  process.once('exit', endWithUs);
  await untilListens(host, child).catch((cause: unknown) => {
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
      const ended = child.exitCode === null ? new Promise((resolve) => child.once('exit', resolve)) : null;
      child.kill('SIGKILL');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function untilListens(host: string, child: ChildProcess): Promise<void> {
  let failure: Error | null = null;
  child.once('error', (error) => {
    failure = error;
  });
  for (let tries = 0; tries < 400; tries += 1) {
    if (failure !== null) throw failure;
    if (child.exitCode !== null) throw new Error(`docker-registry ended with ${child.exitCode}`);
    // A registry with TLS answers this in the clear, too, if only with a complaint.
    const answer = await fetch(`http://${host}/v2/`).catch(() => null);
    await answer?.body?.cancel();
    if (answer !== null) return;
    await sleep(25);
  }
  throw new Error(`docker-registry did not answer at ${host}`);
}
