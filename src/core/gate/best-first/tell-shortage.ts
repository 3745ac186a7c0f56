import type { StoredSchedule } from '../../../model/best-first.ts';
import type { QueueRecord } from '../../../model/queue.ts';
import { boundedSettings } from '../schedule/schedule-view.ts';

const minute = 60_000;

/** Begins the sentence that says that more is asked for than can be landed. */
export const shortageBegins = 'More is asked for than can be tested';

/** Since when people are told that more is asked for than could be landed, ms; null: it is not, or not for long (scheduling.md §4 Load shedding). */
export function shortSince({ schedule }: Pick<QueueRecord, 'schedule'>): number | null {
  const { short } = schedule ?? {};
  return short?.isAnnounced === true ? Math.round(short.since * minute) : null;
}

function inSlots({ slots }: Pick<StoredSchedule, 'slots'>): string {
  return slots === 1 ? 'one slot' : `${slots} slots`;
}

/** That, and what is done about it, in one sentence that stays the same while it lasts; null: there is nothing to say. */
export function describeShortage(record: Pick<QueueRecord, 'schedule'>): string | null {
  const since = shortSince(record);
  if (since === null || record.schedule === undefined) return null;
  const at = new Date(since).toISOString().slice(0, 16).replace('T', ' ');
  const most = boundedSettings.mostOvertakings;
  return `${shortageBegins} in ${inSlots(record.schedule)}, since ${at} UTC: until that is over, what will more likely fail than land is tested last of its priority, nobody is overtaken more than ${most} times, and nothing is tested on a second ground in case the first does not hold.`;
}
