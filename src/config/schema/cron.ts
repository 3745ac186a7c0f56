import { z } from 'zod';
import { parseCron } from '../../core/periodic/parse-cron.ts';
import { isTimeZone } from '../../core/periodic/zone-time.ts';
import { duration } from './durations.ts';
import { textThat, wordOf } from './scalars.ts';

const line = textThat(
  'five fields as "H 2 * * *"',
  (text) => {
    const parsed = parseCron(text);
    return parsed.kind === 'line' ? null : parsed;
  },
  /^(?:\S+ ){4}\S+$/,
);

const timeZone = textThat('a time zone as "Europe/Berlin"', (text) =>
  isTimeZone(text) ? null : { message: 'is no time zone', hint: 'an IANA name as "Europe/Berlin", or "UTC"' },
);

/** When a job runs by the clock. */
export const cron = z.strictObject(
  {
    cron: line.meta({
      description:
        'When: minute, hour, day of the month, month, weekday; `H` is a number of our choice, always the same, that spreads the load',
    }),
    timeZone: timeZone.default('UTC').meta({ description: 'Whose clock that is' }),
    minimumInterval: duration
      .meta({ description: 'From one start to the next; a time that comes earlier is left out' })
      .optional(),
    unchanged: wordOf(['run', 'skip'])
      .default('run')
      .meta({ description: '`skip`: not while the branch has the very files that were green last' }),
  },
  { error: 'a map as { cron: "H 2 * * *" }' },
);
