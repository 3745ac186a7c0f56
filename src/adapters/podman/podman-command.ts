import { spawn } from 'node:child_process';
import type { PodmanStore } from './settings.ts';
import { storeEnvironment } from './store.ts';

export interface PodmanResult {
  readonly code: number;
  readonly stdout: string;
  /** Podman's own words, without the prefix `Error: `. */
  readonly words: string;
}

/** Calls podman on this store and waits for its end; rejects only when the program cannot be started at all. */
export function runPodman(store: PodmanStore, args: readonly string[]): Promise<PodmanResult> {
  const { promise, resolve, reject } = Promise.withResolvers<PodmanResult>();
  const child = spawn(store.podman, args, {
    env: storeEnvironment(store.folder),
    cwd: '/',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on('data', (piece: Buffer) => out.push(piece));
  child.stderr.on('data', (piece: Buffer) => err.push(piece));
  child.once('error', (cause) => reject(new Error(`cannot start ${store.podman} ${args[0]}`, { cause })));
  child.once('close', (code) => {
    resolve({
      code: code ?? 255,
      stdout: Buffer.concat(out).toString(),
      words: wordsOf(Buffer.concat(err).toString()),
    });
  });
  return promise;
}

/** Like `runPodman`, and a failure is an exception that holds podman's words. */
export async function demandPodman(store: PodmanStore, args: readonly string[]): Promise<string> {
  const result = await runPodman(store, args);
  if (result.code !== 0) throw new Error(`podman ${args.join(' ')} failed with ${result.code}: ${result.words}`);
  return result.stdout;
}

/** Starts podman in a session of its own, so that it goes on when this process is killed, and does not wait for it. */
export function leavePodman(store: PodmanStore, args: readonly string[]): void {
  const child = spawn(store.podman, args, {
    env: storeEnvironment(store.folder),
    cwd: '/',
    stdio: 'ignore',
    detached: true,
  });
  // Whoever ordered it looks at the pod, not at this call; a podman that cannot be started is seen by the next listing.
  child.once('error', () => child.unref());
  child.unref();
}

/** Podman's output without log decoration, for people; where it only logged, what it logged. */
export function wordsOf(output: string): string {
  const lines = output.split('\n').filter((line) => line !== '');
  const plain = lines.filter((line) => !line.startsWith('time="')).map((line) => line.replace(/^Error: /, ''));
  const logged = lines.map((line) => /msg="(.*)"$/.exec(line)?.[1] ?? line);
  return (plain.length > 0 ? plain : logged).join(' ').slice(0, 2000);
}
