import type { ProjectConfig } from '../../model/config.ts';

const pushing: readonly string[] = ['upload-image', 'promote-image'];

/** Which way images are promoted, and why, as a sentence for people; null where nothing is pushed. */
export function explainPromotion({ jobs, gate }: Pick<ProjectConfig, 'jobs' | 'gate'>): string | null {
  if (!jobs.some(({ content }) => pushing.includes(content.template))) return null;
  const { mode, staging, executor, because } = gate.promotion;
  const place = staging ?? "the server's staging place, which is not known here";
  const way = mode === 'intermediate' ? `${mode}, by way of ${place}` : mode;
  const by = executor === 'pod' ? ', by a pod of its own' : '';
  return `promotion: ${way}${by}${because === undefined ? '' : ` (${because})`}`;
}
