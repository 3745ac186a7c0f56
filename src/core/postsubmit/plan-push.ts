import type { Image } from '../../model/image.ts';
import type { Job } from '../../model/job.ts';
import type { ChangedFiles } from '../../model/matcher.ts';
import type { Sha } from '../../model/sha.ts';
import type { Version } from '../../model/version.ts';
import type { VersionComponent, VersionSettings } from '../../model/version-settings.ts';
import { imagesOf } from '../select-jobs.ts';
import { inlineCode } from '../text/safe-markdown.ts';
import { imagesOfComponent } from '../version/component-images.ts';
import type { PushDecision } from '../version/decide-push.ts';
import type { PushFacts } from '../version/push-facts.ts';
import { nameCommit, nameDev, nameImages, type TagNaming } from './name-images.ts';
import { planReleases } from './plan-releases.ts';
import { afterNeeds, type PlannedJob } from './planned-job.ts';
import { jobsOn, judgePushedJob, type PushedBranch, type PushedJob } from './push-jobs.ts';

/** What a push does to one component of a project. */
export interface PushedComponent {
  readonly component: VersionComponent;
  readonly facts: PushFacts;
  readonly decision: PushDecision;
}

/** The commit that an image was last published from, by the ledger of its branch. */
export interface LastPublished {
  readonly from: Sha;
  /** What changed since. */
  readonly changed: ChangedFiles;
  /** That commit itself came with this push, which was judged up to there before that was forgotten; left out: it did not. */
  readonly isIn?: true;
}

/** A branch that was pushed, with everything that decides what its jobs do. */
export interface PushedRef extends PushedBranch {
  readonly change: PushFacts['change'];
  readonly after: Sha;
  /** When it was received, ms since the epoch. */
  readonly at: number;
  /** The message of its head asks for no dev images; releases are made all the same. */
  readonly saysSkip: boolean;
  /** By image, where that is known: what it was last published from. Others are judged on the push alone. */
  readonly published: ReadonlyMap<string, LastPublished>;
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
function whyNothing({ change }: PushedRef): string | null {
  if (change === 'deleted') return 'the branch was deleted: what is queued for it is cancelled';
  return change === 'cut' ? 'the branch was just cut: its commit was built where it comes from' : null;
}

/**
 * Each image on what changed since it was last published: a push that replaced a queued one must not lose the first one's image,
 * and the same commit is not built twice (versions.md §6.5).
 */
function judgeImages(job: Job, ref: PushedRef, images: readonly Image[]): PushedJob {
  if (images.every(({ name }) => !ref.published.has(name))) return judgePushedJob(job, ref, images);
  const judged = images.map((image): PushedJob => {
    if (job.content.template === 'upload-image' && ref.published.get(image.name)?.from === ref.after)
      return { kind: 'skip', because: `${inlineCode(image.name)} was built of this commit and published already` };
    const changed = ref.published.get(image.name)?.changed ?? ref.changed;
    return judgePushedJob(job, { ...ref, changed }, [image]);
  });
  const [first] = judged.filter(({ kind }) => kind === 'run');
  const run = judged.flatMap((each) => (each.kind === 'run' ? each.images : []));
  const because = [...new Set(judged.map((each) => each.because))].join('; ');
  return first === undefined ? { kind: 'skip', because } : { kind: 'run', images: run, because: first.because };
}

/** Of a push that by itself makes no image: those that an earlier one changed, and nothing published since. */
function leftBehind(ref: PushedRef, { facts, decision }: PushedComponent, images: readonly Image[]): readonly Image[] {
  if (decision.dev.kind !== 'skip' || decision.releases.length > 0) return [];
  return images.filter(({ name }) => {
    const changed = ref.published.get(name)?.changed;
    return changed !== undefined && !(changed.known && changed.paths.every((path) => facts.settings.isSkipped(path)));
  });
}

function planned(
  job: Job,
  decision: PlannedJob['decision'],
  reason: string,
  images: PlannedJob['images'] = [],
): PlannedJob {
  return { pipeline: 'postsubmit', job: job.name, decision, reason, images };
}

/** Those that V5, V6 and V9 keep from being built, had the push begun at what they were published from: it was pushed there already. */
function publishedIn(ref: PushedRef, { facts }: PushedComponent, images: readonly Image[]): readonly Image[] {
  return images.filter(({ name }) => {
    const { isIn, changed } = ref.published.get(name) ?? {};
    return isIn && changed?.known && changed.paths.every((path) => facts.settings.isSkipped(path));
  });
}

/** What a version says of images: which are looked at, and why; or what becomes of them without a look. */
function askVersion(
  job: Job,
  ref: PushedRef,
  { pushed, images }: Share,
): PlannedJob | { images: readonly Image[]; because: string | null } {
  if (pushed === null) {
    const nothing = ref.changed.known && ref.changed.paths.length === 0 && ref.published.size === 0;
    const why = whyNothing(ref) ?? (nothing ? 'nothing changed' : null);
    return why === null ? { images, because: null } : planned(job, 'skip', why);
  }
  const { row, dev } = pushed.decision;
  const reason = `${row}: ${dev.because}`;
  if (dev.kind === 'failed') return planned(job, 'refuse', reason);
  if (dev.kind === 'build') {
    const there = publishedIn(ref, pushed, images);
    const rest = images.filter((image) => !there.includes(image));
    if (rest.length > 0) return { images: rest, because: reason };
    const since = there.map(({ name }) => `${name} since ${ref.published.get(name)?.from.slice(0, 12)}`).join(', ');
    return planned(job, 'skip', `${row}: nothing that dev images are made for changed in ${since}`);
  }
  const left = leftBehind(ref, pushed, images);
  if (left.length === 0) return planned(job, 'skip', reason);
  const since = left.map(({ name }) => `${name} since ${ref.published.get(name)?.from.slice(0, 12)}`).join(', ');
  return { images: left, because: `${reason}, but not everything before it was published: ${since}` };
}

function versionOf({ facts, decision }: PushedComponent): Version | null {
  return decision.dev.version ?? (facts.version.kind === 'version' ? facts.version.version : facts.settings.fallback);
}

function planShare(job: Job, ref: PushedRef, share: Share): PlannedJob {
  const asked = askVersion(job, ref, share);
  if ('decision' in asked) return asked;
  const row = share.pushed === null ? '' : `${share.pushed.decision.row}: `;
  if (ref.saysSkip) return planned(job, 'skip', `${row}the message of ${ref.after.slice(0, 12)} says [skip ci]`);
  const judged = judgeImages(job, ref, asked.images);
  if (judged.kind === 'skip') return planned(job, 'skip', `${row}${judged.because}`);
  const place = { sha: ref.after, branch: ref.branch };
  const version = share.pushed === null ? null : versionOf(share.pushed);
  const naming: TagNaming =
    version && ref.versions ? nameDev(ref.versions.settings, version, place, ref.at) : nameCommit(place);
  return tagged(job, judged.images, naming, `${asked.because ?? judged.because}${afterNeeds(job)}`, row);
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
