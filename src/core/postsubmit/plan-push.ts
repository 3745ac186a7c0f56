import type { Image } from '../../model/image.ts';
import type { Job } from '../../model/job.ts';
import type { Sha } from '../../model/sha.ts';
import type { VersionComponent, VersionSettings } from '../../model/version-settings.ts';
import { imagesOf } from '../select-jobs.ts';
import { imagesOfComponent } from '../version/component-images.ts';
import type { PushDecision } from '../version/decide-push.ts';
import type { PushFacts } from '../version/push-facts.ts';
import { nameCommit, nameDev, nameImages, type TagNaming } from './name-images.ts';
import { planReleases } from './plan-releases.ts';
import { afterNeeds, type PlannedJob } from './planned-job.ts';
import { jobsOn, judgePushedJob, type PushedBranch } from './push-jobs.ts';

/** What a push does to one component of a project. */
export interface PushedComponent {
  readonly component: VersionComponent;
  readonly facts: PushFacts;
  readonly decision: PushDecision;
}

/** A branch that was pushed, with everything that decides what its jobs do. */
export interface PushedRef extends PushedBranch {
  readonly change: PushFacts['change'];
  readonly after: Sha;
  /** When it was received, ms since the epoch. */
  readonly at: number;
  /** By the configuration at its head; of a deleted branch as it was. */
  readonly jobs: readonly Job[];
  /** By the configuration at each commit that is released; a text: why there are none. */
  readonly jobsAt: ReadonlyMap<Sha, readonly Job[] | string>;
  /** Null: the project has no versions. */
  readonly versions: { readonly settings: VersionSettings; readonly components: readonly PushedComponent[] } | null;
}

/** Images of a job that share their fate: those of one component, or those of none. */
interface Share {
  readonly pushed: PushedComponent | null;
  readonly images: readonly Image[];
}

function sharesOf(job: Job, { versions }: PushedRef): readonly Share[] {
  const images = imagesOf(job);
  if (versions === null) return [{ pushed: null, images }];
  const all = versions.components.map(({ component }) => component);
  const shares = versions.components.map((pushed) => ({
    pushed,
    images: imagesOfComponent(pushed.component, all, images),
  }));
  const rest = images.filter((image) => !shares.some((share) => share.images.includes(image)));
  return [...shares, { pushed: null, images: rest }].filter((share) => share.images.length > 0);
}

/** Why nothing is built of a branch as it was pushed, where no version says more; null: something may be. */
function whyNothing({ change, changed }: PushedRef): string | null {
  if (change === 'deleted') return 'the branch was deleted: what is queued for it is cancelled';
  if (change === 'cut') return 'the branch was just cut: its commit was built where it comes from';
  return changed.known && changed.paths.length === 0 ? 'nothing changed' : null;
}

function planned(
  job: Job,
  decision: PlannedJob['decision'],
  reason: string,
  images: PlannedJob['images'] = [],
): PlannedJob {
  return { pipeline: 'postsubmit', job: job.name, decision, reason, images };
}

function planShare(job: Job, ref: PushedRef, { pushed, images }: Share): PlannedJob {
  const dev = pushed?.decision.dev ?? null;
  const row = pushed === null ? '' : `${pushed.decision.row}: `;
  if (dev?.kind === 'failed') return planned(job, 'refuse', `${row}${dev.because}`);
  if (dev !== null && dev.kind !== 'build') return planned(job, 'skip', `${row}${dev.because}`);
  const why = dev === null ? whyNothing(ref) : null;
  if (why !== null) return planned(job, 'skip', why);
  const judged = judgePushedJob(job, ref, images);
  if (judged.kind === 'skip') return planned(job, 'skip', `${row}${judged.because}`);
  const place = { sha: ref.after, branch: ref.branch };
  const naming: TagNaming =
    dev?.version && ref.versions ? nameDev(ref.versions.settings, dev.version, place, ref.at) : nameCommit(place);
  const reason = `${row}${dev === null ? judged.because : dev.because}${afterNeeds(job)}`;
  return tagged(job, judged.images, naming, reason, row);
}

function tagged(job: Job, images: readonly Image[], naming: TagNaming, reason: string, row: string): PlannedJob {
  const isPushed = job.content.template === 'upload-image';
  if (!isPushed)
    return planned(
      job,
      'run',
      reason,
      images.map(({ name }) => ({ name, tags: [] })),
    );
  const named = nameImages(images, naming);
  if (named.kind === 'illegal') return planned(job, 'refuse', `${row}${named.because}`);
  return planned(job, 'run', reason, named.images);
}

/** A job without images has no version: the branch and what changed decide. */
function planPlain(job: Job, ref: PushedRef): PlannedJob {
  const why = ref.change === 'deleted' || ref.change === 'cut' ? whyNothing(ref) : null;
  if (why !== null) return planned(job, 'skip', why);
  const judged = judgePushedJob(job, ref);
  if (judged.kind === 'skip') return planned(job, 'skip', judged.because);
  return planned(job, 'run', `${judged.because}${afterNeeds(job)}`);
}

/**
 * What becomes of each postsubmit and release job after a push to a branch, with the tags of its images: once for each component
 * and release that it is for. Pure; empty where no job is for either pipeline.
 */
export function planPush(ref: PushedRef): readonly PlannedJob[] {
  const built = jobsOn(ref.jobs, 'postsubmit').flatMap((job) =>
    'images' in job.content ? sharesOf(job, ref).map((share) => planShare(job, ref, share)) : [planPlain(job, ref)],
  );
  return [...built, ...planReleases(ref)];
}
