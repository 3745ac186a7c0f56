import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { webAppId, webRoleOptions, webSecret } from './web-role.ts';

export interface WebProcess {
  readonly url: string;
  readonly pid: number;
  /** SIGKILL; resolves when it has ended, again at once. */
  kill(): Promise<void>;
}

/** It must not outlive a test that gave up waiting for it. */
const startLimitMs = 40_000;

/** A process of its own that only listens, as `web-process.ts` is. */
export async function spawnWeb(redis: string, prefix: string): Promise<WebProcess> {
  const { data, jobsFolder, pool, github } = webRoleOptions({ redis });
  const { privateKey, apiUrl } = github;
  const told = { redis, prefix, data, jobsFolder, pool, secret: webSecret };
  const settings = JSON.stringify({ ...told, github: { appId: webAppId, privateKey, apiUrl } });
  const child = spawn(process.execPath, [join(import.meta.dirname, 'web-process.ts'), settings], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const late = setTimeout(() => child.kill('SIGKILL'), startLimitMs);
  const [line] = await Promise.race([once(child.stdout, 'data'), ended.then(() => [])]);
  clearTimeout(late);
  if (line === undefined) throw new Error(`the web process ended with ${child.exitCode ?? child.signalCode}`);
  return { url: String(line).trim(), pid: child.pid ?? 0, kill: () => killNow(child, ended) };
}

async function killNow(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  child.kill('SIGKILL');
  await ended;
}
