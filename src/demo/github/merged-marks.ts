/** When pull requests are marked as merged by a push: at once, a while after it, or when the story says so. */
export interface MergedMarks {
  /** True when marks are set within the push itself. */
  readonly atOnce: () => boolean;
  /** Sets marks later; `mark` takes the repository's lock itself. */
  readonly post: (mark: () => Promise<void>) => void;
  readonly hold: () => void;
  /** Sets what was held back, in order; resolves when that is done. */
  readonly release: () => Promise<void>;
  /** Resolves once nothing is on its way any more but what is held back. */
  readonly settled: () => Promise<void>;
  /** For good: what is on its way is dropped, what is being set is waited for. */
  readonly stop: () => Promise<void>;
}

/** `delay` in ms of real time; 0: at once. */
export function createMergedMarks(delay: number): MergedMarks {
  let held: (() => Promise<void>)[] | null = null;
  let running: Promise<void> = Promise.resolve();
  const waiting = new Set<NodeJS.Timeout>();
  const run = (mark: () => Promise<void>): void => {
    running = running.then(mark);
  };
  return {
    atOnce: () => delay === 0 && held === null,
    post: (mark) => {
      if (held) return void held.push(mark);
      const timer = setTimeout(() => {
        waiting.delete(timer);
        run(mark);
      }, delay);
      waiting.add(timer);
    },
    hold: () => {
      held ??= [];
    },
    release: async () => {
      for (const mark of held ?? []) run(mark);
      held = null;
      await running;
    },
    settled: async () => {
      while (waiting.size > 0) await new Promise((resolve) => setTimeout(resolve, 5));
      await running;
    },
    stop: async () => {
      for (const timer of waiting) clearTimeout(timer);
      waiting.clear();
      await running;
    },
  };
}
