import {
  type CanarySight,
  type IsolationOutcome,
  type IsolationTarget,
  isolationOutcomes,
  type SeenTarget,
} from '../../model/isolation.ts';

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parse(message: string): unknown {
  try {
    return JSON.parse(message);
  } catch {
    // Cut off, or written by something else: it is nothing that was seen.
    return null;
  }
}

function readSeen(value: unknown): SeenTarget | null {
  if (!isMap(value)) return null;
  const { name, outcome, detail } = value;
  const known = isolationOutcomes.find((each): each is IsolationOutcome => each === outcome);
  if (typeof name !== 'string' || known === undefined || typeof detail !== 'string') return null;
  return { name, outcome: known, detail: detail.replace(/[^\x20-\x7e]/g, '?').slice(0, 60) };
}

/** What a canary left in its termination message; null: nothing that can be read. */
export function readSight(message: string): CanarySight | null {
  const found = parse(message);
  if (!isMap(found) || !Array.isArray(found.targets)) return null;
  const control = readSeen(found.control);
  const targets = found.targets.map(readSeen);
  if (control === null || targets.some((each) => each === null)) return null;
  return { control, targets: targets.filter((each) => each !== null) };
}

/** What the listener says: nobody could have reached one that did not reach itself. */
export interface ListenerSight {
  readonly reachesItself: boolean;
  readonly visitors: number;
}

/** The same for the pod that listens. */
export function readListener(message: string): ListenerSight | null {
  const found = parse(message);
  if (!isMap(found) || typeof found.reachesItself !== 'boolean' || typeof found.visitors !== 'number') return null;
  return { reachesItself: found.reachesItself, visitors: found.visitors };
}

/**
 * What both pods saw of each other, as one: a visit counts whatever the visitor says, and without a listener nothing was tried.
 * Null for the listener: none was started, or it left nothing.
 */
export function withListener(
  sight: CanarySight,
  targets: readonly IsolationTarget[],
  listener: ListenerSight | null,
): CanarySight {
  if (!targets.some(({ kind }) => kind === 'pod')) return sight;
  const others = sight.targets.filter(({ name }) => name !== 'pod');
  const seen = sight.targets.find(({ name }) => name === 'pod');
  return { ...sight, targets: [...others, podSeen(seen, listener)] };
}

function podSeen(seen: SeenTarget | undefined, listener: ListenerSight | null): SeenTarget {
  if ((listener?.visitors ?? 0) > 0) return { name: 'pod', outcome: 'reached', detail: 'the other pod was visited' };
  if (seen?.outcome === 'reached') return seen;
  if (listener?.reachesItself !== true || seen === undefined)
    return { name: 'pod', outcome: 'not-tried', detail: 'the other pod did not listen' };
  return seen;
}
