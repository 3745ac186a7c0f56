import type { Job } from '../../model/job.ts';
import type { Sibling } from '../../model/order.ts';
import type { JobRecord, JobStatus, PlannedTree } from '../../model/presubmit.ts';
import type { BranchKey, MadeCandidate, QueueBranch } from '../../model/queue.ts';
import type { Sha } from '../../model/sha.ts';
import { decideSiblings } from '../decide-siblings.ts';
import { slotOf } from '../line/slot.ts';
import { type TreeFacts, treeKey } from '../presubmit/facts.ts';
import { branchOf, type GateDraft } from './draft.ts';
import type { QueueFacts } from './facts.ts';
import { type Tested, wantGateBuilds } from './gate-jobs.ts';

/** A commit of a branch takes part as if it were an item of its own, which never lands. */
export interface CommitTested {
  readonly branch: BranchKey;
  /** Names it beside others of the same commit: of a change, or 0. */
  readonly number: number;
  readonly candidate: MadeCandidate;
}

/** What its Builds are derived from: `makes` counts how often they were asked for. */
export function asItem({ branch, number }: Pick<CommitTested, 'branch' | 'number'>, makes: number): Tested {
  return { branch, number, entry: 0, makes };
}

/** A commit of a branch as what is tested of it. */
export function onBranch(commit: Sha, tree: Sha, parents: MadeCandidate['parents']): MadeCandidate {
  const shown = { published: true, changed: { known: false, because: 'all of it is tested' } as const };
  return { kind: 'made', parents, commit, tree, ...shown, ahead: [], broken: null, verdict: null, jobs: [] };
}

/** These jobs and all that they need, however far. */
export function neededBy(jobs: readonly Job[], names: readonly string[]): readonly Job[] {
  const wanted = new Set(names);
  for (let grown = true; grown; ) {
    const before = wanted.size;
    for (const job of jobs) if (wanted.has(job.name)) for (const need of job.needs) wanted.add(need.job);
    grown = wanted.size > before;
  }
  return jobs.filter((job) => wanted.has(job.name));
}

function statusOf(
  facts: QueueFacts,
  tested: CommitTested,
  job: Job,
  tree: TreeFacts,
  request: number,
  siblings: readonly Sibling[],
): JobStatus {
  if (job.content.template === 'noop') return { kind: 'ended', result: 'success', builds: [] };
  if (job.needs.length > 0) return { kind: 'blocked' };
  const builds = wantGateBuilds(facts, asItem(tested, request), tested.candidate, job, tree, siblings);
  return 'because' in builds ? { kind: 'ended', result: 'failure', builds: [] } : { kind: 'building', builds };
}

/** One job of it, wanted from now, whatever its matchers say. What cannot be looked at now ends as our own errors do. */
export function jobOn(
  facts: QueueFacts,
  tested: CommitTested,
  job: Job,
  tree: TreeFacts,
  ground: {
    readonly own: QueueBranch;
    readonly pinned: PlannedTree;
    readonly request: number;
    readonly required: boolean;
    readonly because: string;
  },
): JobRecord {
  const { name, definition } = job;
  const { own, pinned, request, required, because } = ground;
  const { parents } = tested.candidate;
  const answer = decideSiblings(job, facts.siblings, {
    own: own.project,
    baseRef: own.branch,
    trust: 'approved',
    parents,
  });
  const siblings = answer.kind === 'decided' ? answer.siblings : [];
  const status: JobStatus =
    answer.kind === 'unread'
      ? { kind: 'ended', result: 'error', builds: [] }
      : statusOf(facts, tested, job, tree, request, siblings);
  const plain = {
    job: name,
    required,
    because,
    definition,
    request,
    tree: pinned,
    status,
    ...slotOf(job),
    readBack: false,
  };
  return { ...plain, ...(siblings.length === 0 ? {} : { siblings }) };
}

/** What is known of a commit by the branch's tip, whose configuration grants power; null: it is to be had first. */
export function lookAtCommit(
  draft: GateDraft,
  facts: QueueFacts,
  branch: BranchKey,
  commit: Sha,
): { readonly pinned: PlannedTree; readonly tree: TreeFacts } | null {
  const { tip } = branchOf(draft.record, branch);
  if (tip === null) return null;
  const root = facts.roots.get(commit);
  if (root === undefined) draft.wants.roots.push({ branch, commit });
  if (!root) return null;
  const pinned = { base: tip, tree: root };
  const tree = facts.trees.get(treeKey(pinned));
  if (tree) return { pinned, tree };
  draft.wants.trees.push({ branch, ...pinned });
  return null;
}

/** Our own errors say nothing of the commit. */
export function isUndecided({ status }: JobRecord): boolean {
  return status.kind === 'ended' && (status.result === 'error' || status.result === 'aborted');
}
