import type { BuildPoint } from '../model/build.ts';
import type { Job, MatrixCell } from '../model/job.ts';
import type { ResolvedImage } from '../model/order.ts';
import { fillTemplate } from './builders/fill-template.ts';
import type { JudgedImages } from './from/judge-image.ts';
import { type PathKind, resolveImage } from './resolve-images.ts';
import { imagesOf } from './select-jobs.ts';

/** One Build of a job: an image with its files found, or a cell of its matrix; null: the job has only this one. */
export type JobPoint = ResolvedImage | { readonly cell: MatrixCell } | null;

export type PointsResult =
  | { readonly kind: 'points'; readonly points: readonly JobPoint[] }
  | { readonly kind: 'refused'; readonly because: string };

/** One entry for each Build of a job: its images, targets and platforms, the cells of its matrix, or one null. */
export function pointsOf(
  job: Job,
  names: readonly string[] | null,
  tree: { readonly kinds: ReadonlyMap<string, PathKind>; readonly judged?: JudgedImages },
): PointsResult {
  const { content } = job;
  if (content.template === 'run' && content.cells)
    return { kind: 'points', points: content.cells.map((cell) => ({ cell })) };
  if (!('images' in content)) return { kind: 'points', points: [null] };
  const points: ResolvedImage[] = [];
  for (const image of imagesOf(job).filter((candidate) => names === null || names.includes(candidate.name))) {
    const resolved = resolveImage(image, tree.kinds, tree.judged);
    if (resolved.kind === 'refused') return resolved;
    points.push(...resolved.images);
  }
  if (points.length === 0) return { kind: 'refused', because: 'it has no image to build' };
  return { kind: 'points', points };
}

/** What tells this Build from the others of its job. */
export function pointOf(point: JobPoint): BuildPoint {
  if (!point) return {};
  if ('cell' in point) return { cell: point.cell };
  const { target, platform } = point;
  return {
    image: point.image.name,
    ...(target === null ? {} : { target }),
    ...(platform === null ? {} : { platform }),
  };
}

/** What this Build is started from: the image, or the job with `{{ matrix.NAME }}` filled in in `image`, `run` and `env`. */
export function atPoint(job: Job, point: JobPoint): { readonly job: Job; readonly image: ResolvedImage | null } {
  return point !== null && 'cell' in point ? { job: jobInCell(job, point.cell), image: null } : { job, image: point };
}

function jobInCell(job: Job, cell: MatrixCell): Job {
  const { content } = job;
  if (content.template !== 'run') return job;
  const values = Object.fromEntries(Object.entries(cell).map(([name, value]) => [`matrix.${name}`, value]));
  const fill = (text: string): string => fillTemplate(text, values).text;
  const env = Object.fromEntries(Object.entries(content.env).map(([name, text]) => [name, fill(text)]));
  return { ...job, content: { ...content, image: fill(content.image), command: fill(content.command), env } };
}
