import type { Queue } from 'bullmq';
import type { WakeTimes } from '../../ports/schedules.ts';

/** What is asked for again and again is written once in a while: a flush of BullMQ's keys costs so much time at most. */
const againMs = 10 * 60_000;

interface Written {
  readonly text: string;
  readonly at: number;
}

/** BullMQ's job schedulers of a queue whose jobs `later` wake a name; the times of one name at a time. */
export function createWakeTimes(queue: () => Queue<{ readonly name: string }>, now: () => number) {
  const written = new Map<string, Written>();

  async function removeOthers(prefix: string, kept: ReadonlySet<string>): Promise<void> {
    for (const { key } of await queue().getJobSchedulers())
      if (key.startsWith(prefix) && !kept.has(key)) await queue().removeJobScheduler(key);
  }

  /** `id`: the name as BullMQ may hold it. */
  return async (name: string, id: string, times: readonly WakeTimes[]): Promise<void> => {
    const text = JSON.stringify(times);
    const last = written.get(name);
    if (last?.text === text && (times.length === 0 || now() - last.at < againMs)) return;
    const prefix = `${id}~`;
    for (const { key, cron, timeZone } of times) {
      const template = { name: 'later', data: { name }, opts: { removeOnComplete: true, removeOnFail: true } };
      await queue().upsertJobScheduler(`${prefix}${key}`, { pattern: cron, tz: timeZone }, template);
    }
    if (last?.text !== text) await removeOthers(prefix, new Set(times.map(({ key }) => `${prefix}${key}`)));
    written.set(name, { text, at: now() });
  };
}
