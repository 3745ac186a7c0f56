import type { PromotionTrouble } from '../../model/promotion.ts';
import type { RegistryTroubleKind } from '../../model/registry.ts';

/** Tags that somebody else moved are put right within so long (L6), ms. */
export const sweepMs = 4 * 60_000;

/** Three tries half a minute apart, then with every sweep (images.md §2): one that comes a little early is one too. */
const pausesMs = [30_000, 30_000, sweepMs - 30_000] as const;

/** When an image that is in trouble is tried again (ms). */
export function triesAgainAt({ at, tries }: PromotionTrouble): number {
  return at + (pausesMs[Math.min(tries, pausesMs.length) - 1] ?? 0);
}

/** Why a try came to nothing; `refused`: not because a registry is away. */
export type Failing = Pick<PromotionTrouble, 'because' | 'refused'>;

/** Of trouble with a registry, whether waiting alone cures it. */
export function failingOf(because: string, kind: RegistryTroubleKind): Failing {
  return kind === 'denied' || kind === 'refused' ? { because, refused: true } : { because };
}

/** One more try that came to nothing; null: none did. */
export function troubleAfter(
  before: PromotionTrouble | null,
  failing: Failing | null,
  now: number,
): PromotionTrouble | null {
  if (failing === null) return null;
  const { because, refused } = failing;
  const known = { because, since: before?.since ?? now, at: now, tries: (before?.tries ?? 0) + 1 };
  return refused ? { ...known, refused } : known;
}
