import { routeEvent } from '../core/route-event.ts';
import type { ForgeEvent } from '../model/forge-event.ts';
import { type SubjectId, subjectIdOf } from '../model/subject.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { Intake } from '../ports/store.ts';
import type { WebLimits } from './web-limits.ts';

export interface StoreOptions {
  readonly intake: Pick<Intake, 'accept'>;
  /** Wakes whom it concerns, as far as the event says by itself; neither its time nor its failure reaches the answer. */
  readonly onStored: (event: ForgeEvent, subjects: readonly SubjectId[]) => void;
  readonly clock: Clock;
  readonly log: Log;
  /** Left out: nothing is counted. */
  readonly metrics?: Metrics;
  readonly limits: Pick<WebLimits, 'storeMs'>;
}

/** Null when it was not durable in time; what becomes durable later is then a duplicate at the next attempt. */
export async function storeInTime(event: ForgeEvent, options: StoreOptions): Promise<'stored' | 'duplicate' | null> {
  const { clock, limits, log } = options;
  const answered = new AbortController();
  const late = clock.sleep(limits.storeMs, answered.signal).then(() => {
    if (!answered.signal.aborted) log.error({ delivery: event.delivery, ms: limits.storeMs }, 'store did not answer');
    return null;
  });
  const result = await Promise.race([store(event, options), late]);
  answered.abort();
  return result;
}

async function store(event: ForgeEvent, options: StoreOptions): Promise<'stored' | 'duplicate' | null> {
  const began = options.clock.now();
  try {
    const subjects = subjectsIn(event);
    const result = await options.intake.accept(event, subjects);
    options.metrics?.deliveryStored(Math.max(0, options.clock.now() - began) / 1000);
    if (result === 'stored') setImmediate(() => void wake(event, subjects, options));
    return result;
  } catch (error) {
    const told = { delivery: event.delivery, kind: kindOf(error), because: messageOf(error) };
    options.log.error(told, 'delivery not stored');
    return null;
  }
}

/** Whom the event names; none where the forge must be asked, or nothing is to be done. */
function subjectsIn(event: ForgeEvent): readonly SubjectId[] {
  const route = routeEvent(event);
  if (route.kind !== 'presubmit') return [];
  return route.numbers.map((number) => subjectIdOf({ kind: 'presubmit', repository: route.repository, number }));
}

async function wake(event: ForgeEvent, subjects: readonly SubjectId[], { onStored, log }: StoreOptions): Promise<void> {
  try {
    await (onStored(event, subjects) as unknown);
  } catch (error) {
    log.warn({ delivery: event.delivery, kind: kindOf(error) }, 'worker not woken; the periodic pass will find it');
  }
}

/** What sort of thing was thrown, without its message. Never throws: some things throw when they are looked at. */
export function kindOf(error: unknown): string {
  try {
    return error instanceof Error ? String(error.name) : typeof error;
  } catch {
    return 'unreadable';
  }
}

function messageOf(error: unknown): string {
  try {
    return error instanceof Error ? String(error.message).slice(0, 200) : '';
  } catch {
    return '';
  }
}
