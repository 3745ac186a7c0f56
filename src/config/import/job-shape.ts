import { printable, quote } from '../problems/finding.ts';
import type { ImageUse } from './collect-images.ts';
import type { ZuulJob } from './inherit-job.ts';
import type { Trigger } from './read-uses.ts';
import type { JobBody } from './translate-jobs.ts';
import { flagOf, type Tell, textOf } from './written.ts';

/** `on`: where it runs other than in the pipelines that its own stands for. */
interface Shape {
  readonly body: Pick<JobBody, 'template' | 'publish'>;
  readonly on?: readonly Trigger[];
}

/** How images reach their final tags: what the jobs of a project together come to (images.md §2). */
export type ImportedMode = 'tag' | 'intermediate' | 'rebuild' | null;

/** Null: nothing is published after a change has landed. */
export function modeOf(uses: readonly ImageUse[]): ImportedMode {
  const viaIntermediate = uses.some(({ job }) => isIntermediate(job));
  const uploads = uses.some(
    ({ kind, pipeline }) => pipeline.name === 'gate' && (kind === 'upload' || (kind === 'build' && viaIntermediate)),
  );
  if (uploads) return viaIntermediate ? 'intermediate' : 'tag';
  const isAfterLanding = ({ kind, job, pipeline }: ImageUse) =>
    kind === 'upload' && isDirect(job) && ['promote', 'post'].includes(pipeline.name);
  return uses.some(isAfterLanding) ? 'rebuild' : null;
}

/** Whether its images wait in another registry until they are promoted (zuul-jobs, promote_container_image_method). */
function isIntermediate({ vars }: ZuulJob): boolean {
  return textOf(vars.get('promote_container_image_method')) === 'intermediate-registry';
}

/** Whether it sets the final tags itself (zuul-jobs, upload_container_image_promote: false). */
function isDirect({ vars }: ZuulJob): boolean {
  return ['upload_container_image_promote', 'upload_docker_image_promote'].some(
    (name) => flagOf(vars.get(name)) === false,
  );
}

/** What a job of Zuul is here (images.md §2); null, and told why, where there is no such thing. */
export function shapeOf(use: ImageUse, uses: readonly ImageUse[], mode: ImportedMode, tell: Tell): Shape | null {
  if (use.kind === 'promote') return promoteShape(use, tell);
  return use.kind === 'build' ? buildShape(use, uses, mode, tell) : uploadShape(use, mode, tell);
}

function refuse({ job, pipeline, at }: ImageUse, why: string, tell: Tell): null {
  tell(at, `the job ${quote(printable(job.name))} in ${pipeline.name}: ${why}: not imported`);
  return null;
}

function promoteShape(use: ImageUse, tell: Tell): Shape | null {
  if (use.pipeline.name === 'promote') return { body: { template: 'promote-image' } };
  return refuse(use, 'images are promoted once their change has landed, and at no other time', tell);
}

// With an intermediate registry it is the build of the gate that uploads; ours are an uploader's container.
function buildShape(use: ImageUse, uses: readonly ImageUse[], mode: ImportedMode, tell: Tell): Shape | null {
  const { name } = use.pipeline;
  if (name === 'promote') return refuse(use, 'nothing is built once a change has landed', tell);
  const uploads = uses.some(({ kind, pipeline }) => kind === 'upload' && pipeline.name === 'gate');
  return {
    body: { template: name === 'gate' && mode === 'intermediate' && !uploads ? 'upload-image' : 'build-image' },
  };
}

function uploadShape(use: ImageUse, mode: ImportedMode, tell: Tell): Shape | null {
  const { job, pipeline, at } = use;
  const direct = isDirect(job);
  const says = (why: string) => tell(at, `the job ${quote(printable(job.name))} in ${pipeline.name}: ${why}`);
  if (pipeline.on.includes('presubmit')) {
    says('a change that was not approved pushes nothing here: it builds the image and no more');
    return { body: { template: 'build-image' } };
  }
  if (pipeline.name === 'gate') {
    if (direct)
      says('final tags are set once the change has landed, not before: it uploads, and promote-image sets them');
    return { body: { template: 'upload-image' } };
  }
  if (!direct)
    return refuse(
      use,
      'it would upload what nothing promotes; with `publish: direct` it sets the final tags at once',
      tell,
    );
  const body = { template: 'upload-image', publish: 'direct' } as const;
  if (pipeline.name !== 'promote') return { body };
  if (mode !== 'rebuild') return refuse(use, 'the images that the gate uploaded are promoted, not built again', tell);
  says('what landed is built again and published by `promotion: { mode: rebuild }`; this job on postsubmit is how');
  return { body, on: ['postsubmit'] };
}
