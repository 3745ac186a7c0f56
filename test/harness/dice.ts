/** Chance that comes out the same again: whole numbers from `low` to below `high`. SEED=… tries others. */
export function dice(purpose: number): (low: number, high: number) => number {
  let state = (Number(process.env.SEED ?? 20_261_128) ^ (purpose * 0x9e3779b1)) >>> 0;
  return (low, high) => {
    // mulberry32
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    const share = ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    return low + Math.floor(share * (high - low));
  };
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
