import { drawsOf, hashOf, mix } from '../../src/core/simulate/chance.ts';

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

/** Forty hex digits that the parts give again and again. */
export function hexOf(...parts: readonly (string | number)[]): string {
  const hash = hashOf(parts.join(' '));
  return Array.from({ length: 5 }, (_, index) => mix(hash, index, 7).toString(16).padStart(8, '0')).join('');
}

export function createChance(seed: number): Chance {
  const streams = new Map<string, Draws>();
  const make = (name: string): Draws => {
    const { unit, happens } = drawsOf(seed, name);
    return {
      unit,
      between: (low, high) => low + Math.floor(unit() * (high - low)),
      happens,
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
