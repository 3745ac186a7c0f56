import type { Job } from '../../model/job.ts';
import type { JobRecord, JobStatus, PlannedTree } from '../../model/presubmit.ts';
import type { QueueBranch, QueueItem, RedTip } from '../../model/queue.ts';
import { type TreeFacts, treeKey } from '../presubmit/facts.ts';
import { advanceCandidate } from './advance-candidate.ts';
import { tipsOf } from './candidates.ts';
import { branchOf, type GateDraft, stopCandidate } from './draft.ts';
import type { QueueFacts } from './facts.ts';
import { gateJobsOf } from './gate-jobs.ts';
import { asItem, type CommitTested, isUndecided, jobOn, lookAtCommit, neededBy, onBranch } from './jobs-on-commit.ts';
import { accusedOf, configuration, probeFor } from './red-tip.ts';
import { untilTry } from './try-again.ts';
import { isSameGround } from './walk-queue.ts';

/** A job that could not be run on the tip for reasons of ours is tried again, each time later by so much, ms. */
const againMs = 120_000;

/** The tip takes part as if it were an item of its own, which never lands. */
function asTested({ branch, number, probe }: RedTip): CommitTested {
  return { branch, number, candidate: probe };
}

function jobOnTip(
  facts: QueueFacts,
  red: RedTip,
  job: Job,
  tree: TreeFacts,
  ground: { readonly own: QueueBranch; readonly pinned: PlannedTree; readonly request: number },
): JobRecord {
  const because = 'it failed with a change, and the gate has not seen it pass on this commit';
  return jobOn(facts, asTested(red), job, tree, { ...ground, required: true, because });
}

function putProbe(draft: GateDraft, red: RedTip): void {
  const others = (draft.record.probes ?? []).filter(({ branch }) => branch !== red.branch);
  draft.record = { ...draft.record, probes: [...others, red] };
}

/** What is known of the tip; null: it is to be had first. */
function lookAt(draft: GateDraft, facts: QueueFacts, { branch }: QueueItem): ReturnType<typeof lookAtCommit> {
  const { tip } = branchOf(draft.record, branch);
  return tip === null ? null : lookAtCommit(draft, facts, branch, tip);
}

function beginProbe(draft: GateDraft, facts: QueueFacts, item: QueueItem, { base, tree }: PlannedTree): RedTip {
  const probe = onBranch(base, tree, tipsOf(draft.record));
  return { branch: item.branch, number: item.number, since: facts.now, probe };
}

/** Has what failed of an item run on the tip as it is, once for all items that fail there. */
export function askTip(draft: GateDraft, facts: QueueFacts, item: QueueItem): void {
  if (item.candidate?.kind !== 'made') return;
  const known = lookAt(draft, facts, item);
  if (known === null) return;
  const { pinned, tree } = known;
  const red = probeFor(draft.record, item) ?? beginProbe(draft, facts, item, pinned);
  const { config } = tree;
  if (config.kind === 'refused') {
    if (config.where === null) return;
    putProbe(draft, { ...red, probe: { ...red.probe, broken: config.because } });
    return;
  }
  const has = new Set(red.probe.jobs?.map(({ job }) => job));
  const own = branchOf(draft.record, item.branch);
  const more = neededBy(gateJobsOf(config.config), accusedOf(item.candidate)).filter(({ name }) => !has.has(name));
  const jobs = more.map((job) => jobOnTip(facts, red, job, tree, { own, pinned, request: 1 }));
  if (jobs.length > 0)
    draft.reasons.push(
      `${jobs.map(({ job }) => job).join(', ')} of #${item.number} is run on ${pinned.base.slice(0, 12)} itself`,
    );
  // One that is not there cannot fail there.
  const absent = accusedOf(item.candidate).filter(
    (name) => name !== configuration && !has.has(name) && !jobs.some(({ job }) => job === name),
  );
  const passed = absent.map((name): JobRecord => absentJob(name, pinned));
  putProbe(draft, { ...red, probe: { ...red.probe, jobs: [...(red.probe.jobs ?? []), ...jobs, ...passed] } });
}

function absentJob(job: string, tree: PlannedTree): JobRecord {
  const status: JobStatus = { kind: 'ended', result: 'success', builds: [] };
  const because = 'the branch has no such job';
  return { job, required: true, because, definition: '', request: 1, tree, status, pool: 'default', readBack: false };
}

function isFailed({ status }: JobRecord): boolean {
  return status.kind === 'skipped' || (status.kind === 'ended' && status.result !== 'success');
}

function isGreen({ status }: JobRecord): boolean {
  return status.kind === 'ended' && status.result === 'success';
}

/** When a job is due to be run on the tip once more: our own errors say nothing of the tip, and a failure may be a flake. */
function isDue(facts: QueueFacts, { since }: RedTip, record: JobRecord, isRed: boolean): boolean {
  const { request } = record;
  if (isUndecided(record)) return facts.now - since >= request * againMs;
  return isRed && isFailed(record) && facts.now - since >= untilTry(request);
}

function renewed(draft: GateDraft, facts: QueueFacts, red: RedTip, jobs: readonly JobRecord[]): readonly JobRecord[] {
  // What needs another job is run again with that.
  const isRed = jobs.every(({ status }) => status.kind === 'ended' || status.kind === 'skipped');
  const own = branchOf(draft.record, red.branch);
  return jobs.map((record) => {
    const { request, tree: pinned } = record;
    const tree = facts.trees.get(treeKey(pinned));
    if (tree?.config.kind !== 'usable' || !isDue(facts, red, record, isRed)) return record;
    const job = gateJobsOf(tree.config.config).find(({ name }) => name === record.job);
    return job ? jobOnTip(facts, red, job, tree, { own, pinned, request: request + 1 }) : record;
  });
}

/** A job that failed there passes now: so much is kept that what failed in between is not held against anybody. */
function moved(draft: GateDraft, facts: QueueFacts, red: RedTip): RedTip {
  const probe = advanceCandidate(draft, facts, asItem(asTested(red), 1), red.probe, {
    failFast: false,
    uploads: false,
  });
  const jobs = probe.jobs ?? [];
  const next = renewed(draft, facts, red, jobs);
  const again = jobs.filter((record, index) => isFailed(record) && !isUndecided(record) && next[index] !== record);
  const failed = [...new Set([...(red.failed ?? []), ...again.map(({ job }) => job)])];
  const wasGreen = new Set(red.probe.jobs?.filter(isGreen).map(({ job }) => job));
  const recovers = next.some((record) => isGreen(record) && failed.includes(record.job) && !wasGreen.has(record.job));
  return {
    ...red,
    probe: { ...probe, jobs: next },
    ...(failed.length > 0 ? { failed } : {}),
    ...(recovers ? { recoveredAt: facts.now } : {}),
  };
}

/** Moves what runs on tips one step on; what is known of a tip that the branch has left is forgotten. */
export function advanceProbes(draft: GateDraft, facts: QueueFacts): void {
  const tips = tipsOf(draft.record);
  const given = draft.record.probes ?? [];
  if (given.length === 0) return;
  const isOver = ({ probe }: RedTip): boolean => draft.record.items.length === 0 || !isSameGround(probe.parents, tips);
  for (const red of given.filter(isOver)) stopCandidate(draft, red, red.probe, 'the branch has moved on');
  const probes = given.filter((red) => !isOver(red)).map((red) => moved(draft, facts, red));
  draft.record = { ...draft.record, probes };
}
