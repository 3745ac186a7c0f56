import type { Trace } from './arrival.ts';

/**
 * Whether a build of these on `main` truly passes: none of them fails alone, no two of them conflict, and none conflicts with
 * what `meets` says has landed since its base was looked at (scheduling.md §1).
 */
export function truthOf(
  trace: Trace,
  members: readonly number[],
  meets: (number: number, rival: number) => boolean,
): boolean {
  const inside = new Set(members);
  return members.every((number) => {
    if (trace.change(number).failsAlone) return false;
    for (const rival of trace.conflictsOf(number)) if (inside.has(rival) || meets(number, rival)) return false;
    return true;
  });
}
