import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { PodManifest } from '../../src/model/pod.ts';
import type { PodSecrets } from '../../src/ports/executor.ts';

/**
 * What workers that died in the middle of a start leave in this folder, on purpose: it is swept once it is ten minutes old. `isOf`:
 * whether something there is such a thing; `note`: looks for it, right after one died.
 */
export function remainsOf(folder: string) {
  const drafts = new Set<string>();
  return {
    isOf: (name: string): boolean => drafts.has(name),
    note: async (): Promise<void> => {
      for (const name of await readdir(join(folder, 'builds'))) if (name.startsWith('.draft-')) drafts.add(name);
    },
  };
}

/** Starts a build from a process of its own and kills that by SIGKILL: `called` kills it in the middle of the start. */
export async function startAndDie(
  executor: { readonly kind: 'podman' | 'process' | 'kubernetes'; readonly settings: object },
  manifest: PodManifest,
  secrets: PodSecrets,
  until: 'called' | 'answered',
): Promise<void> {
  const program = fileURLToPath(new URL('start-and-die.ts', import.meta.url));
  const worker = spawn(process.execPath, [program], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(worker, 'exit');
  try {
    worker.stdin.end(JSON.stringify({ ...executor, manifest, secrets }));
    for await (const text of worker.stdout) if (String(text).includes(until)) break;
    if (until === 'called') await sleep(60);
  } finally {
    worker.kill('SIGKILL');
    await ended;
  }
}
