/** Draws of one named stream: the same seed and name give the same numbers, whatever other streams were asked for. */
export interface Draws {
  /** At least 0, less than 1. */
  readonly unit: () => number;
  readonly happens: (rate: number) => boolean;
}

/** A whole number below 2^32 that the three give again and again. */
export function mix(seed: number, stream: number, count: number): number {
  let hash = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13) ^ stream, 0xc2b2ae35);
  hash = Math.imul(hash ^ (hash >>> 16) ^ count, 0x27d4eb2f);
  hash = Math.imul(hash ^ (hash >>> 15), 0x165667b1);
  return (hash ^ (hash >>> 13)) >>> 0;
}

/** FNV-1a, a whole number below 2^32. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}

export function drawsOf(seed: number, name: string): Draws {
  const stream = hashOf(name);
  let count = 0;
  const unit = (): number => {
    count += 1;
    return mix(seed, stream, count) / 0x1_0000_0000;
  };
  return { unit, happens: (rate) => unit() < rate };
}

/** One number of the standard normal distribution (Box–Muller). */
export function normal({ unit }: Draws): number {
  const radius = Math.sqrt(-2 * Math.log(1 - unit()));
  return radius * Math.cos(2 * Math.PI * unit());
}
