import type { Job } from '../../../model/job.ts';
import type { CommitRun } from '../../../model/join.ts';
import type { JobRecord } from '../../../model/presubmit.ts';
import type { BranchKey } from '../../../model/queue.ts';
import type { Sha } from '../../../model/sha.ts';
import { treeKey } from '../../presubmit/facts.ts';
import { selectJob } from '../../select-jobs.ts';
import { advanceCandidate } from '../advance-candidate.ts';
import { branchOf, type GateDraft } from '../draft.ts';
import type { QueueFacts } from '../facts.ts';
import { gateJobsOf } from '../gate-jobs.ts';
import { asItem, isUndecided, jobOn, lookAtCommit, neededBy, onBranch } from '../jobs-on-commit.ts';

/** What is to run on which commit of a branch; `jobs` null: all that the gate has. */
export interface WantedRun {
  readonly branch: BranchKey;
  readonly commit: Sha;
  readonly jobs: readonly string[] | null;
  /** How many runs there were before it: a run never takes up the Builds of another. */
  readonly before: number;
}

export type BegunRun =
  | { readonly kind: 'begun'; readonly run: CommitRun }
  /** Something is to be read first; `isLooked`: it was, and could not be. */
  | { readonly kind: 'unread'; readonly isLooked: boolean }
  | { readonly kind: 'unusable'; readonly because: string };

/** A job is run so often on one commit at most, where that fails for reasons of ours. */
const mostTries = 6;
/** Each try later by so much, ms. */
const againMs = 120_000;
/** More than the tries of one run. */
const triesApart = 100;

/** One job of a run, the `request`-th try; `isSought`: it counts. */
function recordOf(
  draft: GateDraft,
  facts: QueueFacts,
  { branch }: Pick<WantedRun, 'branch'>,
  probe: CommitRun['probe'],
  job: Job,
  given: Pick<JobRecord, 'tree' | 'request' | 'required' | 'because'>,
): JobRecord | null {
  const tree = facts.trees.get(treeKey(given.tree));
  if (tree === undefined) return null;
  const { tree: pinned, request, required, because } = given;
  const tested = { branch, number: 0, candidate: probe };
  return jobOn(facts, tested, job, tree, {
    own: branchOf(draft.record, branch),
    pinned,
    request,
    required,
    because,
  });
}

function chosen(jobs: readonly Job[], baseRef: string, sought: readonly string[] | null): readonly Job[] {
  if (sought !== null) return neededBy(jobs, sought);
  const changed = { known: false, because: 'all of it is tested' } as const;
  const runs = (job: Job): boolean =>
    selectJob(job, { kind: 'automatic' }, { baseRef, changed, last: 'none' }).decision === 'run';
  return jobs.filter(runs);
}

/** Has jobs of a commit run; none of those that are sought: its file has no such job, and so it cannot fail there. */
export function beginRun(draft: GateDraft, facts: QueueFacts, wanted: WantedRun): BegunRun {
  const { branch, commit, jobs: sought, before } = wanted;
  const known = lookAtCommit(draft, facts, branch, commit);
  if (known === null) return { kind: 'unread', isLooked: facts.roots.get(commit) === null };
  const { config } = known.tree;
  if (config.kind === 'refused')
    return config.where === null
      ? { kind: 'unread', isLooked: true }
      : { kind: 'unusable', because: `the configuration of ${commit.slice(0, 12)} cannot be used: ${config.because}` };
  const own = branchOf(draft.record, branch);
  const jobs = chosen(gateJobsOf(config.config), own.branch, sought);
  if (sought === null && !jobs.some(({ selection }) => !selection.optional))
    return { kind: 'unusable', because: 'no job of the gate counts there' };
  const probe = onBranch(commit, known.pinned.tree, { [branch]: commit });
  const because = sought === null ? 'all of the branch is tested' : 'it is sought since when it fails';
  const records = jobs.flatMap((job) => {
    const required = sought === null ? !job.selection.optional : sought.includes(job.name);
    const given = { tree: known.pinned, request: 1 + before * triesApart, required, because };
    return recordOf(draft, facts, wanted, probe, job, given) ?? [];
  });
  return { kind: 'begun', run: { probe: { ...probe, jobs: records }, since: facts.now, failed: [] } };
}

export type RunCame =
  | { readonly kind: 'pending' }
  | { readonly kind: 'green' }
  /** Each failed twice. */
  | { readonly kind: 'red'; readonly jobs: readonly string[] }
  | { readonly kind: 'stuck'; readonly because: string };

function isOver({ status }: JobRecord): boolean {
  return status.kind === 'ended' || status.kind === 'skipped';
}

function isFailure({ status }: JobRecord): boolean {
  return status.kind === 'ended' && (status.result === 'failure' || status.result === 'timeout');
}

function isBarred({ status }: JobRecord): boolean {
  return status.kind === 'skipped' && status.definite !== true;
}

/** Of these, those that count: required ones, or else, where a required one was kept from running, all. */
function counting(jobs: readonly JobRecord[], is: (job: JobRecord) => boolean): readonly JobRecord[] {
  const found = jobs.filter(is);
  const required = found.filter((job) => job.required);
  const isKept = jobs.some((job) => job.required && isBarred(job));
  return required.length > 0 || !isKept ? required : found;
}

function namesOf(jobs: readonly JobRecord[]): readonly string[] {
  return jobs.map(({ job }) => job);
}

/** These jobs anew, with all that was kept from running. */
function renewed(
  draft: GateDraft,
  facts: QueueFacts,
  branch: BranchKey,
  { probe }: CommitRun,
  names: readonly string[],
): readonly JobRecord[] {
  return (probe.jobs ?? []).map((record) => {
    if (!names.includes(record.job) && !isBarred(record)) return record;
    const config = facts.trees.get(treeKey(record.tree))?.config;
    const job = config?.kind === 'usable' && gateJobsOf(config.config).find(({ name }) => name === record.job);
    if (!job) return record;
    return recordOf(draft, facts, { branch }, probe, job, { ...record, request: record.request + 1 }) ?? record;
  });
}

/** How often it was tried in this run. */
function triesOf({ request }: JobRecord): number {
  return request % triesApart;
}

/**
 * Moves a run one step on and says what it came to. What fails is run once more on the same tree, and fails if it does so again; our own
 * errors are tried again, and after some tries say nothing of the commit.
 */
export function advanceRun(
  draft: GateDraft,
  facts: QueueFacts,
  branch: BranchKey,
  given: CommitRun,
): { readonly run: CommitRun; readonly came: RunCame } {
  const item = asItem({ branch, number: 0 }, 1);
  const probe = advanceCandidate(draft, facts, item, given.probe, { failFast: false, uploads: false });
  const run: CommitRun = { ...given, probe };
  const jobs = probe.jobs ?? [];
  const again = (names: readonly string[], failed = run.failed) => {
    const records = renewed(draft, facts, branch, run, names);
    return { run: { ...run, probe: { ...probe, jobs: records }, failed }, came: { kind: 'pending' } as const };
  };
  if (!jobs.every(isOver)) return { run, came: { kind: 'pending' } };
  const failing = namesOf(counting(jobs, isFailure));
  const fresh = failing.filter((name) => !run.failed.includes(name));
  if (fresh.length > 0) return again(fresh, [...run.failed, ...fresh]);
  if (failing.length > 0) return { run, came: { kind: 'red', jobs: failing } };
  const open = counting(jobs, isUndecided);
  const left = open.filter((job) => triesOf(job) < mostTries);
  const due = left.filter((job) => facts.now - run.since >= triesOf(job) * againMs);
  if (due.length > 0) return again(namesOf(due));
  if (left.length > 0) return { run, came: { kind: 'pending' } };
  const stuck = [...open, ...jobs.filter((job) => job.required && isBarred(job))];
  if (stuck.length === 0) return { run, came: { kind: 'green' } };
  const on = probe.commit.slice(0, 12);
  return { run, came: { kind: 'stuck', because: `${namesOf(stuck).join(', ')} could not be run on ${on}` } };
}
