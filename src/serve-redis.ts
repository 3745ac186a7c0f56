import { join } from 'node:path';
import { checkServer } from './adapters/redis/check-server.ts';
import { startEmbeddedRedis } from './adapters/redis/embedded-server.ts';
import { closeRedis, openRedis, whyNoAnswer } from './adapters/redis/open-redis.ts';
import { startPrivateRedis } from './adapters/redis/private-server.ts';
import { cliError } from './cli/exit-codes.ts';
import type { Log } from './ports/log.ts';

/** A Redis to work with, and what must be ended with us. */
export interface ServedRedis {
  readonly address: string;
  /** For people, without credentials. */
  readonly description: string;
  readonly warnings: readonly string[];
  /** Started by us: what it keeps was said with the warnings, and only whether it answers is asked later. */
  readonly ours: boolean;
  stop(): Promise<void>;
}

export interface RedisWishes {
  /** Null: one of our own. */
  readonly address: string | null;
  readonly data: string;
  readonly path: string;
  readonly role: 'web' | 'worker' | 'all';
}

/** Where a server that keeps its state in `data` has the Redis of its own. */
export function privateRedisIn(data: string): { readonly folder: string; readonly socket: string } {
  const folder = join(data, 'redis');
  return { folder, socket: join(folder, 'redis.sock') };
}

/** An address as it may be shown. */
export function withoutPassword(address: string): string {
  if (!URL.canParse(address)) return address;
  const url = new URL(address);
  if (url.password !== '') url.password = '***';
  return url.href;
}

async function checked(address: string, log: Log): Promise<readonly string[]> {
  const redis = openRedis(address, log);
  try {
    const problems = await checkServer(redis);
    const refusals = problems.filter(({ severity }) => severity === 'refuse').map(({ because }) => because);
    if (refusals.length > 0)
      throw cliError(
        'failed',
        `this Redis cannot keep our promises:\n${refusals.map((because) => `  ${because}`).join('\n')}`,
      );
    return problems.map(({ because }) => because);
  } catch (cause) {
    if (cause instanceof Error && 'kind' in cause) throw cause;
    throw cliError(
      'unreachable',
      `Redis at ${withoutPassword(address)} gives no answer: ${whyNoAnswer(redis, cause)}`,
      cause,
    );
  } finally {
    await closeRedis(redis);
  }
}

/** A named Redis is checked and refused where it cannot keep a promise; else a private one, else one inside this process. */
export async function openServedRedis(wishes: RedisWishes, log: Log): Promise<ServedRedis> {
  const { address, role } = wishes;
  if (address !== null) {
    const warnings = await checked(address, log);
    return { address, description: withoutPassword(address), warnings, ours: false, stop: async () => {} };
  }
  if (role !== 'all')
    throw cliError('usage', `with --role ${role} several processes share one Redis: name it by --redis or REDIS_URL`);
  const { folder } = privateRedisIn(wishes.data);
  const outcome = await startPrivateRedis({ folder, path: wishes.path });
  if (outcome.kind === 'absent') {
    const embedded = await startEmbeddedRedis();
    return {
      address: embedded.address,
      description: 'inside this process',
      warnings: [embedded.warning],
      ours: true,
      stop: embedded.stop,
    };
  }
  const { server } = outcome;
  return {
    address: server.address,
    description: `a server of our own in ${folder}`,
    warnings: [],
    ours: true,
    stop: () => server.stop(),
  };
}
