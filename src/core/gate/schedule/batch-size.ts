/** What there is, and what is asked for. Minutes. */
export interface Supply {
  readonly slots: number;
  readonly buildMinutes: number;
  /** That a waiting unit is good. */
  readonly good: number;
  readonly flake: number;
  /** That two waiting units touch the same. */
  readonly overlap: number;
  /** Landings a minute that are wanted. */
  readonly demand: number;
}

export const largestBatch = 16;
/** A rate counts as enough only with so much to spare. */
const usable = 0.8;

/** Builds for a batch, with those that find out what is wrong in it: halves of halves. */
function buildsFor(size: number, good: number): number {
  if (size <= 1) return 1;
  const fails = 1 - good ** size;
  return 1 + fails * (buildsFor(Math.ceil(size / 2), good) + 0.5 * buildsFor(Math.floor(size / 2), good));
}

/** Landings a minute with batches of this size, in all slots, each on those ahead (scheduling.md §4 Granularity). */
export function landingRate(size: number, { slots, buildMinutes, good, flake, overlap }: Supply): number {
  const meet = 1 - (1 - overlap) ** (size * size);
  const stands = (good ** size * (1 - flake)) ** meet;
  const useful = stands >= 1 ? slots : (1 - stands ** slots) / (1 - stands);
  return (size * useful) / (buildsFor(size, good) * buildMinutes * (1 + 0.2 * Math.log2(size)));
}

/** No size of batches up to `most` would land as many as are asked for (scheduling.md §4 Load shedding). */
export function isTooLittle(supply: Supply, most = largestBatch): boolean {
  for (let size = 1; size <= most; size += 1) if (usable * landingRate(size, supply) >= supply.demand) return false;
  return true;
}

/** So much more must land with batches than without: people read less of one (scheduling.md §4 Granularity). */
const worthIt = 1.3;

/** How many changes a build should test: the fewest with which as many land as are asked for, else as many as land most. */
export function batchSizeFor(supply: Supply): number {
  const sizes = Array.from({ length: largestBatch }, (_, at) => at + 1);
  const rates = sizes.map((size) => landingRate(size, supply));
  const enough = rates.findIndex((rate) => usable * rate >= supply.demand);
  const best = rates.indexOf(Math.max(...rates));
  const found = enough < 0 ? best : enough;
  return (rates[found] ?? 0) >= worthIt * (rates[0] ?? 0) ? found + 1 : 1;
}
