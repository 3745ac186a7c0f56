import type { Redis } from 'ioredis';
import type { Figures, LineFigures } from '../../ports/metrics.ts';
import { within } from './deadline.ts';
import { figuresScript } from './figures-script.ts';
import { intakeGroup } from './intake-take.ts';
import { type Keys, keysFor } from './keys.ts';
import { texts } from './script.ts';

const limitMs = 2_000;

/**
 * Reads how the whole installation stands: one script and INFO. Rejects after 2 s; who asks meanwhile gets the same
 * answer, so that a Redis that hangs is not asked more and more.
 */
export function createFigureReader(redis: Redis, prefix?: string): () => Promise<Figures> {
  const key = keysFor(prefix);
  let asking: Promise<Figures> | null = null;
  return () => {
    asking ??= read(redis, key).finally(() => {
      asking = null;
    });
    return within(limitMs, 'cannot read how things stand', asking);
  };
}

async function read(redis: Redis, key: Keys): Promise<Figures> {
  const notes = ['last-delivery', 'last-routed', 'last-poll', 'last-resync'].map((name) => key('note', name));
  const keys = [key('intake'), key('quarantine'), key('inboxes'), key('pools'), key('checkInstallations'), ...notes];
  const starts = [key('line', ''), key('checkFinals', ''), key('checkProgress', ''), key('check', '')];
  const [reply, memory] = await Promise.all([
    figuresScript(redis, keys, [intakeGroup, ...starts]),
    redis.info('memory'),
  ]);
  return toFigures(texts(reply), memory);
}

/** Empty: there is none. */
function numberIn(text: string | undefined): number | null {
  return text === undefined || text === '' ? null : Number(text);
}

function toFigures(reply: readonly string[], memory: string): Figures {
  const [delivery, routed, poll, resync, ...counts] = reply;
  const [length, pending, oldest, quarantined, inboxes, checks, oldestCheck, ...lines] = counts;
  return {
    lastDeliveryAt: numberIn(delivery),
    lastRoutedAt: numberIn(routed),
    lastPollAt: numberIn(poll),
    lastResyncAt: numberIn(resync),
    // A stream's entry is named by the time it was added.
    intake: { length: Number(length), pending: Number(pending), oldestAt: numberIn(oldest?.split('-')[0]) },
    quarantined: Number(quarantined),
    inboxes: Number(inboxes),
    lines: toLines(lines),
    checkWrites: { waiting: Number(checks), oldestAt: numberIn(oldestCheck) },
    memory: { used: memoryIn(memory, 'used_memory'), max: memoryIn(memory, 'maxmemory') || null },
  };
}

function toLines(flat: readonly string[]): LineFigures[] {
  return Array.from({ length: flat.length / 5 }, (_, index) => {
    const [pool = '', waiting, granted, active, oldest] = flat.slice(5 * index);
    return {
      pool,
      waiting: Number(waiting),
      granted: Number(granted),
      active: Number(active),
      oldestAt: numberIn(oldest),
    };
  });
}

function memoryIn(info: string, name: string): number | null {
  return numberIn(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1]);
}
