/** What the size of a batch is chosen by. Minutes. */
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

const largestBatch = 16;
/** A rate counts as enough only with so much to spare. */
const usable = 0.8;
/** A batch is tested instead of single units only where that is worth so much. */
const gain = 1.15;

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

/** How many units a build should hold, and whether that lands as many as are asked for. */
export interface Sizing {
  readonly size: number;
  readonly suffices: boolean;
}

/** The smallest batch with which the demand is met; where none does, the one that lands most, if that is worth it. */
export function batchSize(supply: Supply): Sizing {
  const rates = Array.from({ length: largestBatch }, (_, at) => landingRate(at + 1, supply));
  const enough = rates.findIndex((rate) => usable * rate >= supply.demand);
  if (enough !== -1) return { size: enough + 1, suffices: true };
  const best = rates.reduce((most, rate, at) => (rate > (rates[most] ?? 0) ? at : most), 0);
  return { size: (rates[best] ?? 0) >= gain * (rates[0] ?? 0) ? best + 1 : 1, suffices: false };
}
