import type { Redis } from 'ioredis';
import { waitUntilOnDisk } from './durability.ts';

export interface DiskSync {
  /** Resolves when all that the server had answered before the call is on its disk; rejects when it does not say so. */
  onDisk(): Promise<void>;
  /** The connections it has opened; for the caller to close. */
  readonly connections: readonly Redis[];
}

const spacingMs = 100;
const waitMs = 1500;

/**
 * Waits for the server's next fsync, with `everysec` up to a second, for many writes at once. WAITAOF holds up its whole
 * connection and speaks of that connection's last write only; so each round has a connection of its own, which writes a
 * mark: the AOF is one sequence, and with the mark all before it is on disk. Rounds start at least 100 ms apart.
 */
export function createDiskSync(open: () => Redis, markKey: string): DiskSync {
  const connections: Redis[] = [];
  const free: Redis[] = [];
  let next: Promise<void> | null = null;
  let lastStart = 0;

  const round = async (): Promise<void> => {
    const wait = Math.max(0, lastStart + spacingMs - performance.now());
    await new Promise((resolve) => setTimeout(resolve, wait));
    next = null;
    lastStart = performance.now();
    const redis = free.pop() ?? opened();
    try {
      await redis.set(markKey, '1');
      await waitUntilOnDisk(redis, waitMs);
    } finally {
      free.push(redis);
    }
  };
  const opened = () => {
    const redis = open();
    connections.push(redis);
    return redis;
  };
  return {
    onDisk() {
      // A round that has not begun will write its mark after what was answered by now.
      next ??= round();
      return next;
    },
    connections,
  };
}
