import type { JobLibrary } from './core/pod/job-template.ts';
import { definitionDigest } from './model/build.ts';
import type { PoolSettings } from './model/order.ts';

const byDigest = /@sha256:[0-9a-f]{64}$/;

/**
 * Digest of what pods are made of, by which verdicts are found again (scheduling.md §5); null where an image of ours or of the
 * builder is not named by digest, as what it is may change under its name.
 */
export function buildEnvironment(pool: PoolSettings, library: JobLibrary): string | null {
  const builder = pool.builder === 'buildkit' ? (pool.buildkit?.image ?? '') : pool.kanikoImage;
  // buildah is part of our own image.
  const images = pool.builder === 'buildah' ? [pool.stepImage] : [pool.stepImage, builder];
  if (!images.every((image) => byDigest.test(image))) return null;
  const { owner: _, ...rest } = pool;
  return definitionDigest([rest, [...library.values()]]);
}
