import type { Delivery } from '../ports/forge.ts';
import type { AppContext } from './context.ts';

const retentionMs = 3 * 24 * 3_600_000;
const tries = 5;
const overlapMs = 10 * 60_000;

function failedGuids(deliveries: readonly Delivery[]): Map<string, Delivery[]> {
  const byGuid = new Map<string, Delivery[]>();
  for (const delivery of deliveries) byGuid.set(delivery.guid, [...(byGuid.get(delivery.guid) ?? []), delivery]);
  return new Map(
    [...byGuid].filter(([, attempts]) => !attempts.some((attempt) => attempt.ok) && attempts.length <= tries),
  );
}

/**
 * Asks the forge to send again what it could not deliver and what we have not seen: each once per call, at most one a
 * second, five tries in all (intake §2.7). The watermark moves only when the whole list was read.
 */
export async function redeliverFailed(context: AppContext, signal: AbortSignal): Promise<number> {
  const { deliveries, notes, intake, clock, log } = context.ports;
  const now = clock.now();
  const noted = Number((await notes.read('delivery-watermark')) ?? '0');
  const since = Math.max(noted - overlapMs, now - retentionMs);
  const failed = failedGuids(await deliveries.deliveries(since));
  const seen = await intake.seen([...failed.keys()]);
  let asked = 0;
  let oldest = now;
  for (const [guid, attempts] of failed) {
    const newest = attempts[0];
    if (!newest || seen.has(guid) || signal.aborted) continue;
    oldest = Math.min(oldest, ...attempts.map((attempt) => attempt.deliveredAt));
    const answer = await deliveries.redeliver(newest.id);
    asked += 1;
    log.info({ delivery: guid, answer, attempt: attempts.length }, 'redelivery asked for');
    await clock.sleep(1000, signal);
  }
  await notes.write('delivery-watermark', String(oldest));
  await notes.write('last-poll', String(now));
  return asked;
}
