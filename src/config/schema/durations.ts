import { type Fault, textThat } from './scalars.ts';

const pattern = /^(?=\d)(?:(\d{1,5})h)?(?:(\d{1,5})m)?(?:(\d{1,6})s)?$/;
const shortest = 10;
const longest = 24 * 3600;

/** Seconds of a duration as `30m`, `2h`, `1h30m`, `90s`; null when it is none. */
export function parseDuration(text: string): number | null {
  const found = pattern.exec(text);
  if (found === null) return null;
  const [, hours = '0', minutes = '0', seconds = '0'] = found;
  return Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
}

/** As `parseDuration` reads it. */
export function formatDuration(seconds: number): string {
  const parts = [
    [Math.floor(seconds / 3600), 'h'],
    [Math.floor((seconds % 3600) / 60), 'm'],
    [seconds % 60, 's'],
  ] as const;
  const text = parts.flatMap(([count, unit]) => (count === 0 ? [] : [`${count}${unit}`])).join('');
  return text === '' ? '0s' : text;
}

function durationFault(text: string): Fault | null {
  const seconds = parseDuration(text);
  if (seconds === null) {
    const days = /^(\d{1,3}) ?d(?:ays?)?$/i.exec(text)?.[1];
    if (days !== undefined) return { message: 'is no duration', hint: `write it as "${Number(days) * 24}h"` };
    const bare = /^(\d+) ?(m|min|mins|minutes|h|hours?|s|secs?|seconds?)?$/i.exec(text);
    const unit = (bare?.[2] ?? 'm').charAt(0).toLowerCase();
    return { message: 'is no duration', hint: `write it as "${bare?.[1] ?? '30'}${unit}"` };
  }
  if (seconds < shortest) return { message: 'is too short', hint: `the least is ${shortest}s` };
  if (seconds > longest) return { message: 'is too long', hint: 'the most is 24h' };
  return null;
}

export const duration = textThat('a duration as "30m", "2h" or "90s"', durationFault, pattern);
