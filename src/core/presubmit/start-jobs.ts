import { type Build, type BuildParts, buildIdFor } from '../../model/build.ts';
import type { Job } from '../../model/job.ts';
import type { ChangedFiles } from '../../model/matcher.ts';
import type { Sibling } from '../../model/order.ts';
import type { JobRecord, JobStatus, PlannedTree } from '../../model/presubmit.ts';
import type { PullRequest } from '../../model/pull-request.ts';
import { type SubjectId, subjectIdOf } from '../../model/subject.ts';
import type { TrustClass } from '../../model/trust.ts';
import { decideSiblings, type SiblingAnswer, siblingsDigest } from '../decide-siblings.ts';
import { type JobPoint, pointOf, pointsOf } from '../job-points.ts';
import { slotOf } from '../line/slot.ts';
import {
  imagesOf,
  type JobDecision,
  type LastResult,
  type StartRequest,
  selectImages,
  selectJob,
} from '../select-jobs.ts';
import { type Draft, isJudged, jobRecordOf, putJob, retireJob, retireUntold, setChange } from './draft.ts';
import { type PresubmitFacts, plannedTree, treeKey } from './facts.ts';
import type { Standing } from './standing.ts';

type Ready = Extract<Standing, { kind: 'ready' }>;

export function subjectOf(draft: Draft): SubjectId {
  return subjectIdOf({ kind: 'presubmit', repository: draft.record.project.id, number: draft.record.number });
}

export function presubmitJobs(standing: Ready): readonly Job[] {
  return standing.config.jobs.filter((job) => job.pipelines.includes('presubmit'));
}

/** How a job stands on the present head, as `/retest` asks it; a pass counts for the job's present definition only. */
export function lastResultOf(record: JobRecord | null, job: Job): LastResult {
  if (!record || !isJudged(record)) return 'none';
  const { status } = record;
  if (status.kind === 'building' || status.kind === 'blocked') return 'running';
  if (status.kind === 'ended' && status.result !== 'success') return 'failed';
  if (record.definition !== job.definition) return 'none';
  return status.kind === 'skipped' ? 'skipped' : 'passed';
}

export function decideJob(draft: Draft, job: Job, request: StartRequest, standing: Ready): JobDecision {
  const last = lastResultOf(jobRecordOf(draft, job.name), job);
  const { baseRef, labels } = standing.pull;
  return selectJob(job, request, { baseRef, labels, changed: standing.prepared.changed, last });
}

/** The first attempt of every Build of a request, wanted from now. */
export function wantBuilds(
  draft: Draft,
  record: JobRecord,
  points: readonly JobPoint[],
  trust: TrustClass,
  now: number,
): Build[] {
  const change = draft.record.change;
  if (!change) return [];
  const beside = siblingsDigest(record.siblings);
  return points.map((point) => {
    const parts: BuildParts = {
      subject: subjectOf(draft),
      entry: change.baseRef,
      commit: change.head,
      job: record.job,
      point: pointOf(point),
      definition: record.definition,
      ...(beside === null ? {} : { siblings: beside }),
      request: record.request,
      attempt: 1,
    };
    return { id: buildIdFor(parts), parts, trust, state: { phase: 'wanted', since: now } };
  });
}

/**
 * Since when what starts by itself has been wanted: since the change was last touched, however late we came to know. The forge
 * tells the same again after a loss, so that the line comes out as it was.
 */
export function wantedSince(pull: Pick<PullRequest, 'updatedAt'>, now: number): number {
  return Math.min(now, pull.updatedAt);
}

function firstStatus(
  draft: Draft,
  record: JobRecord,
  job: Job,
  request: StartRequest,
  facts: PresubmitFacts,
  standing: Ready,
): JobStatus {
  if (job.content.template === 'noop') return { kind: 'ended', result: 'success', builds: [] };
  if (job.needs.length > 0) return { kind: 'blocked' };
  const tree = facts.trees.get(treeKey(record.tree));
  if (!tree) return { kind: 'blocked' };
  const points = pointsOf(job, record.images ?? null, tree);
  if (points.kind === 'refused') return { kind: 'ended', result: 'failure', builds: [] };
  const since = request.kind === 'automatic' ? wantedSince(standing.pull, facts.now) : facts.now;
  return { kind: 'building', builds: wantBuilds(draft, record, points.points, standing.trust, since) };
}

function refusalOf(job: Job, facts: PresubmitFacts, tree: PlannedTree): string | null {
  const found = facts.trees.get(treeKey(tree));
  const points = found ? pointsOf(job, null, found) : null;
  return points?.kind === 'refused' ? points.because : null;
}

/** Whether the project only tries us out is decided with a head's first job and holds for all of them. */
function noteMode(draft: Draft, standing: Ready): void {
  const change = draft.record.change;
  if (change && !change.jobs.some(isJudged)) setChange(draft, { ...change, shadow: standing.config.mode === 'shadow' });
}

/** The same request in the same words while nothing of it was started: it keeps its place and its check run. */
function isSameWish(earlier: JobRecord, job: Job, tree: PlannedTree, because: string): boolean {
  const { status } = earlier;
  const waits = status.kind === 'building' && status.builds.every(({ state }) => state.phase === 'wanted');
  const same = earlier.because === because && earlier.definition === job.definition;
  return waits && same && treeKey(earlier.tree) === treeKey(tree);
}

/** Which commits of other projects a job's images are built with here. */
export function besideOf(draft: Draft, facts: PresubmitFacts, job: Job, trust: TrustClass): SiblingAnswer {
  const { project, change } = draft.record;
  const question = { own: facts.forge?.project ?? project, baseRef: change?.baseRef ?? '', trust, parents: null };
  return decideSiblings(job, facts.siblings ?? new Map(), question);
}

export function withSiblings(record: JobRecord, siblings: readonly Sibling[]): JobRecord {
  return siblings.length === 0 ? record : { ...record, siblings };
}

/** As a record keeps it: nothing where a job is built whole. */
export function someImages(job: Job, request: StartRequest, changed: ChangedFiles): Pick<JobRecord, 'images'> {
  const images = selectImages(job, request, changed).map(({ name }) => name);
  return images.length === imagesOf(job).length ? {} : { images };
}

/** What is tested again is what was tested before. */
function imagesFor(earlier: JobRecord | null, job: Job, request: StartRequest, { prepared }: Ready) {
  if (request.kind !== 'retest' || earlier?.definition !== job.definition)
    return someImages(job, request, prepared.changed);
  return earlier.images ? { images: earlier.images } : {};
}

/** Starts a new request of a job: an unfinished one of this head is stopped, its number is never used again. */
export function startJob(
  draft: Draft,
  facts: PresubmitFacts,
  standing: Ready,
  job: Job,
  request: StartRequest,
  because: string,
): void {
  noteMode(draft, standing);
  const earlier = jobRecordOf(draft, job.name);
  const tree = plannedTree(standing.prepared, standing.tree);
  if (earlier && isSameWish(earlier, job, tree, because)) return;
  if (earlier) retireJob(draft, earlier, `asked for again (${because})`);
  if (earlier) retireUntold(draft, earlier);
  const record: JobRecord = {
    job: job.name,
    required: !job.selection.optional,
    because:
      refusalOf(job, facts, tree) ??
      (job.content.template === 'noop' ? 'it says explicitly that there is nothing to test' : because),
    definition: job.definition,
    request: (earlier?.request ?? 0) + 1,
    tree,
    ...imagesFor(earlier, job, request, standing),
    status: { kind: 'blocked' },
    ...slotOf(job),
    readBack: false,
  };
  const beside = besideOf(draft, facts, job, standing.trust);
  if (beside.kind === 'refused')
    putJob(draft, { ...record, because: beside.because, status: { kind: 'ended', result: 'failure', builds: [] } });
  else if (beside.kind === 'unread') putJob(draft, { ...record, waitsForSiblings: true });
  else {
    const pinned = withSiblings(record, beside.siblings);
    putJob(draft, { ...pinned, status: firstStatus(draft, pinned, job, request, facts, standing) });
  }
  draft.reasons.push(`${job.name}: run, ${because}`);
}

/** Jobs that were skipped because one of these did not succeed: they have no result of their own and get another chance. */
export function startSkippedBehind(
  draft: Draft,
  facts: PresubmitFacts,
  standing: Ready,
  started: readonly string[],
): void {
  for (const job of presubmitJobs(standing)) {
    const behind = job.needs.find((need) => started.includes(need.job));
    if (!behind || jobRecordOf(draft, job.name)?.status.kind !== 'skipped') continue;
    if (decideJob(draft, job, { kind: 'automatic' }, standing).decision !== 'run') continue;
    startJob(draft, facts, standing, job, { kind: 'automatic' }, `${behind.job}, which it needs, was started again`);
    startSkippedBehind(draft, facts, standing, [job.name]);
  }
}

/** Records that a job does not apply; its check run is concluded `skipped`, so that a required check never hangs. */
export function skipJob(
  draft: Draft,
  standing: Ready,
  job: Job,
  { because, lacksLabel }: Pick<JobDecision, 'because' | 'lacksLabel'>,
): void {
  noteMode(draft, standing);
  const tree = plannedTree(standing.prepared, standing.tree);
  const request = (jobRecordOf(draft, job.name)?.request ?? 0) + 1;
  const required = !job.selection.optional;
  putJob(draft, {
    job: job.name,
    required,
    because,
    definition: job.definition,
    request,
    tree,
    status: { kind: 'skipped' },
    ...(lacksLabel ? { lacksLabel } : {}),
    ...slotOf(job),
    readBack: false,
  });
  draft.reasons.push(`${job.name}: skipped, ${because}`);
}

/** A result of this head and this definition stands; what was stopped by closing has none. */
function stands(earlier: JobRecord | null, job: Job): boolean {
  if (!earlier) return false;
  const { status } = earlier;
  if (status.kind === 'building' || status.kind === 'blocked') return true;
  return earlier.definition === job.definition && !(status.kind === 'ended' && status.result === 'aborted');
}

/** A label was put on since they were skipped for want of it. What runs goes on when one is taken off. */
function startLabelled(draft: Draft, facts: PresubmitFacts, standing: Ready): void {
  const started: string[] = [];
  for (const job of presubmitJobs(standing)) {
    if (jobRecordOf(draft, job.name)?.lacksLabel !== true) continue;
    const { decision, because } = decideJob(draft, job, { kind: 'automatic' }, standing);
    if (decision !== 'run') continue;
    started.push(job.name);
    startJob(draft, facts, standing, job, { kind: 'automatic' }, `its label was put on, and ${because}`);
  }
  startSkippedBehind(draft, facts, standing, started);
}

/** Decides every automatic job that has no result on this head yet; jobs that were stopped by closing run again. */
export function planAutomatic(draft: Draft, facts: PresubmitFacts, standing: Ready): void {
  const change = draft.record.change;
  if (!change) return;
  if (change.planned) {
    startLabelled(draft, facts, standing);
    return;
  }
  const started: string[] = [];
  for (const job of presubmitJobs(standing)) {
    if (stands(jobRecordOf(draft, job.name), job)) continue;
    const decision = decideJob(draft, job, { kind: 'automatic' }, standing);
    if (decision.decision !== 'run') skipJob(draft, standing, job, decision);
    else {
      started.push(job.name);
      startJob(draft, facts, standing, job, { kind: 'automatic' }, decision.because);
    }
  }
  startSkippedBehind(draft, facts, standing, started);
  const planned = draft.record.change;
  if (planned) setChange(draft, { ...planned, planned: true });
}
