/** The time of one world and everything that is still to happen in it. */
export interface Scheduler {
  now(): number;
  /** Does it after so many ms, in no promised order among those of the same time. Returns how to take it back. */
  after(milliseconds: number, what: () => void): () => void;
  /** Goes on until `isOver`, or until nothing is left before `until`. */
  run(until: number, isOver: () => boolean): Promise<void>;
  /** How many things happened. */
  readonly steps: () => number;
}

interface Entry {
  readonly at: number;
  readonly tie: number;
  readonly order: number;
  readonly what: () => void;
  dropped: boolean;
}

function isBefore(a: Entry, b: Entry): boolean {
  if (a.at !== b.at) return a.at < b.at;
  return a.tie === b.tie ? a.order < b.order : a.tie < b.tie;
}

/** A binary heap, the first to happen on top. */
function createHeap() {
  const heap: Entry[] = [];
  const swap = (a: number, b: number): void => {
    const kept = heap[a] as Entry;
    heap[a] = heap[b] as Entry;
    heap[b] = kept;
  };
  const rises = (child: number, parent: number): boolean => isBefore(heap[child] as Entry, heap[parent] as Entry);
  return {
    push(entry: Entry): void {
      heap.push(entry);
      for (let at = heap.length - 1; at > 0; ) {
        const parent = (at - 1) >> 1;
        if (!rises(at, parent)) break;
        swap(at, parent);
        at = parent;
      }
    },
    first: (): Entry | undefined => heap[0],
    pop(): void {
      const last = heap.pop();
      if (!last || heap.length === 0) return;
      heap[0] = last;
      for (let at = 0; ; ) {
        const left = 2 * at + 1;
        if (left >= heap.length) break;
        const least = left + 1 < heap.length && rises(left + 1, left) ? left + 1 : left;
        if (!rises(least, at)) break;
        swap(least, at);
        at = least;
      }
    },
  };
}

/** Other work of this process gets its turn after so many steps. */
const breath = 5000;

/** `start`: ms since the epoch; `tie`: any number, decides among what falls on the same time. */
export function createScheduler(start: number, tie: () => number): Scheduler {
  const heap = createHeap();
  let now = start;
  let order = 0;
  let steps = 0;

  function next(until: number): Entry | null {
    for (;;) {
      const first = heap.first();
      if (!first || first.at > until) return null;
      heap.pop();
      if (!first.dropped) return first;
    }
  }

  return {
    now: () => now,
    steps: () => steps,
    after(milliseconds, what) {
      const entry: Entry = { at: now + Math.max(0, milliseconds), tie: tie(), order, what, dropped: false };
      order += 1;
      heap.push(entry);
      return () => {
        entry.dropped = true;
      };
    },
    run(until, isOver) {
      return new Promise((resolve, reject) => {
        const step = (): void => {
          try {
            const over = isOver();
            const entry = over ? null : next(until);
            if (!entry) {
              // Nothing happens until then, and the time passes all the same.
              if (!over) now = Math.max(now, until);
              resolve();
              return;
            }
            now = entry.at;
            steps += 1;
            entry.what();
          } catch (cause) {
            reject(cause);
            return;
          }
          // A tick that a microtask asks for comes when no microtask is left: all that followed from the step has happened.
          if (steps % breath === 0) setImmediate(step);
          else queueMicrotask(() => process.nextTick(step));
        };
        setImmediate(step);
      });
    },
  };
}
