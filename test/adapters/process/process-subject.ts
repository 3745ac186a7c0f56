import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createProcessExecutor } from '../../../src/adapters/process/executor.ts';
import type { ProcessSettings } from '../../../src/adapters/process/settings.ts';
import { remainsOf, startAndDie } from '../../contract/dying-worker.ts';
import type { ExecutorSubject } from '../../contract/executor-rig.ts';

const run = promisify(execFile);

/** Settings over a new folder, which the caller removes. */
export async function makeProcessSettings(): Promise<ProcessSettings> {
  return {
    folder: await mkdtemp(join(tmpdir(), 'sluice-process-')),
    owner: 'contract',
    stepCommand: ['/bin/sh'],
    allowed: 'trusted-only',
    acceptUntrusted: false,
    node: process.execPath,
    searchPath: '/usr/local/bin:/usr/bin:/bin',
    logLimit: 64 * 1024 * 1024,
    now: Date.now,
  };
}

/** Builds on record, and processes that were started for one. */
export async function processLeftovers({ folder }: ProcessSettings): Promise<readonly string[]> {
  const { stdout } = await run('ps', ['-eo', 'pid,args']);
  const processes = stdout.split('\n').filter((line) => line.includes(folder));
  return [...processes, ...(await readdir(join(folder, 'builds')))];
}

/** Plain processes for the contract suite. */
export async function processSubject(): Promise<ExecutorSubject> {
  const settings = await makeProcessSettings();
  const executor = createProcessExecutor(settings);
  const remains = remainsOf(settings.folder);
  return {
    owner: settings.owner,
    executor,
    another: (owner) => createProcessExecutor({ ...settings, owner }),
    startAndDie: async (manifest, secrets, until) => {
      await startAndDie({ kind: 'process', settings }, manifest, secrets, until);
      await remains.note();
    },
    leftovers: async () => (await processLeftovers(settings)).filter((name) => !remains.isOf(name)),
    end: async () => {
      await executor.close();
      await rm(settings.folder, { recursive: true, force: true });
    },
  };
}
