import type { PromotionTrouble } from '../../model/promotion.ts';

/** Three tries half a minute apart, then with every sweep (images.md §2). */
const pausesMs = [30_000, 30_000, 5 * 60_000] as const;

/** When an image that is in trouble is tried again (ms). */
export function triesAgainAt({ at, tries }: PromotionTrouble): number {
  return at + (pausesMs[Math.min(tries, pausesMs.length) - 1] ?? 0);
}

/** One more try that came to nothing; null: none did. */
export function troubleAfter(
  before: PromotionTrouble | null,
  because: string | null,
  now: number,
): PromotionTrouble | null {
  if (because === null) return null;
  return { because, since: before?.since ?? now, at: now, tries: (before?.tries ?? 0) + 1 };
}
