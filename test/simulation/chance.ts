/** Chance from one seed. Each stream draws its own numbers, so that what is left out of one leaves the others as they were. */
export interface Chance {
  stream(name: string): Draws;
}

export interface Draws {
  /** At least 0, less than 1. */
  unit(): number;
  /** A whole number at least `low` and less than `high`. */
  between(low: number, high: number): number;
  happens(rate: number): boolean;
  pick<T>(list: readonly T[]): T;
}

function mix(seed: number, stream: number, count: number): number {
  let hash = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13) ^ stream, 0xc2b2ae35);
  hash = Math.imul(hash ^ (hash >>> 16) ^ count, 0x27d4eb2f);
  hash = Math.imul(hash ^ (hash >>> 15), 0x165667b1);
  return (hash ^ (hash >>> 13)) >>> 0;
}

function hashOfText(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}

/** Forty hex digits that the parts give again and again. */
export function hexOf(...parts: readonly (string | number)[]): string {
  const hash = hashOfText(parts.join(' '));
  return Array.from({ length: 5 }, (_, index) => mix(hash, index, 7).toString(16).padStart(8, '0')).join('');
}

export function createChance(seed: number): Chance {
  const streams = new Map<string, Draws>();
  const make = (name: string): Draws => {
    const stream = hashOfText(name);
    let count = 0;
    const unit = (): number => {
      count += 1;
      return mix(seed, stream, count) / 0x1_0000_0000;
    };
    return {
      unit,
      between: (low, high) => low + Math.floor(unit() * (high - low)),
      happens: (rate) => unit() < rate,
      pick: <T>(list: readonly T[]): T => {
        const index = Math.floor(unit() * list.length);
        if (list.length === 0) throw new Error('nothing to pick from');
        return list[index] as T;
      },
    };
  };
  return {
    stream(name) {
      let draws = streams.get(name);
      if (!draws) {
        draws = make(name);
        streams.set(name, draws);
      }
      return draws;
    },
  };
}
