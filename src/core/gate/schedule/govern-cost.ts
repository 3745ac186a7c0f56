import { type LearnedRates, meanMinutes } from './memory.ts';
import type { ScheduleSettings } from './schedule-view.ts';

const step = 1.1;
const mostLeast = 0.5;
/** Of fewer landings nothing is said. */
const enoughLandings = 5;

/** After each landing: where landings cost more than they may, only likelier guesses get a build from now on (scheduling.md §4). */
export function governCost(rates: LearnedRates, { least, costLimit }: ScheduleSettings): LearnedRates {
  if (costLimit === null || rates.landed < enoughLandings) return rates;
  const isDear = rates.spent / rates.landed > costLimit * meanMinutes(rates);
  const now = rates.least ?? least;
  return { ...rates, least: isDear ? Math.max(least, Math.min(mostLeast, now * step)) : Math.max(least, now / step) };
}
