/** When something was said: a forge tells whole seconds, and within one of them an order. */
export interface Said {
  readonly at: number;
  readonly order?: number;
}

/** Less than 0: `one` was said before `other`; 0 is only for what is not told apart (commands.md §3: the later word wins). */
export function compareSaid(one: Said, other: Said): number {
  return one.at - other.at || (one.order ?? 0) - (other.order ?? 0);
}

/** The part of what was said that tells when. */
export function saidAt({ at, order }: Said): Said {
  return order === undefined ? { at } : { at, order };
}
