import { type Beliefs, certaintyOfFault } from './beliefs.ts';
import type { ScheduleMemory } from './memory.ts';
import { onProbation } from './order.ts';
import type { ScheduleSettings } from './schedule-view.ts';
import type { UnitId } from './unit.ts';

export interface Rejection {
  readonly unit: UnitId;
  readonly because: string;
}

/** A build that failed so often by itself is not asked again, however flaky builds are. */
const mostFailures = 3;

/** That a unit fails for no reason so often in a row, in words. */
function describeFault(count: number, certainty: number): string {
  const times = count === 1 ? 'once' : count === 2 ? 'twice' : `${count} times`;
  return `it failed ${times} with nobody else to blame, which is its own fault with ${(100 * certainty).toFixed(1)} %`;
}

/**
 * Who is rejected: those whose failures are decisive, as nothing undecided was assumed with them, and of which it is sure enough
 * that they were no flakes (scheduling.md §4 Failure). The others among them are on probation.
 */
export function rejections(
  memory: ScheduleMemory,
  beliefs: Beliefs,
  flake: number,
  { doubt, probation }: ScheduleSettings,
): readonly Rejection[] {
  return [...onProbation(memory)].flatMap(([unit, count]) => {
    const certainty = certaintyOfFault(beliefs.before(unit), flake, count);
    if (probation && certainty < 1 - doubt && count <= mostFailures) return [];
    return [{ unit, because: describeFault(count, certainty) }];
  });
}
