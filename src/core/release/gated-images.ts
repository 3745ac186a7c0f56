import type { Image } from '../../model/image.ts';
import type { BranchReading } from '../../model/landing.ts';
import type { RecordedImage } from '../../model/promotion.ts';
import type { Sha } from '../../model/sha.ts';

/** What the gate uploaded of the landing that is this very commit, if it is all of these images; null: it is not (versions.md §6.2). */
export function gatedImages(
  commit: Sha,
  images: readonly Image[],
  { ledger }: BranchReading,
): readonly RecordedImage[] | null {
  const entries = ledger.kind === 'whole' ? ledger.entries : [];
  const landed = entries.findLast(({ detail }) => detail.kind === 'landed' && detail.commit === commit)?.detail;
  const uploaded = landed?.kind === 'landed' ? (landed.verdict.images ?? []) : [];
  const found = images.flatMap(({ name, targets, repository }) =>
    (targets.length > 0 ? targets : [null]).map((target) =>
      uploaded.find((each) => each.name === name && each.target === target && each.repository === repository),
    ),
  );
  const there = found.filter((image) => image !== undefined);
  return there.length > 0 && there.length === found.length ? there : null;
}
