import type { Redis } from 'ioredis';
import { isAtLeast, serverVersion, setting } from './durability.ts';
import { isOpenToAll } from './server-access.ts';

/** Something about the server that a person should change; with `refuse` a promise of ours cannot be kept on it. */
export interface ServerProblem {
  readonly severity: 'refuse' | 'warn';
  readonly because: string;
}

/** What is wrong with this server for our use; empty when nothing is. Rejects when it cannot be asked. */
export async function checkServer(redis: Redis): Promise<readonly ServerProblem[]> {
  const [version, policy, memory, appendonly, fsync, open] = await Promise.all([
    serverVersion(redis),
    setting(redis, 'maxmemory-policy'),
    setting(redis, 'maxmemory'),
    setting(redis, 'appendonly'),
    setting(redis, 'appendfsync'),
    isOpenToAll(redis),
  ]);
  return [
    ...versionProblems(version),
    ...evictionProblems(policy, memory),
    ...durabilityProblems(appendonly, fsync, version),
    ...accessProblems(open),
  ];
}

function versionProblems(version: string): ServerProblem[] {
  if (version === '') return [{ severity: 'warn', because: 'The server does not tell its version; 6.2 is needed.' }];
  if (isAtLeast(version, 6, 2)) return [];
  return [{ severity: 'refuse', because: `Redis ${version} is too old: install 6.2 or newer, best 7.2 or newer.` }];
}

function evictionProblems(policy: string | null, memory: string | null): ServerProblem[] {
  if (policy === 'noeviction') return [];
  if (policy === null) {
    return [{ severity: 'warn', because: 'maxmemory-policy cannot be read here: make sure that it is "noeviction".' }];
  }
  const advice = 'Run `CONFIG SET maxmemory-policy noeviction` and write it into redis.conf.';
  const because = `maxmemory-policy is "${policy}": a full Redis would silently drop webhooks and queued changes. ${advice}`;
  return [{ severity: memory === '0' ? 'warn' : 'refuse', because }];
}

function durabilityProblems(appendonly: string | null, fsync: string | null, version: string): ServerProblem[] {
  if (appendonly === null) {
    return [{ severity: 'warn', because: 'appendonly cannot be read here: make sure that the server keeps an AOF.' }];
  }
  if (appendonly === 'no') {
    const advice = 'Run `CONFIG SET appendonly yes` and write it into redis.conf.';
    return [
      { severity: 'refuse', because: `appendonly is "no": a restart would lose acknowledged webhooks. ${advice}` },
    ];
  }
  if (fsync === 'no') {
    const advice = 'Set it to "everysec" or "always".';
    return [
      { severity: 'refuse', because: `appendfsync is "no": a crash could lose half a minute of webhooks. ${advice}` },
    ];
  }
  if (fsync === 'always' || isAtLeast(version, 7, 2)) return [];
  const because = `appendfsync is "${fsync}" on Redis ${version}, which has no WAITAOF: a power cut could lose one second of acknowledged webhooks. Set appendfsync to "always" or install 7.2 or newer.`;
  return [{ severity: 'warn', because }];
}

function accessProblems(open: boolean): ServerProblem[] {
  if (!open) return [];
  const advice = 'Give its default user a password (requirepass), or turn it off and give Sluice a user of its own.';
  const because = `Whoever reaches this Redis may do everything in it without a password, also over other addresses than this machine's own. ${advice}`;
  return [{ severity: 'warn', because }];
}
