import { type Arrival, traceOf } from '../../../src/core/simulate/arrival.ts';
import type { Policy } from '../../../src/core/simulate/field.ts';
import { policies } from '../../../src/core/simulate/policies/all.ts';
import { type RunRecord, runPolicy, type WorldSettings } from '../../../src/core/simulate/run-policy.ts';

/** A good change at the beginning that takes ten minutes, the overhead of one included. */
export function arrival(id: string, over: Partial<Arrival> = {}): Arrival {
  const plain = { atMinute: 0, buildMinutes: 9, modules: ['m1'], failsAlone: false, prior: 0.95, conflictsWith: [] };
  return { id, ...plain, ...over };
}

export function policyNamed(name: string): Policy {
  const found = policies.find((policy) => policy.name === name);
  if (!found) throw new Error(`there is no policy ${name}`);
  return found;
}

export function runOf(
  policy: Policy | string,
  arrivals: readonly Arrival[],
  over: Partial<WorldSettings> = {},
): RunRecord {
  const world = { seed: 1, slots: 60, flake: 0, stale: 60, until: 10_000, ...over };
  return runPolicy(traceOf(arrivals), world, typeof policy === 'string' ? policyNamed(policy) : policy);
}

/** When each landed, in the order of arrival, to a hundredth of a minute; `out`: rejected, `left`: neither. */
export function endsOf({ outcomes }: RunRecord): readonly (number | 'out' | 'left')[] {
  return outcomes.map(({ landedAt, rejectedAt }) => {
    if (landedAt !== null) return Math.round(landedAt * 100) / 100;
    return rejectedAt === null ? 'left' : 'out';
  });
}
