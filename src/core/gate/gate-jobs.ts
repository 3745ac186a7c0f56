import { type Build, type BuildParts, buildIdFor, definitionDigest } from '../../model/build.ts';
import type { Job } from '../../model/job.ts';
import type { ResolvedImage } from '../../model/order.ts';
import type { JobRecord, JobStatus, PlannedTree } from '../../model/presubmit.ts';
import type { MadeCandidate, QueueItem } from '../../model/queue.ts';
import type { TreeFacts } from '../presubmit/facts.ts';
import { pointOf, pointsOf } from '../presubmit/start-jobs.ts';
import { selectImages, selectJob } from '../select-jobs.ts';
import type { QueueFacts } from './facts.ts';

const automatic = { kind: 'automatic' } as const;

/** Jobs of the gate that start by themselves; a manual one is never asked for here. */
export function gateJobsOf(config: { readonly jobs: readonly Job[] }): readonly Job[] {
  return config.jobs.filter((job) => job.pipelines.includes('gate') && job.selection.trigger === 'auto');
}

/** What of an item its Builds are derived from. */
export type Tested = Pick<QueueItem, 'branch' | 'number' | 'entry' | 'makes'>;

/** Where projects share a queue, the same commit is tested anew when those of the other projects are others. */
function entryOf({ branch, number, entry }: Tested, { parents }: Pick<MadeCandidate, 'parents'>): string {
  const keys = Object.keys(parents);
  if (keys.length < 2) return `${number}/${entry}`;
  return `${branch}#${number}/${entry}/${definitionDigest(Object.entries(parents).sort())}`;
}

/** What a candidate's Build is derived from: the candidate is its commit, the entry counts how often the change was queued. */
export function partsOf(
  facts: Pick<QueueFacts, 'subject'>,
  item: Tested,
  candidate: Pick<MadeCandidate, 'commit' | 'parents'>,
  job: Pick<Job, 'name' | 'definition'>,
  image: ResolvedImage | null,
): BuildParts {
  return {
    subject: facts.subject,
    entry: entryOf(item, candidate),
    commit: candidate.commit,
    job: job.name,
    point: pointOf(image),
    definition: job.definition,
    request: item.makes,
    attempt: 1,
  };
}

/** Builds of one job of a candidate, wanted from now; null: its images cannot be told, with the reason. */
export function wantGateBuilds(
  facts: QueueFacts,
  item: Tested,
  candidate: MadeCandidate,
  job: Job,
  tree: TreeFacts,
): readonly Build[] | { readonly because: string } {
  const names = selectImages(job, automatic, candidate.changed).map((image) => image.name);
  const points = pointsOf(job, names, tree);
  if (points.kind === 'refused') return { because: points.because };
  return points.points.map((image) => {
    const parts = partsOf(facts, item, candidate, job, image);
    return { id: buildIdFor(parts), parts, trust: 'approved', state: { phase: 'wanted', since: facts.now } };
  });
}

function firstStatus(
  facts: QueueFacts,
  item: QueueItem,
  candidate: MadeCandidate,
  job: Job,
  tree: TreeFacts,
): JobStatus {
  if (job.content.template === 'noop') return { kind: 'ended', result: 'success', builds: [] };
  if (job.needs.length > 0) return { kind: 'blocked' };
  const builds = wantGateBuilds(facts, item, candidate, job, tree);
  return 'because' in builds ? { kind: 'ended', result: 'failure', builds: [] } : { kind: 'building', builds };
}

/** What is tested of a candidate, decided once from its own tree (gate.md §2 "Which jobs"). */
export function decideGateJobs(
  facts: QueueFacts,
  item: QueueItem,
  candidate: MadeCandidate,
  pinned: PlannedTree,
  tree: TreeFacts,
  jobs: readonly Job[],
): readonly JobRecord[] {
  const { changed } = candidate;
  return jobs.map((job): JobRecord => {
    const decision = selectJob(job, automatic, { baseRef: item.view.pull.baseRef, changed, last: 'none' });
    const runs = decision.decision === 'run';
    const refused = runs && job.needs.length === 0 ? wantGateBuilds(facts, item, candidate, job, tree) : null;
    return {
      job: job.name,
      required: !job.selection.optional,
      because: refused !== null && 'because' in refused ? refused.because : decision.because,
      definition: job.definition,
      request: item.makes,
      tree: pinned,
      status: runs ? firstStatus(facts, item, candidate, job, tree) : { kind: 'skipped', definite: true },
      pool: job.pool,
      readBack: false,
    };
  });
}
