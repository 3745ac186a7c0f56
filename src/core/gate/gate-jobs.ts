import { type Build, type BuildParts, buildIdFor, definitionDigest } from '../../model/build.ts';
import type { Job } from '../../model/job.ts';
import type { Sibling } from '../../model/order.ts';
import type { JobRecord, JobStatus, PlannedTree } from '../../model/presubmit.ts';
import type { Project } from '../../model/project.ts';
import type { MadeCandidate, QueueItem } from '../../model/queue.ts';
import { decideSiblings, siblingsDigest } from '../decide-siblings.ts';
import { type JobPoint, pointOf, pointsOf } from '../job-points.ts';
import { slotOf } from '../line/slot.ts';
import { atItsAttempt } from '../presubmit/advance-build.ts';
import type { TreeFacts } from '../presubmit/facts.ts';
import { imagesOf, selectImages, selectJob } from '../select-jobs.ts';
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
  point: JobPoint,
  siblings: readonly Sibling[] = [],
): BuildParts {
  const beside = siblingsDigest(siblings);
  return {
    subject: facts.subject,
    entry: entryOf(item, candidate),
    commit: candidate.commit,
    job: job.name,
    point: pointOf(point),
    definition: job.definition,
    request: item.makes,
    attempt: 1,
    ...(beside === null ? {} : { siblings: beside }),
  };
}

/** Builds of one job of a candidate, wanted from now; null: its images cannot be told, with the reason. */
export function wantGateBuilds(
  facts: QueueFacts,
  item: Tested,
  candidate: MadeCandidate,
  job: Job,
  tree: TreeFacts,
  siblings: readonly Sibling[] = [],
): readonly Build[] | { readonly because: string } {
  const names = selectImages(job, automatic, candidate.changed).map((image) => image.name);
  const points = pointsOf(job, names, tree);
  if (points.kind === 'refused') return { because: points.because };
  return points.points.map((point) => {
    const parts = partsOf(facts, item, candidate, job, point, siblings);
    const state = { phase: 'wanted', since: facts.now } as const;
    return atItsAttempt(facts, { id: buildIdFor(parts), parts, trust: 'approved', state });
  });
}

function firstStatus(
  facts: QueueFacts,
  item: QueueItem,
  candidate: MadeCandidate,
  job: Job,
  tree: TreeFacts,
  siblings: readonly Sibling[],
): JobStatus {
  if (job.content.template === 'noop') return { kind: 'ended', result: 'success', builds: [] };
  if (job.needs.length > 0) return { kind: 'blocked' };
  const builds = wantGateBuilds(facts, item, candidate, job, tree, siblings);
  return 'because' in builds ? { kind: 'ended', result: 'failure', builds: [] } : { kind: 'building', builds };
}

/**
 * What is tested of a candidate, decided once from its own tree (gate.md §2 "Which jobs"), together with the commits of other
 * projects that its ground names. Null: those could not be looked at yet.
 */
export function decideGateJobs(
  facts: QueueFacts,
  item: QueueItem,
  candidate: MadeCandidate,
  ground: { readonly own: Project; readonly pinned: PlannedTree; readonly tree: TreeFacts },
  jobs: readonly Job[],
): readonly JobRecord[] | null {
  const { own, pinned, tree } = ground;
  const { changed, parents } = candidate;
  const { baseRef } = item.view.pull;
  const records: JobRecord[] = [];
  for (const job of jobs) {
    const decision = selectJob(job, automatic, { baseRef, changed, last: 'none' });
    const runs = decision.decision === 'run';
    const answer = decideSiblings(job, facts.siblings, { own, baseRef, trust: 'approved', parents });
    if (runs && answer.kind === 'unread') return null;
    const siblings = answer.kind === 'decided' ? answer.siblings : [];
    const builds = runs && job.needs.length === 0 ? wantGateBuilds(facts, item, candidate, job, tree, siblings) : null;
    const refusal =
      runs && answer.kind === 'refused'
        ? answer.because
        : builds !== null && 'because' in builds
          ? builds.because
          : null;
    const images = imagesOf(job).map(({ name }) => name);
    const concerned = selectImages(job, automatic, changed).map(({ name }) => name);
    const status: JobStatus = !runs
      ? { kind: 'skipped', definite: true }
      : answer.kind === 'refused'
        ? { kind: 'ended', result: 'failure', builds: [] }
        : firstStatus(facts, item, candidate, job, tree, siblings);
    records.push({
      job: job.name,
      required: !job.selection.optional,
      because: refusal ?? decision.because,
      definition: job.definition,
      request: item.makes,
      tree: pinned,
      ...(concerned.length < images.length ? { images: concerned } : {}),
      status,
      ...slotOf(job),
      readBack: false,
      ...(siblings.length === 0 ? {} : { siblings }),
    });
  }
  return records;
}
