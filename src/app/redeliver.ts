import type { Delivery } from '../ports/forge.ts';
import type { Notes } from '../ports/store.ts';
import type { AppContext } from './context.ts';

const retentionMs = 3 * 24 * 3_600_000;
const most = 5;
const overlapMs = 10 * 60_000;

function failedGuids(deliveries: readonly Delivery[]): Map<string, Delivery[]> {
  const byGuid = new Map<string, Delivery[]>();
  for (const delivery of deliveries) byGuid.set(delivery.guid, [...(byGuid.get(delivery.guid) ?? []), delivery]);
  return new Map([...byGuid].filter(([, attempts]) => !attempts.some((attempt) => attempt.ok)));
}

/** How often each GUID was asked for, and when first: the part of the forge's log that is read again may not show it. */
type Tries = Map<string, readonly [times: number, since: number]>;

async function readTries(notes: Notes, now: number): Promise<Tries> {
  const noted = JSON.parse((await notes.read('redelivery-tries')) ?? '[]') as [string, [number, number]][];
  return new Map(noted.filter(([, [, since]]) => since > now - retentionMs));
}

/**
 * Asks the forge to send again what it could not deliver and what we have not seen: each once per call, at most one a
 * second, five tries in all (intake §2.7). The watermark moves only when the whole list was worked off.
 */
export async function redeliverFailed(context: AppContext, signal: AbortSignal): Promise<number> {
  const { deliveries, notes, intake, clock, log } = context.ports;
  const now = clock.now();
  const noted = Number((await notes.read('delivery-watermark')) ?? '0');
  const since = Math.max(noted - overlapMs, now - retentionMs);
  const failed = failedGuids(await deliveries.deliveries(since));
  const seen = await intake.seen([...failed.keys()]);
  const tries = await readTries(notes, now);
  let asked = 0;
  let oldest = now;
  try {
    for (const [guid, attempts] of failed) {
      const newest = attempts[0];
      const [before, first] = tries.get(guid) ?? [0, now];
      if (!newest || seen.has(guid) || before >= most) continue;
      // The watermark stays where it is: the next call asks for what is left.
      if (signal.aborted) return asked;
      tries.set(guid, [before + 1, first]);
      const answer = await deliveries.redeliver(newest.id);
      if (answer !== 'gone') oldest = Math.min(oldest, ...attempts.map((attempt) => attempt.deliveredAt));
      asked += 1;
      log.info({ delivery: guid, answer, attempt: before + 1 }, 'redelivery asked for');
      await clock.sleep(1000, signal);
    }
  } finally {
    if (asked > 0) await notes.write('redelivery-tries', JSON.stringify([...tries]));
  }
  await notes.write('delivery-watermark', String(oldest));
  await notes.write('last-poll', String(now));
  return asked;
}
