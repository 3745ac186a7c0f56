import { type Build, buildIdFor } from '../../model/build.ts';
import type { Effect } from '../../model/effect.ts';
import type { Job } from '../../model/job.ts';
import type { ResolvedImage } from '../../model/order.ts';
import type { JobRecord, JobStatus, PlannedTree } from '../../model/presubmit.ts';
import type { PromotionSettings, Rebuild, RecordedImage } from '../../model/promotion.ts';
import { pointOf, pointsOf } from '../job-points.ts';
import { slotOf } from '../line/slot.ts';
import { advanceBuild } from '../presubmit/advance-build.ts';
import { jobAt, placeOf, settle } from '../presubmit/advance-jobs.ts';
import { type TreeFacts, treeKey } from '../presubmit/facts.ts';
import { imagesOfJob } from './collect-images.ts';
import type { PromoteDraft } from './draft.ts';
import type { PromoteFacts } from './facts.ts';
import { uploadPlaceOf } from './places.ts';

/** Straight to where people pull it, under a tag of ours until its own tags are set. */
const direct: PromotionSettings = { mode: 'tag', staging: null, executor: 'worker' };
/** A build that failed is begun again by `/promote`, and by itself after so long, ms: the registry may be what failed. */
const againMs = 3_600_000;

/** When it is begun again by itself (ms since the epoch); null: nothing of it has failed. */
export function beginsAgainAt({ failedAt }: Rebuild): number | null {
  return failedAt === null ? null : failedAt + againMs;
}

function treeOf({ commit, tree }: Rebuild): PlannedTree {
  return { base: commit, tree };
}

/** Jobs that push: those that publish what was pushed, or else, for what was lost, those that uploaded it in the gate. */
function jobsFor({ lost }: Rebuild, jobs: readonly Job[]): readonly Job[] {
  const uploading = jobs.filter(({ content }) => content.template === 'upload-image');
  if (lost === null) return uploading.filter(({ pipelines }) => pipelines.includes('postsubmit'));
  const holds = ({ content }: Job): boolean =>
    'images' in content && content.images.some(({ name }) => lost.includes(name));
  const publishing = uploading.filter((job) => job.pipelines.includes('postsubmit') && holds(job));
  return publishing.length > 0 ? publishing.slice(0, 1) : uploading.filter(holds).slice(0, 1);
}

function buildsOf(facts: PromoteFacts, rebuild: Rebuild, job: Job, tree: TreeFacts): readonly Build[] | null {
  const points = pointsOf(job, rebuild.lost, tree);
  if (points.kind === 'refused') return null;
  return points.points.map((point) => {
    const parts = {
      subject: facts.subject,
      entry: String(rebuild.sequence),
      commit: rebuild.commit,
      job: job.name,
      point: pointOf(point),
      definition: job.definition,
      request: rebuild.request,
      attempt: 1,
    };
    return { id: buildIdFor(parts), parts, trust: 'trusted', state: { phase: 'wanted', since: facts.now } };
  });
}

function beginJob(facts: PromoteFacts, rebuild: Rebuild, job: Job, tree: TreeFacts): JobRecord {
  const builds = buildsOf(facts, rebuild, job, tree);
  const status: JobStatus =
    builds === null || builds.length === 0
      ? { kind: 'ended', result: 'failure', builds: [] }
      : { kind: 'building', builds };
  const { name, definition } = job;
  const plain = { required: true, because: rebuild.because, request: rebuild.request, readBack: false };
  return { job: name, definition, ...slotOf(job), tree: treeOf(rebuild), status, ...plain };
}

/** Which jobs build it, by the file of the landed commit itself; null: that is to be read first. */
function decide(draft: PromoteDraft, facts: PromoteFacts, rebuild: Rebuild): readonly JobRecord[] | null {
  const tree = facts.trees.get(treeKey(treeOf(rebuild)));
  if (tree === undefined) draft.wants.trees.push(treeOf(rebuild));
  if (tree?.config.kind !== 'usable') return tree?.config.kind === 'refused' && tree.config.where !== null ? [] : null;
  return jobsFor(rebuild, tree.config.config.jobs).map((job) => beginJob(facts, rebuild, job, tree));
}

function placeFor({ number, commit }: Rebuild, branch: string, resolved: ResolvedImage | null) {
  if (resolved === null) return null;
  const { image, target, platform } = resolved;
  const to = uploadPlaceOf(image, direct, { number, candidate: commit, target, platform });
  return to && { ...to, branch };
}

function step(draft: PromoteDraft, facts: PromoteFacts, rebuild: Rebuild, record: JobRecord, build: Build): Build {
  const { project, branch } = draft.record;
  const effects: Effect[] = [];
  const place = placeOf(facts, record, build);
  const upload = place && placeFor(rebuild, branch, place.image);
  const checkout = { cloneUrl: project.cloneUrl, base: rebuild.commit, heads: [], tree: rebuild.tree };
  const plain = { draft: { effects, reasons: draft.reasons }, facts, project, checkout, place, barred: null };
  const next = advanceBuild({ ...plain, unsure: false, ...(upload ? { upload } : {}) }, build);
  for (const effect of effects) draft.effects.push({ kind: 'on', number: rebuild.number, effect });
  return next;
}

/** Moves its builds one step on; one that failed is begun again after a while, or at once when somebody asks. */
export function advanceRebuild(draft: PromoteDraft, facts: PromoteFacts, given: Rebuild): Rebuild {
  const again = beginsAgainAt(given);
  const isDue = again !== null && (facts.asked || facts.now >= again);
  const rebuild = isDue ? { ...given, request: given.request + 1, jobs: null, failedAt: null } : given;
  const jobs = rebuild.jobs ?? decide(draft, facts, rebuild);
  if (jobs === null) return rebuild;
  const moved = jobs.map((record) => {
    const { status } = record;
    if (!('builds' in status) || status.builds.length === 0) return record;
    const builds = status.builds.map((build) => step(draft, facts, rebuild, record, build));
    return { ...record, status: status.kind === 'ended' ? { ...status, builds } : settle(builds) };
  });
  const hasFailed = moved.some(({ status }) => status.kind === 'ended' && status.result !== 'success');
  const isOver = moved.every(({ status }) => status.kind === 'ended');
  return { ...rebuild, jobs: moved, failedAt: isOver && hasFailed ? (rebuild.failedAt ?? facts.now) : null };
}

/** What a rebuild came to, all of it; null: nothing yet. */
export type BuiltImages =
  | { readonly kind: 'built'; readonly images: readonly RecordedImage[] }
  /** Everything is built, and what several platforms make together could not be written. */
  | { readonly kind: 'waits'; readonly because: string }
  | null;

export function builtImages(draft: PromoteDraft, facts: PromoteFacts, { jobs }: Rebuild): BuiltImages {
  if (jobs === null || jobs.length === 0) return null;
  const images: RecordedImage[] = [];
  let isWhole = true;
  let waits: string | null = null;
  for (const record of jobs) {
    const job = jobAt(facts, record);
    if (job === null || record.status.kind !== 'ended' || record.status.result !== 'success') return null;
    const collected = imagesOfJob(job, record, facts.indexes);
    draft.wants.indexes.push(...collected.indexes);
    isWhole &&= collected.indexes.length === 0;
    waits ??= collected.waits;
    images.push(...collected.images);
  }
  if (waits !== null) return { kind: 'waits', because: waits };
  return isWhole && images.length > 0 ? { kind: 'built', images } : null;
}

/** Why it came to nothing, for people; null: it did not. */
export function whyNotRebuilt({ jobs, failedAt }: Rebuild): string | null {
  if (jobs !== null && jobs.length === 0)
    return 'no job of the landed commit publishes it: an `upload-image` job on `postsubmit` would';
  if (failedAt === null) return null;
  const failed = (jobs ?? []).filter(({ status }) => status.kind === 'ended' && status.result !== 'success');
  const words = failed.flatMap(({ job, status }) => {
    const builds = 'builds' in status ? status.builds : [];
    const said = builds.flatMap(({ state }) =>
      state.phase === 'finished' && state.result !== 'success' ? [state.because] : [],
    );
    return [`${job}: ${said[0] ?? 'it could not be begun'}`];
  });
  return `it was built again, and that failed (${words.join('; ')})`;
}
