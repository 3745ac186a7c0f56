import type { Guess } from './candidates.ts';
import type { UnitId } from './unit.ts';

/** What a batch is filled from. */
export interface BatchGround {
  /** That may join, in order; all are behind the head of the guess or ahead of it, none has a build. */
  readonly waiting: readonly UnitId[];
  readonly dependenciesOf: (id: UnitId) => readonly UnitId[];
  readonly beliefIn: (id: UnitId) => number;
  /** A build of it is under way or passed. */
  readonly isTried: (id: UnitId) => boolean;
  /** What a group of units is worth together beyond each by itself, at most 1. */
  readonly together: (members: readonly UnitId[], last: UnitId) => number;
  readonly conflict: number;
}

export interface Batch {
  readonly heads: readonly UnitId[];
  /** Held besides: what the heads depend on and is assumed to land. */
  readonly included: readonly UnitId[];
  readonly excluded: readonly UnitId[];
}

/**
 * A member must be so likely to land with the others, and all must pass together so likely. Both are higher than scheduling.md §4
 * has them, and choose the size of a batch by themselves: at 0.6 and 0.45, what waits behind four slots landed a fifth less.
 */
const leastValue = 0.85;
const leastSuccess = 0.7;
/** So many are looked at for one batch. */
const farthest = 100;

interface Joining {
  readonly value: number;
  readonly included: readonly UnitId[];
}

/** What it would be worth to let one more in; null: what it depends on forbids it. */
function judgeJoining(batch: Batch, id: UnitId, ground: BatchGround): Joining | null {
  let value = ground.beliefIn(id);
  const included: UnitId[] = [];
  for (const need of ground.dependenciesOf(id)) {
    if (batch.heads.includes(need)) value *= 1 - ground.conflict;
    else if (batch.included.includes(need) || batch.excluded.includes(need)) continue;
    else if (!ground.isTried(need)) return null;
    else {
      value *= ground.beliefIn(need);
      included.push(need);
    }
  }
  return { value, included };
}

/** Fills a build with units that wait for one, by what each adds, until there are `size` (scheduling.md §4 Granularity). */
export function fillBatch({ head, included, excluded }: Guess, size: number, ground: BatchGround): Batch {
  let batch: Batch = { heads: [head.id], included, excluded };
  let success = ground.beliefIn(head.id);
  for (const id of ground.waiting.slice(0, farthest)) {
    if (batch.heads.length >= size) break;
    if (id === head.id || batch.included.includes(id) || batch.excluded.includes(id)) continue;
    const joining = judgeJoining(batch, id, ground);
    if (joining === null || joining.value < leastValue) continue;
    const value = joining.value * ground.together([...batch.included, ...batch.heads, ...joining.included], id);
    if (value < leastValue || success * value < leastSuccess) continue;
    success *= value;
    batch = {
      heads: [...batch.heads, id],
      included: [...batch.included, ...joining.included],
      excluded: batch.excluded,
    };
  }
  return batch;
}
