import type { ResolvedImage, UploadOrder } from '../../model/order.ts';
import type { MadeCandidate, QueueBranch } from '../../model/queue.ts';
import type { Sha } from '../../model/sha.ts';
import { withoutUpload } from '../pod/without-upload.ts';
import type { BuildPlace } from '../presubmit/advance-build.ts';
import { uploadPlaceOf } from '../promote/places.ts';
import type { QueueFacts } from './facts.ts';
import { keepPlaceOf } from './job-artifacts.ts';

/** A Build's place in the configuration, and where its image or what it keeps goes; `upload` left out: nowhere. */
export type UploadDecision =
  | { readonly kind: 'decided'; readonly place: BuildPlace; readonly upload?: UploadOrder }
  /** The branch's own file, which alone says how images are promoted, could not be read in this pass. */
  | { readonly kind: 'unread' };

function partOf({ target, platform }: ResolvedImage, number: number, candidate: Sha) {
  return { number, candidate, target, platform };
}

/** Where a candidate's Build uploads its image. `number` null: the gate only asks how things are, and uploads nothing. */
export function decideUpload(
  { branches }: Pick<QueueFacts, 'branches'>,
  { key, branch }: Pick<QueueBranch, 'key' | 'branch'>,
  number: number | null,
  { commit }: Pick<MadeCandidate, 'commit'>,
  place: BuildPlace,
): UploadDecision {
  const { job, image: resolved } = place;
  const keeps = job.content.template === 'run' && job.content.artifacts !== undefined;
  if (!keeps && (job.content.template !== 'upload-image' || resolved === null)) return { kind: 'decided', place };
  const promotion = branches.get(key)?.settings?.promotion;
  if (number !== null && promotion === undefined) return { kind: 'unread' };
  // A change may be about to leave `rebuild`: until it has landed the gate builds, as the branch says.
  if (number === null || promotion === undefined || promotion.mode === 'rebuild')
    return { kind: 'decided', place: { ...place, job: withoutUpload(job) } };
  const to =
    resolved === null
      ? keepPlaceOf(job, promotion, { number, commit })
      : uploadPlaceOf(resolved.image, promotion, partOf(resolved, number, commit));
  return { kind: 'decided', place, ...(to === null ? {} : { upload: { ...to, branch } }) };
}
