import { writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { isRunning, killByHome, signal } from './process-mark.ts';
import {
  type BuildRecord,
  type BuildState,
  buildPaths,
  hasCode,
  isMissing,
  pathsIn,
  readJson,
  removeFolder,
  writeJson,
} from './record.ts';
import type { EndOrder } from './run-pod.ts';

/** Asks the build to end; its runner does the rest. */
export async function stopBuild(builds: string, name: string): Promise<void> {
  const paths = buildPaths(builds, name);
  const record = await readJson<BuildRecord>(paths.record);
  if (record === null) return;
  const graceSeconds = record.manifest.spec.terminationGracePeriodSeconds;
  await orderEnd(paths.ended, { reason: 'Stopped', message: null, graceSeconds });
  await tellRunner(paths.folder);
}

async function orderEnd(path: string, order: EndOrder): Promise<void> {
  try {
    await writeFile(path, JSON.stringify(order), { flag: 'wx', mode: 0o600 });
  } catch (cause) {
    if (!hasCode(cause, 'EEXIST') && !isMissing(cause)) throw new Error(`cannot write ${path}`, { cause });
  }
}

/** Ends the build at once and removes all it left. */
export async function removeBuild(builds: string, name: string): Promise<void> {
  const paths = buildPaths(builds, name);
  const record = await readJson<BuildRecord>(paths.record);
  if (record === null) return;
  await writeJson(paths.ended, { reason: 'Removed', message: null, graceSeconds: 0 });
  for (let waited = 0; waited < 5_000 && (await tellRunner(paths.folder)); waited += 50) await sleep(50);
  await killRunner(paths.folder);
  await killByHome(paths.home);
  await removeFolder(builds, name);
}

/** What a runner that was killed left running; its containers do not end by themselves. */
export async function killOrphans(folder: string): Promise<void> {
  await killByHome(pathsIn(folder).home);
}

/** False when there is none, or it is over. */
async function tellRunner(folder: string): Promise<boolean> {
  const state = await readJson<BuildState>(pathsIn(folder).state);
  if (state === null || !(await isRunning(state.runner))) return false;
  signal(state.runner.pid, 'SIGTERM');
  return true;
}

async function killRunner(folder: string): Promise<void> {
  const state = await readJson<BuildState>(pathsIn(folder).state);
  if (state !== null && (await isRunning(state.runner))) signal(state.runner.pid, 'SIGKILL');
}
