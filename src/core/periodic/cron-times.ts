import type { FixedCron } from './fix-cron.ts';
import { instantsOf, type WallTime, wallTimeAt } from './zone-time.ts';

const dayMs = 24 * 3_600_000;
/** The 29th of February may be eight years away. */
const mostDays = 9 * 366;

type Day = Pick<WallTime, 'year' | 'month' | 'day'>;

function dayBeside({ year, month, day }: Day, steps: number): Day {
  const other = new Date(Date.UTC(year, month - 1, day) + steps * dayMs);
  return { year: other.getUTCFullYear(), month: other.getUTCMonth() + 1, day: other.getUTCDate() };
}

function hasDay({ days, months, weekdays, eitherDay }: FixedCron, { year, month, day }: Day): boolean {
  if (!months.includes(month)) return false;
  const weekday = weekdays.includes(new Date(Date.UTC(year, month - 1, day)).getUTCDay());
  return eitherDay ? days.includes(day) || weekday : days.includes(day) && weekday;
}

/**
 * The times of one day, ascending. Where clocks go back an hour comes twice: a line with hours of its own has it once, the first
 * time. Where they go forward what is left out comes as soon as they did; a line for every hour has nothing to make up for.
 */
function timesOn(cron: FixedCron, zone: string, day: Day): readonly number[] {
  const times = cron.hours.flatMap((hour) =>
    cron.minutes.flatMap((minute) => {
      const found = instantsOf({ ...day, hour, minute }, zone);
      if (found.kind === 'left-out') return cron.anyHour ? [] : [found.at];
      return cron.anyHour ? found.at : found.at.slice(0, 1);
    }),
  );
  return [...new Set(times)].sort((one, other) => one - other);
}

/** The first time after an instant (ms); null: none within nine years. */
export function nextTime(cron: FixedCron, zone: string, after: number): number | null {
  const today = wallTimeAt(after, zone);
  for (let step = 0; step < mostDays; step += 1) {
    const day = dayBeside(today, step);
    const found = hasDay(cron, day) ? timesOn(cron, zone, day).find((time) => time > after) : undefined;
    if (found !== undefined) return found;
  }
  return null;
}

/** The last time that is not after an instant (ms); null: none within nine years. */
export function lastTime(cron: FixedCron, zone: string, until: number): number | null {
  const today = wallTimeAt(until, zone);
  for (let step = 0; step < mostDays; step += 1) {
    const day = dayBeside(today, -step);
    const found = hasDay(cron, day) ? timesOn(cron, zone, day).findLast((time) => time <= until) : undefined;
    if (found !== undefined) return found;
  }
  return null;
}
