/** A minute by the clock on the wall. `month` from 1. */
export interface WallTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
}

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  formats.set(zone, made);
  return made;
}

/** Whether the name is one of the IANA time zone database. */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z][A-Za-z0-9_+-]*(?:\/[A-Za-z0-9_+-]+){0,2}$/.test(name)) return false;
  try {
    formatOf(name);
    return true;
  } catch {
    // RangeError: no such zone.
    return false;
  }
}

/** As if the wall showed UTC: sorts as the wall does. */
function flat({ year, month, day, hour, minute }: WallTime): number {
  return Date.UTC(year, month - 1, day, hour, minute);
}

/** What the wall shows at an instant, as `flat`. */
function shownAt(instant: number, zone: string): number {
  if (zone === 'UTC') return Math.floor(instant / 1000) * 1000;
  const parts = new Map(
    formatOf(zone)
      .formatToParts(instant)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
  return Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
}

function offsetAt(instant: number, zone: string): number {
  return shownAt(instant, zone) - Math.floor(instant / 1000) * 1000;
}

export function wallTimeAt(instant: number, zone: string): WallTime {
  const shown = new Date(shownAt(instant, zone));
  return {
    year: shown.getUTCFullYear(),
    month: shown.getUTCMonth() + 1,
    day: shown.getUTCDate(),
    hour: shown.getUTCHours(),
    minute: shown.getUTCMinutes(),
  };
}

/** When clocks were changed between two instants, to the minute. */
function changeBetween(before: number, after: number, zone: string): number {
  const old = offsetAt(before, zone);
  let [low, high] = [before, after];
  while (high - low > minuteMs) {
    const middle = low + Math.floor((high - low) / 2 / minuteMs) * minuteMs;
    if (offsetAt(middle, zone) === old) low = middle;
    else high = middle;
  }
  return high;
}

/** The instants (ms) at which the wall shows a time: one; two where clocks went back; for one that was left out, when it would have come. */
export function instantsOf(
  wall: WallTime,
  zone: string,
): { readonly kind: 'shown'; readonly at: readonly number[] } | { readonly kind: 'left-out'; readonly at: number } {
  const guess = flat(wall);
  const [before, after] = [guess - dayMs, guess + dayMs];
  const offsets = [...new Set([offsetAt(before, zone), offsetAt(after, zone)])];
  const at = offsets.map((offset) => guess - offset).filter((instant) => shownAt(instant, zone) === guess);
  if (at.length > 0) return { kind: 'shown', at: at.sort((one, other) => one - other) };
  return { kind: 'left-out', at: changeBetween(before, after, zone) };
}
