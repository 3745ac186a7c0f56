import { execFile } from 'node:child_process';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const program = join(import.meta.dirname, 'cluster');

/** Where the test cluster keeps its programs and image archives. */
export const clusterFolder = process.env.CLUSTER_DIR ?? join(homedir(), '.cache/sluice-cluster');

/** Calls `test/cluster/cluster`, which starts, fails and heals the parts of the cluster on this machine. */
export async function cluster(words: readonly string[], environment: Record<string, string> = {}): Promise<string> {
  const { stdout } = await promisify(execFile)(program, words, { env: { ...process.env, ...environment } });
  return stdout;
}

/** What waits for the API server for up to half a minute between two looks, each in turn. */
const waiting = ['scheduler', 'kubelet'];

/** Fails one part while `during` runs, and heals it whatever comes of that. */
export async function without(part: 'apiserver' | 'etcd' | 'kubelet', during: () => Promise<void>): Promise<void> {
  await cluster(['kill', part]);
  try {
    await during();
  } finally {
    await cluster(['start', part]);
    if (part !== 'kubelet') for (const other of waiting) await restart(other);
  }
}

/** Kills one part and starts it again, with these of its settings. */
export async function restart(part: string, environment: Record<string, string> = {}): Promise<void> {
  await cluster(['kill', part]);
  await cluster(['start', part], environment);
}
