import type { Figures, LineFigures } from '../ports/metrics.ts';
import type { StatusLine, StatusLines } from './status-route.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** The same figures as `/metrics`, in words; null: Redis gave no answer. Pools that no operator named are told as "others". */
export function describeFigures(figures: Figures | null, pools: readonly string[], now: number): StatusLines {
  if (figures === null) {
    const note = 'Webhooks are refused meanwhile; GitHub is asked for them again once it is back.';
    return [{ part: 'State', name: 'Redis', value: 'gives no answer', note, alarming: true }];
  }
  return [...deliveries(figures, now), ...work(figures, pools, now), ...checkRuns(figures, now), redis(figures)];
}

/** As `5 min ago`; null is `never`. */
function ago(at: number | null, now: number): string {
  return at === null ? 'never' : `${span(now - at)} ago`;
}

/** A span of ms in its largest whole unit. */
export function span(milliseconds: number): string {
  const ms = Math.max(0, milliseconds);
  if (ms < minute) return `${Math.floor(ms / 1000)} s`;
  if (ms < hour) return `${Math.floor(ms / minute)} min`;
  return ms < 2 * day ? `${Math.floor(ms / hour)} h` : `${Math.floor(ms / day)} days`;
}

function isOlder(at: number | null, limit: number, now: number): boolean {
  return at !== null && now - at > limit;
}

function deliveries(figures: Figures, now: number): readonly StatusLine[] {
  const { intake, quarantined, lastDeliveryAt, lastRoutedAt, lastPollAt, lastResyncAt } = figures;
  const since = intake.oldestAt === null ? '' : `the oldest for ${span(now - intake.oldestAt)}`;
  return [
    { part: 'What GitHub tells us', name: 'Last delivery', value: ago(lastDeliveryAt, now) },
    { name: 'Last delivery taken up', value: ago(lastRoutedAt, now) },
    {
      name: 'Events that wait for a worker',
      value: intake.length,
      note: since,
      alarming: isOlder(intake.oldestAt, 5 * minute, now),
    },
    {
      name: 'Events set aside',
      value: quarantined,
      note: quarantined === 0 ? '' : 'They failed five times; the log says why.',
      alarming: quarantined > 0,
    },
    {
      name: 'Failed deliveries asked for again',
      value: ago(lastPollAt, now),
      note: isOlder(lastPollAt, day, now) ? 'GitHub keeps them for 3 days only.' : '',
      alarming: isOlder(lastPollAt, day, now),
    },
    {
      name: 'All repositories read',
      value: ago(lastResyncAt, now),
      note: isOlder(lastResyncAt, hour, now) ? 'Some could not be read; the log says which.' : '',
      alarming: isOlder(lastResyncAt, hour, now),
    },
  ];
}

function work(figures: Figures, pools: readonly string[], now: number): readonly StatusLine[] {
  const others = figures.lines.filter((line) => !pools.includes(line.pool));
  const rows = [
    ...pools.map((pool) => lineOf(`Builds in the pool ${pool}`, ofPool(figures, pool), now)),
    ...(others.length === 0 ? [] : [lineOf('Builds in other pools', others, now)]),
  ];
  const note = figures.inboxes === 0 ? '' : 'Something was told of them that no pass has taken up yet.';
  const inboxes = { name: 'Pull requests to look at', value: figures.inboxes, note };
  return [inboxes, ...rows].map((row, index) => (index === 0 ? { part: 'Work', ...row } : row));
}

function ofPool(figures: Figures, pool: string): readonly LineFigures[] {
  return figures.lines.filter((line) => line.pool === pool);
}

function lineOf(name: string, lines: readonly LineFigures[], now: number): StatusLine {
  const total = (state: 'waiting' | 'granted' | 'active') => lines.reduce((sum, line) => sum + line[state], 0);
  const times = lines.flatMap((line) => (line.oldestAt === null ? [] : [line.oldestAt]));
  const running = total('active') + total('granted');
  const note = times.length === 0 ? '' : `the first in line for ${span(now - Math.min(...times))}`;
  return { name, value: `${running} running, ${total('waiting')} waiting`, note };
}

function checkRuns({ checkWrites }: Figures, now: number): readonly StatusLine[] {
  const { waiting, oldestAt } = checkWrites;
  return [
    {
      part: 'What we tell GitHub',
      name: 'Check runs waiting to be written',
      value: waiting,
      note: oldestAt === null ? '' : `the oldest for ${span(now - oldestAt)}`,
      alarming: isOlder(oldestAt, 5 * minute, now),
    },
  ];
}

function redis({ memory: { used, max } }: Figures): StatusLine {
  const mega = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
  const isFull = used !== null && max !== null && used > 0.9 * max;
  return {
    part: 'State',
    name: 'Redis',
    value: used === null ? 'answers' : `${mega(used)}${max === null ? '' : ` of ${mega(max)}`}`,
    note: isFull ? 'Nearly full: webhooks will be refused. Give it more memory.' : '',
    alarming: isFull,
  };
}
