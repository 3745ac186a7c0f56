import type { AskedChange } from '../../../model/queue.ts';
import type { UnitId } from '../schedule/unit.ts';

/** The scheduler's name for one request of a change: asked for anew, it is another unit, of which nothing is known. */
export function unitIdOf({ number, request, entry }: Pick<AskedChange, 'number' | 'request' | 'entry'>): UnitId {
  return `#${number}@${request.head.slice(0, 12)}/${entry}`;
}

/** As people know it. */
export function shownUnit(id: UnitId): string {
  return id.split('@', 1)[0] ?? id;
}
