/** A queue of which the heaviest entry comes out first. */
export interface Heap<Entry> {
  readonly push: (entry: Entry) => void;
  readonly pop: () => Entry | undefined;
}

/** Entries of the same weight come out in any order; `weigh` must always say the same of one. */
export function heapBy<Entry>(weigh: (entry: Entry) => number): Heap<Entry> {
  const entries: Entry[] = [];
  const weights: number[] = [];
  const weightAt = (at: number): number => weights[at] ?? Number.NEGATIVE_INFINITY;
  const swap = (one: number, other: number): void => {
    const [first, second] = [entries[one], entries[other]] as [Entry, Entry];
    entries[one] = second;
    entries[other] = first;
    const [lighter, heavier] = [weightAt(one), weightAt(other)];
    weights[one] = heavier;
    weights[other] = lighter;
  };
  const push = (entry: Entry): void => {
    weights.push(weigh(entry));
    let at = entries.push(entry) - 1;
    for (let above = (at - 1) >> 1; at > 0 && weightAt(above) < weightAt(at); above = (at - 1) >> 1) {
      swap(at, above);
      at = above;
    }
  };
  const pop = (): Entry | undefined => {
    const [top] = entries;
    const last = entries.pop();
    const weight = weights.pop();
    if (top === undefined || last === undefined || weight === undefined || entries.length === 0) return top;
    entries[0] = last;
    weights[0] = weight;
    for (let at = 0; ; ) {
      const left = 2 * at + 1;
      const heavier = weightAt(left + 1) > weightAt(left) ? left + 1 : left;
      if (weightAt(heavier) <= weightAt(at)) return top;
      swap(at, heavier);
      at = heavier;
    }
  };
  return { push, pop };
}
