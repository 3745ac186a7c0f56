import type { MadeCandidate, QueueItem } from '../../model/queue.ts';
import { patientWait } from '../patient-wait.ts';
import type { GateDraft } from './draft.ts';
import { isHeld } from './entry/judge-request.ts';
import type { QueueFacts } from './facts.ts';
import { joinWake } from './join/advance-join.ts';
import { madeOf } from './made-of.ts';

/** So long a landing waits for nothing but its own steps, ms. */
const justGreenMs = 30_000;

/** Something of it is under way, or is to be begun. */
function isMoving(item: QueueItem): boolean {
  return item.parked === null && !isHeld(item.view.pull.labels) && madeOf(item).some(isTested);
}

function isTested({ published, broken, jobs }: MadeCandidate): boolean {
  if (!published || (jobs === null && broken === null)) return true;
  return (jobs ?? []).some(({ status }) => status.kind !== 'ended' && status.kind !== 'skipped');
}

function wakeOf(item: QueueItem, now: number): number {
  const { enteredAt, candidate, parkings } = item;
  const made = candidate?.kind === 'made' ? candidate : null;
  const greenAt = made?.verdict?.at;
  if (greenAt !== undefined) return now - greenAt < justGreenMs ? 300 : patientWait(now - greenAt, 5_000);
  if (isMoving(item)) return 15_000;
  return patientWait(now - Math.max(enteredAt, made?.madeAt ?? 0, parkings?.at ?? 0), 15_000);
}

/** When a queue is to be looked at again without any event (ms); null: only when something happens. */
export function nextWake({ record, reasons }: GateDraft, facts: QueueFacts): number | null {
  const { now } = facts;
  const waits: number[] = [];
  if (record.landing !== null) waits.push(2_000);
  // A frozen queue lands nothing, however green it is.
  for (const item of record.items) waits.push(Math.max(wakeOf(item, now), record.frozen === null ? 0 : 15_000));
  if (record.leaving.length > 0 || record.stopping.length > 0) waits.push(15_000);
  for (const { request } of record.asked) waits.push(patientWait(now - request.at, 30_000));
  if (record.wish !== null) waits.push(30_000);
  const join = joinWake(record, facts);
  if (join !== null) waits.push(join - now);
  // What was asked of the world in this pass may be lost with the process that asks.
  if (reasons.length > 0) waits.push(1_000);
  return waits.length === 0 ? null : now + Math.min(...waits);
}
