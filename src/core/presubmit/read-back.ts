import { type BuildParts, type BuildResult, buildIdFor, definitionDigest, externalIdFor } from '../../model/build.ts';
import type { Conclusion, ObservedCheckRun } from '../../model/check-run.ts';
import type { Job } from '../../model/job.ts';
import { type ObservedPod, podKeys } from '../../model/pod.ts';
import type { ChangeRecord, JobRecord, PlannedTree } from '../../model/presubmit.ts';
import type { Approval } from '../../model/pull-request.ts';
import type { SubjectId } from '../../model/subject.ts';
import { pointOf, pointsOf } from '../job-points.ts';
import { slotOf } from '../line/slot.ts';
import { approvalOf } from '../may-run.ts';
import { selectJob } from '../select-jobs.ts';
import type { Draft } from './draft.ts';
import { jobRecordOf, putJob, retireJob, retireUntold, setChange, unjudged } from './draft.ts';
import { type PresubmitFacts, plannedTree, treeKey } from './facts.ts';
import { someImages, subjectOf } from './start-jobs.ts';

const marker = /<!-- sluice:approval (\{[^\n]*\}) -->/;

/** How an approval is kept on the forge: in the text of our own check run on that exact head (design.md §5). */
export function approvalMark(approval: Approval): string {
  const { head, by, permission, at } = approval;
  return `<!-- sluice:approval ${JSON.stringify({ head, id: by.id, login: by.login, permission, at })} -->`;
}

function parseMark(text: string): unknown {
  const kept = marker.exec(text)?.[1];
  try {
    return kept === undefined ? null : JSON.parse(kept);
  } catch {
    // Cut or damaged: no approval, which only costs another one.
    return null;
  }
}

function approvalFrom(run: ObservedCheckRun): Approval | null {
  const kept = parseMark(run.text);
  if (typeof kept !== 'object' || kept === null || !('head' in kept) || !('id' in kept) || !('login' in kept))
    return null;
  if (kept.head !== run.commit || typeof kept.id !== 'number' || typeof kept.login !== 'string') return null;
  const permission = 'permission' in kept && typeof kept.permission === 'string' ? kept.permission : 'unknown';
  const at = 'at' in kept && typeof kept.at === 'number' ? kept.at : 0;
  return { head: run.commit, by: { id: kept.id, login: kept.login, kind: 'user' }, permission, at };
}

const results: Readonly<Record<Conclusion, BuildResult | 'skipped'>> = {
  success: 'success',
  neutral: 'success',
  skipped: 'skipped',
  failure: 'failure',
  action_required: 'failure',
  timed_out: 'timeout',
  cancelled: 'aborted',
};

function numberAfterSlash(externalId: string): number {
  const match = /\/(\d{1,6})$/.exec(externalId);
  return match ? Number(match[1]) : 0;
}

function identityOf(externalId: string): string {
  return externalId.replace(/\/\d{1,6}$/, '');
}

/** What the external ids of our own line on one head and base branch begin with; then `/<revision>`. */
export function sluiceIdentity(subject: SubjectId, change: Pick<ChangeRecord, 'head' | 'baseRef'>): string {
  return `sluice-${definitionDigest([subject, change.head, change.baseRef])}`;
}

/** The newest check run of this name and identity: a later request replaces an earlier one. */
function newestOf(runs: readonly ObservedCheckRun[], name: string, identity: string): ObservedCheckRun | null {
  const own = runs.filter((run) => run.name === name && run.externalId.startsWith(`${identity}/`));
  return own.reduce<ObservedCheckRun | null>(
    (best, run) => (best && numberAfterSlash(best.externalId) >= numberAfterSlash(run.externalId) ? best : run),
    null,
  );
}

type Identity = Omit<BuildParts, 'point' | 'request' | 'attempt'>;

/** The request that this pod belongs to; 0 when it is none of this job on this head and base branch. */
function requestOfPod(pod: ObservedPod, identity: Identity, points: readonly BuildParts['point'][]): number {
  const request = Number(pod.labels['sluice.dev/request'] ?? '0');
  const attempt = Number(pod.labels['sluice.dev/attempt'] ?? '0');
  const isOne = points.some((point) => buildIdFor({ ...identity, point, request, attempt }) === pod.name);
  return isOne ? request : 0;
}

/** The highest request of a job that has a pod for one of its images but `without`; 0: none has. */
function requestOfPods(
  facts: PresubmitFacts,
  identity: Identity,
  job: Job,
  tree: PlannedTree,
  without: readonly string[] = [],
): number {
  const found = facts.trees.get(treeKey(tree));
  const points = found ? pointsOf(job, null, found) : null;
  if (points?.kind !== 'points') return 0;
  const wanted = points.points.map(pointOf).filter(({ image }) => image === undefined || !without.includes(image));
  const pods = (facts.pods ?? []).filter((pod) => pod.annotations[podKeys.subject] === identity.subject);
  return Math.max(0, ...pods.map((pod) => requestOfPod(pod, identity, wanted)));
}

/** The images that its first request was for, which began by itself unless a pod shows that others were asked for too. */
function imagesAgain(facts: PresubmitFacts, identity: Identity, job: Job, tree: PlannedTree, request: number) {
  const changed = facts.prepared?.changed;
  if (request !== 1 || !changed) return {};
  const some = someImages(job, { kind: 'automatic' }, changed);
  return requestOfPods(facts, identity, job, tree, some.images ?? []) > 0 ? {} : some;
}

/** The highest request of a job on this head that is still being stopped: what it began is not taken up again. */
function requestOfRetired(draft: Draft, change: ChangeRecord, job: Job): number {
  const requests = draft.record.retired
    .filter(({ head, entry }) => head === change.head && entry === change.baseRef)
    .filter((retired) => retired.job.job === job.name && retired.job.definition === job.definition)
    .map((retired) => retired.job.request);
  return Math.max(0, ...requests);
}

/** Why a job has this status, where that can still be told. */
function whyAgain(
  facts: PresubmitFacts,
  change: ChangeRecord,
  job: Job,
  status: JobRecord['status'],
): Pick<JobRecord, 'because' | 'lacksLabel'> {
  const changed = facts.prepared?.changed ?? { known: false, because: 'they were not read' };
  const asked = { baseRef: change.baseRef, changed, last: 'none', labels: facts.forge?.pull?.labels ?? [] } as const;
  const again = selectJob(job, { kind: 'automatic' }, asked);
  if ((again.decision === 'skip') !== (status.kind === 'skipped')) return { because: 'found again on the forge' };
  return { because: again.because, ...(again.lacksLabel ? { lacksLabel: true } : {}) };
}

/** Why a job is built again that an earlier life of ours had begun. */
export const underWay = 'was under way';

function restoreJob(draft: Draft, facts: PresubmitFacts, change: ChangeRecord, job: Job, tree: PlannedTree): void {
  const subject = subjectOf(draft);
  const { name, definition } = job;
  const identity: Identity = { subject, entry: change.baseRef, commit: change.head, job: name, definition };
  const run = newestOf(facts.forge?.checkRuns ?? [], name, identityOf(externalIdFor({ ...identity, request: 1 })));
  const told = run ? numberAfterSlash(run.externalId) : 0;
  const started = requestOfPods(facts, identity, job, tree);
  const retired = requestOfRetired(draft, change, job);
  const request = Math.max(told, started, retired);
  if (request === 0) return;
  const images = imagesAgain(facts, identity, job, tree, request);
  const base = { job: name, required: !job.selection.optional, definition, request, tree, ...images, ...slotOf(job) };
  const status = run && told === request ? restoredStatus(run) : null;
  if (retired === request) {
    const ended = status ?? { kind: 'ended', result: 'aborted', builds: [] };
    putJob(draft, { ...base, because: 'it was stopped before', status: ended, readBack: true });
  } else if (status) putJob(draft, { ...base, ...whyAgain(facts, change, job, status), status, readBack: true });
  else putJob(draft, { ...base, because: underWay, status: { kind: 'blocked' }, readBack: false });
}

/**
 * What has results or requests of another definition, or of one that cannot be read now, keeps its number: it is never given
 * again, should that definition come back.
 */
function restoreNumbers(
  draft: Draft,
  change: ChangeRecord,
  runs: readonly ObservedCheckRun[],
  tree: PlannedTree,
): void {
  const retired = draft.record.retired.filter(({ head, entry }) => head === change.head && entry === change.baseRef);
  const used = [
    ...runs.map((run) => ({ job: run.name, request: numberAfterSlash(run.externalId) })),
    ...retired.map(({ job }) => ({ job: job.job, request: job.request })),
  ];
  for (const job of new Set(used.map((each) => each.job))) {
    if (/^sluice(\/|$)/.test(job) || jobRecordOf(draft, job)) continue;
    const request = Math.max(...used.filter((each) => each.job === job).map((each) => each.request));
    const because = 'what it did before does not count for it now';
    const common = { required: false, because, definition: unjudged, pool: 'default', readBack: true };
    putJob(draft, { ...common, job, request, tree, status: { kind: 'ended', result: 'aborted', builds: [] } });
  }
}

/** Approvals and the last word of our own check runs on exactly this head and base branch. */
function restoreOwn(draft: Draft, change: ChangeRecord, runs: readonly ObservedCheckRun[]): void {
  const identity = sluiceIdentity(subjectOf(draft), change);
  const own = runs.filter((run) => run.name === 'sluice' && identityOf(run.externalId) === identity);
  const known = draft.record.approvals;
  const approval = own.map(approvalFrom).find((found) => found !== null);
  if (approval && !approvalOf(change.head, known)) draft.record = { ...draft.record, approvals: [...known, approval] };
  const last = newestOf(own, 'sluice', identity);
  if (last) setChange(draft, { ...change, revision: numberAfterSlash(last.externalId), told: toldBy(last) });
}

/** What is to be built of this head now; no jobs while that cannot be read. */
function presentJobs({ prepared, trees }: PresubmitFacts, { head }: ChangeRecord) {
  const merged = prepared?.merge.kind === 'merged' ? prepared.merge.tree : head;
  const tree = prepared === null ? { base: head, tree: merged } : plannedTree(prepared, merged);
  const found = trees.get(treeKey(tree))?.config;
  const config = found?.kind === 'usable' ? found.config : null;
  return { tree, config, jobs: config?.jobs.filter((job) => job.pipelines.includes('presubmit')) ?? [] };
}

/**
 * Later requests on the forge than the record has were forgotten with an old backup of our state: they are found again as
 * after a loss, and what the backup had in their place is stopped. Nothing to do where the check runs were not read.
 */
export function catchUp(draft: Draft, facts: PresubmitFacts): void {
  const { change } = draft.record;
  if (!facts.forge?.checkRuns || !change) return;
  const runs = facts.forge.checkRuns.filter((run) => run.commit === change.head);
  const subject = subjectOf(draft);
  const own = newestOf(runs, 'sluice', sluiceIdentity(subject, change));
  if (own && numberAfterSlash(own.externalId) > change.revision) restoreOwn(draft, change, runs);
  const { tree, jobs } = presentJobs(facts, change);
  for (const job of jobs) {
    const there = jobRecordOf(draft, job.name);
    const parts = { subject, entry: change.baseRef, commit: change.head, job: job.name, definition: job.definition };
    const run = newestOf(runs, job.name, identityOf(externalIdFor({ ...parts, request: 1 })));
    if (!run || numberAfterSlash(run.externalId) <= (there?.request ?? 0)) continue;
    if (there)
      retireJob(draft, there, 'it was asked for again, which an old backup of what Sluice knows had forgotten');
    if (there) retireUntold(draft, there);
    draft.reasons.push(`${job.name}: request ${numberAfterSlash(run.externalId)} was found on GitHub`);
    restoreJob(draft, facts, change, job, tree);
  }
}

/**
 * Finds again what an earlier life of ours did on this head: final results, approvals, and the numbers that the next
 * request must not repeat. A request that was under way is asked for again under its own number: the Build ids come out
 * the same, so its pods are found, not started twice.
 */
export function readBack(draft: Draft, facts: PresubmitFacts): void {
  const { forge } = facts;
  const change = draft.record.change;
  if (!forge?.checkRuns || !change) return;
  const runs = forge.checkRuns.filter((run) => run.commit === change.head);
  restoreOwn(draft, change, runs);
  const { tree, config, jobs } = presentJobs(facts, change);
  for (const job of jobs) restoreJob(draft, facts, change, job, tree);
  const restored = draft.record.change;
  if (config && restored && restored.jobs.length > 0)
    setChange(draft, { ...restored, shadow: config.mode === 'shadow' });
  restoreNumbers(draft, change, runs, tree);
}

/** What a check run `sluice` says, to see whether a new one is due. */
function toldBy(run: ObservedCheckRun): string {
  return `${run.state.status === 'completed' ? run.state.conclusion : ''}\n${run.title}`;
}

function restoredStatus(run: ObservedCheckRun): JobRecord['status'] | null {
  if (run.state.status !== 'completed') return null;
  const result = results[run.state.conclusion];
  return result === 'skipped' ? { kind: 'skipped' } : { kind: 'ended', result, builds: [] };
}
