import { type Build, type BuildResult, externalIdFor } from '../../model/build.ts';
import type { Job } from '../../model/job.ts';
import type { JobRecord, JobStatus, RetiredRequest } from '../../model/presubmit.ts';
import type { SiblingAnswer } from '../decide-siblings.ts';
import { atPoint, pointOf, pointsOf } from '../job-points.ts';
import { approvalOf } from '../may-run.ts';
import { inlineCode } from '../text/safe-markdown.ts';
import { advanceBuild, atItsAttempt, type BuildPlace, stopBuild } from './advance-build.ts';
import { type Draft, isJudged, jobRecordOf, putJob } from './draft.ts';
import { type PresubmitFacts, type TreeFacts, treeKey } from './facts.ts';
import { underWay } from './read-back.ts';
import type { Standing } from './standing.ts';
import { besideOf, subjectOf, wantBuilds, wantedSince, withSiblings } from './start-jobs.ts';

const severity: readonly BuildResult[] = ['success', 'aborted', 'timeout', 'failure', 'error'];

/** The worst of a job's builds. None is no result: a job without builds never passes by that. */
export function foldResults(results: readonly BuildResult[]): BuildResult | 'nothing-ran' {
  if (results.length === 0) return 'nothing-ran';
  return results.reduce((worst, result) => (severity.indexOf(result) > severity.indexOf(worst) ? result : worst));
}

export function jobAt(facts: Pick<PresubmitFacts, 'trees'>, record: JobRecord): Job | null {
  const config = facts.trees.get(treeKey(record.tree))?.config;
  if (config?.kind !== 'usable') return null;
  return config.config.jobs.find((job) => job.name === record.job) ?? null;
}

/** Where a Build of a job stands in the configuration it was planned with; null while that cannot be read. */
export function placeOf(facts: Pick<PresubmitFacts, 'trees'>, record: JobRecord, build: Build): BuildPlace | null {
  const job = jobAt(facts, record);
  const tree = facts.trees.get(treeKey(record.tree));
  if (!job || !tree) return null;
  const points = pointsOf(job, null, tree);
  if (points.kind === 'refused') return null;
  const wanted = JSON.stringify(build.parts.point);
  const point = points.points.find((each) => JSON.stringify(pointOf(each)) === wanted);
  return point === undefined ? null : atPoint(job, point);
}

/** Why this record's job is not found where it was planned, for good; null while it is, or while that cannot be read. */
function lostPlace(facts: Pick<PresubmitFacts, 'trees'>, record: JobRecord): string | null {
  const tree = facts.trees.get(treeKey(record.tree));
  if (!tree || (tree.config.kind === 'refused' && tree.config.where === null)) return null;
  const job = jobAt(facts, record);
  if (!job) return `${inlineCode(record.job)} is not in the configuration that it was planned with any more`;
  const points = pointsOf(job, null, tree);
  return points.kind === 'refused' ? points.because : null;
}

/** Why builds of this head may not start now; null when they may. */
function barredBy(standing: Standing): string | null {
  if (standing.kind === 'ready' || standing.kind === 'unread') return null;
  // The plan's tree is pinned: a base that moved into a conflict, or a broken file there, does not take back what was planned.
  if (standing.kind === 'conflict' || standing.kind === 'config') return null;
  return standing.because;
}

/** What a job's builds come to: building until all have ended. */
export function settle(builds: readonly Build[]): JobStatus {
  const results = builds.map((build) => (build.state.phase === 'finished' ? build.state.result : null));
  const ended = results.filter((result) => result !== null);
  if (ended.length < builds.length) return { kind: 'building', builds };
  const folded = foldResults(ended);
  return { kind: 'ended', result: folded === 'nothing-ran' ? 'error' : folded, builds };
}

type NeedAnswer =
  | { readonly kind: 'satisfied' }
  | { readonly kind: 'wait' }
  | { readonly kind: 'skip'; readonly because: string };

/** Hard need failed or skipped: skipped; soft need skipped: goes on, failed: skipped (gate.md §3). */
function judgeNeeds(draft: Draft, job: Job): NeedAnswer {
  for (const need of job.needs) {
    const other = jobRecordOf(draft, need.job);
    if (!other || !isJudged(other) || (need.soft && other.status.kind === 'skipped')) continue;
    if (other.status.kind === 'skipped') return { kind: 'skip', because: `it needs ${need.job}, which was skipped` };
    if (other.status.kind !== 'ended') return { kind: 'wait' };
    if (other.status.result !== 'success')
      return { kind: 'skip', because: `it needs ${need.job}, which ended with ${other.status.result}` };
  }
  return { kind: 'satisfied' };
}

/** Needs no look at the forge: whether a build may start is asked when it has its slot. */
function advanceBlocked(draft: Draft, facts: PresubmitFacts, record: JobRecord): JobRecord {
  const lost = lostPlace(facts, record);
  if (lost !== null) return { ...record, because: lost, status: { kind: 'ended', result: 'failure', builds: [] } };
  const job = jobAt(facts, record);
  const tree = facts.trees.get(treeKey(record.tree));
  const head = draft.record.change?.head;
  if (!job || !tree || head === undefined) return record;
  const needs = judgeNeeds(draft, job);
  if (needs.kind === 'wait') return record;
  if (needs.kind === 'skip') return { ...record, because: needs.because, status: { kind: 'skipped' } };
  const points = pointsOf(job, record.images ?? null, tree);
  if (points.kind === 'refused') return record;
  const trust = approvalOf(head, draft.record.approvals) ? 'approved' : 'untrusted';
  const beside: SiblingAnswer = record.siblings
    ? { kind: 'decided', siblings: record.siblings }
    : besideOf(draft, facts, job, trust);
  if (beside.kind === 'unread') return record.waitsForSiblings ? record : { ...record, waitsForSiblings: true };
  if (beside.kind === 'refused')
    return { ...record, because: beside.because, status: { kind: 'ended', result: 'failure', builds: [] } };
  const { waitsForSiblings: _, ...rest } = record;
  const pinned = withSiblings(rest, beside.siblings);
  const builds = wantBuilds(draft, pinned, points.points, trust, sinceOf(draft, facts, record));
  return { ...pinned, status: { kind: 'building', builds: builds.map((build) => atItsAttempt(facts, build)) } };
}

/** What an earlier life of ours had put in line keeps its age: that of its check run, or of the change for what starts by itself. */
function sinceOf(draft: Draft, facts: PresubmitFacts, record: JobRecord): number {
  const { change, pull } = draft.record;
  if (!change || !pull || record.because !== underWay) return facts.now;
  const { job, definition, request } = record;
  const identity = { subject: subjectOf(draft), entry: change.baseRef, commit: change.head, job, definition, request };
  const told = facts.forge?.checkRuns?.find((run) => run.externalId === externalIdFor(identity));
  const since = Math.min(facts.now, told?.startedAt ?? facts.now);
  return request === 1 ? wantedSince(pull, since) : since;
}

/** Again and again: what one job's end lets begin, or skips, may be what others wait for. */
function advanceAllBlocked(draft: Draft, facts: PresubmitFacts): void {
  for (let moved = true; moved; ) {
    moved = false;
    for (const record of draft.record.change?.jobs ?? []) {
      if (record.status.kind !== 'blocked') continue;
      const next = advanceBlocked(draft, facts, record);
      if (next === record) continue;
      putJob(draft, next);
      moved = true;
    }
  }
}

/** What a presubmit checks out: the head merged onto the pinned base. */
function groundOf({ record: { project } }: Draft, { tree, siblings = [] }: JobRecord, build: Build) {
  const checkout = {
    cloneUrl: project.cloneUrl,
    base: tree.base,
    heads: [build.parts.commit],
    tree: tree.tree,
    siblings,
  };
  return { project, checkout };
}

/** What waits to be shut in need not once its very head is approved. */
function approvedMeanwhile({ record }: Draft, { isolation }: PresubmitFacts, build: Build): Build {
  const waits = isolation?.kind === 'held' && build.state.phase === 'wanted' && build.trust === 'untrusted';
  return waits && approvalOf(build.parts.commit, record.approvals) ? { ...build, trust: 'approved' } : build;
}

function advanceJob(draft: Draft, facts: PresubmitFacts, standing: Standing, record: JobRecord): JobRecord {
  if (record.status.kind === 'blocked' || record.status.kind === 'skipped') return record;
  const barred = barredBy(standing) ?? lostPlace(facts, record);
  const unsure = standing.kind === 'unread';
  const builds = record.status.builds.map((build) => {
    const place = placeOf(facts, record, build);
    const isolation = facts.isolation === undefined ? {} : { isolation: facts.isolation };
    const context = { draft, facts, ...groundOf(draft, record, build), place, barred, unsure, ...isolation };
    return advanceBuild(context, approvedMeanwhile(draft, facts, build));
  });
  return record.status.kind === 'ended'
    ? { ...record, status: { ...record.status, builds } }
    : { ...record, status: settle(builds) };
}

function advanceRetired(draft: Draft, facts: PresubmitFacts, retired: RetiredRequest): RetiredRequest {
  const { status } = retired.job;
  if (status.kind === 'blocked')
    return { ...retired, job: { ...retired.job, status: { kind: 'ended', result: 'aborted', builds: [] } } };
  if (status.kind === 'skipped') return retired;
  const barred = retired.because;
  if (barred === null) {
    for (const { id } of status.builds)
      if (facts.pods?.some((pod) => pod.name === id)) draft.effects.push({ kind: 'remove', build: id });
    return retired;
  }
  const builds = status.builds.map((build) => {
    const stopped = stopBuild(draft, build, barred, facts.now);
    if (stopped !== build) return stopped;
    const place = placeOf(facts, retired.job, build);
    const ground = groundOf(draft, retired.job, build);
    return advanceBuild({ draft, facts, ...ground, place, barred, unsure: false }, build);
  });
  const settled = settle(builds);
  const ended: JobStatus = settled.kind === 'ended' ? { ...settled, result: 'aborted' } : settled;
  return {
    ...retired,
    job: { ...retired.job, status: builds.length === 0 ? { kind: 'ended', result: 'aborted', builds } : ended },
  };
}

/** Pods of this subject that no Build of the record names: what is left of earlier attempts or lives is stopped and removed. */
function removeStrays(draft: Draft, facts: PresubmitFacts, subject: string): void {
  const jobs = [...(draft.record.change?.jobs ?? []), ...draft.record.retired.map((retired) => retired.job)];
  const ours = new Set<string>(
    jobs.flatMap((job) => ('builds' in job.status ? job.status.builds.map((build) => build.id) : [])),
  );
  for (const pod of facts.pods ?? []) {
    if (pod.annotations['sluice.dev/subject'] !== subject || ours.has(pod.name)) continue;
    const build = pod.name as Build['id'];
    draft.effects.push({ kind: 'remove', build });
    draft.reasons.push(`${pod.name}: removed, no build of this head has that name`);
  }
}

/** Moves every Build of the record one step on. */
export function advanceJobs(draft: Draft, facts: PresubmitFacts, standing: Standing, subject: string): void {
  for (const record of draft.record.change?.jobs ?? []) putJob(draft, advanceJob(draft, facts, standing, record));
  advanceAllBlocked(draft, facts);
  draft.record = {
    ...draft.record,
    retired: draft.record.retired.map((retired) => advanceRetired(draft, facts, retired)),
  };
  // While nothing is known of the head, its pods may be what is to be found again.
  if (draft.record.change || standing.kind === 'gone') removeStrays(draft, facts, subject);
}

/** Path of the container file of an image's Build; null for other jobs, or while the tree was not read. */
export function containerFileOf(record: JobRecord, build: Build, tree: TreeFacts | null): string | null {
  if (tree?.config.kind !== 'usable') return null;
  const facts = { trees: new Map([[treeKey(record.tree), tree]]) };
  return placeOf(facts, record, build)?.image?.containerFile ?? null;
}
