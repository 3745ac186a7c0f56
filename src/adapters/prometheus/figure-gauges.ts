import { Gauge, type Registry } from 'prom-client';
import type { Figures, LineFigures } from '../../ports/metrics.ts';

/** One gauge for one number of the figures; null: there is no such thing now, so nothing is shown. */
interface FigureGauge {
  readonly name: string;
  readonly help: string;
  readonly read: (figures: Figures, now: number) => number | null;
}

function age(at: number | null, now: number): number | null {
  return at === null ? null : Math.max(0, now - at) / 1000;
}

const single: readonly FigureGauge[] = [
  {
    name: 'sluice_last_delivery_age_seconds',
    help: 'Since the newest webhook delivery was accepted. Longer than your quietest hours: look at the deliveries of the App at GitHub.',
    read: ({ lastDeliveryAt }, now) => age(lastDeliveryAt, now),
  },
  {
    name: 'sluice_last_routed_age_seconds',
    help: 'Since a worker last handed a delivery to those it concerns. Much longer than the age of the last delivery: no worker takes events.',
    read: ({ lastRoutedAt }, now) => age(lastRoutedAt, now),
  },
  {
    name: 'sluice_last_poll_age_seconds',
    help: 'Since the list of deliveries at GitHub was last read. Over a day: failed deliveries are being lost, since GitHub keeps them for 3 days; look for "redelivery" in the log of the workers.',
    read: ({ lastPollAt }, now) => age(lastPollAt, now),
  },
  {
    name: 'sluice_last_resync_age_seconds',
    help: 'Since all repositories were last read without a failure. Over an hour: "repository could not be resynced" in the log says which.',
    read: ({ lastResyncAt }, now) => age(lastResyncAt, now),
  },
  {
    name: 'sluice_intake_events',
    help: 'Accepted events that no worker has finished. Rising: workers are missing or too slow.',
    read: ({ intake }) => intake.length,
  },
  {
    name: 'sluice_intake_pending_events',
    help: 'Those of them that a worker has taken. One that dies leaves them to the others after 30 s.',
    read: ({ intake }) => intake.pending,
  },
  {
    name: 'sluice_intake_oldest_age_seconds',
    help: 'Age of the oldest accepted event that is not finished; none: nothing waits. Over 5 minutes: look at the log of the workers.',
    read: ({ intake }, now) => age(intake.oldestAt, now),
  },
  {
    name: 'sluice_quarantined_events',
    help: 'Events that failed five times and were set aside. Over 0: "event quarantined" in the log says why; report it as a bug.',
    read: ({ quarantined }) => quarantined,
  },
  {
    name: 'sluice_inbox_subjects',
    help: 'Subjects with events that no pass has taken up. Staying over 0: passes fail, see sluice_pass_seconds_count{outcome="failed"}.',
    read: ({ inboxes }) => inboxes,
  },
  {
    name: 'sluice_check_writes_waiting',
    help: 'Check runs that are not yet on GitHub as they should be. Over 60 per installation they are slowed down on purpose.',
    read: ({ checkWrites }) => checkWrites.waiting,
  },
  {
    name: 'sluice_check_writes_oldest_age_seconds',
    help: 'Since when the oldest of them waits; none: nothing waits. Over 5 minutes: a limit, or GitHub refuses them: see the log.',
    read: ({ checkWrites }, now) => age(checkWrites.oldestAt, now),
  },
  {
    name: 'sluice_redis_used_memory_bytes',
    help: 'Memory that Redis uses. Near the limit it refuses writes, and webhooks are refused with it: give it more.',
    read: ({ memory }) => memory.used,
  },
  {
    name: 'sluice_redis_max_memory_bytes',
    help: 'The limit of it; none: no limit is set.',
    read: ({ memory }) => memory.max,
  },
];

/** Says in gauges how everything stands. Null takes them away, so that no old number looks like a new one. */
export function createFigureGauges(registry: Registry, pools: readonly string[]) {
  const registers = [registry];
  const gauges = single.map(({ name, help, read }) => ({ gauge: new Gauge({ name, help, registers }), read }));
  const up = new Gauge({
    name: 'sluice_redis_up',
    help: "1 when Redis answered this scrape in time. At 0 webhooks are refused and nothing starts; GitHub's deliveries are asked for again once it is back.",
    registers,
  });
  const builds = new Gauge({
    name: 'sluice_line_builds',
    help: 'Builds that wait for a slot, were granted one, or hold it. Pools that no operator named are counted as "other".',
    labelNames: ['pool', 'state'],
    registers,
  });
  const oldest = new Gauge({
    name: 'sluice_line_oldest_age_seconds',
    help: 'Since when the longest waiting build is wanted; none: nothing waits. Rising while few are active: look for "pods could not be listed" in the log.',
    labelNames: ['pool'],
    registers,
  });
  return (figures: Figures | null, now: number): void => {
    for (const { gauge } of gauges) gauge.remove();
    builds.reset();
    oldest.reset();
    up.set(figures === null ? 0 : 1);
    if (figures === null) return;
    for (const { gauge, read } of gauges) {
      const value = read(figures, now);
      if (value !== null) gauge.set(value);
    }
    for (const line of linesByLabel(figures.lines, pools)) {
      for (const state of ['waiting', 'granted', 'active'] as const)
        builds.set({ pool: line.pool, state }, line[state]);
      const seconds = age(line.oldestAt, now);
      if (seconds !== null) oldest.set({ pool: line.pool }, seconds);
    }
  };
}

/** The name of a pool is whatever a repository wrote: only the operator's own are shown. */
function linesByLabel(lines: readonly LineFigures[], pools: readonly string[]): readonly LineFigures[] {
  return [...pools, null].flatMap((pool) => {
    const own = lines.filter((line) => (pool === null ? !pools.includes(line.pool) : line.pool === pool));
    if (own.length === 0 && pool === null) return [];
    const total = (state: 'waiting' | 'granted' | 'active') => own.reduce((sum, line) => sum + line[state], 0);
    const times = own.flatMap((line) => (line.oldestAt === null ? [] : [line.oldestAt]));
    const oldestAt = times.length === 0 ? null : Math.min(...times);
    const counts = { waiting: total('waiting'), granted: total('granted'), active: total('active') };
    return [{ pool: pool ?? 'other', ...counts, oldestAt }];
  });
}
