/** One change of a workload, as one line of an arrivals file holds it. */
export interface Arrival {
  readonly id: string;
  /** When its landing is asked for, minutes from the beginning. */
  readonly atMinute: number;
  /** How long its build takes when it passes. */
  readonly buildMinutes: number;
  /** What it touches: only changes that share a module are known to depend on each other. */
  readonly modules: readonly string[];
  /** True: no build that holds it passes. */
  readonly failsAlone: boolean;
  /** What a policy believes: the probability that it passes by itself. */
  readonly prior: number;
  /** Ids of others that it does not pass together with; either of the two may name the other. */
  readonly conflictsWith: readonly string[];
}

/** A workload that is ready to be replayed: changes are numbered from 1 in the order of their arrival. */
export interface Trace {
  readonly changes: readonly NumberedChange[];
  readonly change: (number: number) => NumberedChange;
  readonly conflictsOf: (number: number) => ReadonlySet<number>;
}

export interface NumberedChange extends Arrival {
  readonly number: number;
}

const none: ReadonlySet<number> = new Set();

/** Arrivals may come in any order; ids must be unique and known, as `readArrivals` and `makeWorkload` see to. */
export function traceOf(arrivals: readonly Arrival[]): Trace {
  const sorted = [...arrivals].sort((one, other) => one.atMinute - other.atMinute);
  const changes = sorted.map((arrival, index) => ({ ...arrival, number: index + 1 }));
  const numbers = new Map(changes.map(({ id, number }) => [id, number]));
  const conflicts = new Map<number, Set<number>>();
  const note = (one: number, other: number): void => {
    conflicts.set(one, (conflicts.get(one) ?? new Set()).add(other));
  };
  for (const { number, conflictsWith } of changes) {
    for (const id of conflictsWith) {
      const other = numbers.get(id);
      if (other === undefined) throw new Error(`${id} is no change of this workload`);
      note(number, other);
      note(other, number);
    }
  }
  const change = (number: number): NumberedChange => {
    const found = changes[number - 1];
    if (!found) throw new Error(`there is no change ${number}`);
    return found;
  };
  return { changes, change, conflictsOf: (number) => conflicts.get(number) ?? none };
}

/** True where a policy has to expect that one matters to the other. */
export function sharesModule(one: Arrival, other: Arrival): boolean {
  return one.modules.some((module) => other.modules.includes(module));
}
