import type { JobRecord } from '../../model/presubmit.ts';
import type { MadeCandidate, QueueItem } from '../../model/queue.ts';
import { treeKey } from '../presubmit/facts.ts';
import { inlineCode } from '../text/safe-markdown.ts';
import { judgeClaims } from './claim-tags.ts';
import { branchOf, type GateDraft } from './draft.ts';
import type { QueueFacts } from './facts.ts';
import { decideGateJobs, gateJobsOf } from './gate-jobs.ts';
import { type JobGraph, jobGraphOf } from './lanes/why-read.ts';
import { judgeProtected } from './protected-jobs.ts';
import { withPassBefore } from './reuse/take-pass.ts';

/** What its own tree says is to be run of it; or the candidate as it stays, where that cannot be told or used. */
type Choice =
  | { readonly kind: 'none'; readonly candidate: MadeCandidate }
  | { readonly kind: 'chosen'; readonly records: readonly JobRecord[]; readonly graph: JobGraph };

function chooseJobs(draft: GateDraft, facts: QueueFacts, item: QueueItem, candidate: MadeCandidate): Choice {
  const stays = (as: MadeCandidate): Choice => ({ kind: 'none', candidate: as });
  const { tip, project } = branchOf(draft.record, item.branch);
  if (candidate.jobs !== null || candidate.broken !== null || tip === null) return stays(candidate);
  const pinned = { base: tip, tree: candidate.tree };
  const tree = facts.trees.get(treeKey(pinned));
  if (!tree) {
    draft.wants.trees.push({ branch: item.branch, ...pinned });
    return stays(candidate);
  }
  const { config } = tree;
  if (config.kind === 'refused') {
    // A file that could not be read now is read again.
    if (config.where === null) return stays(candidate);
    const where = config.problems.map(({ file, line, column, message }) => `${file}:${line}:${column}: ${message}`);
    return stays({ ...candidate, broken: [config.because, ...where.slice(0, 10).map(inlineCode)].join('\n* ') });
  }
  const jobs = gateJobsOf(config.config);
  if (jobs.length === 0)
    return stays({
      ...candidate,
      broken: 'no job is configured for the gate; `template: noop` says that there is nothing to test',
    });
  const guarded = judgeProtected(draft, facts, item, candidate);
  if (guarded.kind === 'unread') return stays(candidate);
  if (guarded.kind === 'removed') return stays({ ...candidate, broken: guarded.because });
  const claims = judgeClaims(draft, facts, item, config.config);
  if (claims.kind === 'unread') return stays(candidate);
  if (claims.kind === 'taken')
    return stays({
      ...candidate,
      broken: ['the configuration of this change names tags of others', ...claims.problems.slice(0, 10)].join('\n* '),
    });
  const ground = { own: project, pinned, tree };
  const makes = candidate.guess?.make ?? item.makes;
  const records = decideGateJobs(facts, { ...item, makes }, candidate, ground, jobs);
  return records === null ? stays(candidate) : { kind: 'chosen', records, graph: jobGraphOf(config.config, tree) };
}

/** Decides what is tested of a candidate, once its files were read. */
export function decideCandidate(
  draft: GateDraft,
  facts: QueueFacts,
  item: QueueItem,
  candidate: MadeCandidate,
): MadeCandidate {
  const choice = chooseJobs(draft, facts, item, candidate);
  if (choice.kind === 'none') return choice.candidate;
  const whole = { ...withoutKey(candidate), jobs: choice.records.map(orKept(candidate)) };
  const known = withPassBefore(draft, facts, item, whole, choice.graph);
  return known === null ? candidate : withoutKept(known);
}

/** What is to pass of an item inside of a batch (gate.md §6): chosen as ever, from its own tree and its own files, and none of it is run there. */
export function decideInside(
  draft: GateDraft,
  facts: QueueFacts,
  item: QueueItem,
  inside: MadeCandidate,
): MadeCandidate {
  const choice = chooseJobs(draft, facts, item, inside);
  if (choice.kind === 'none') return choice.candidate;
  const notRun = (job: JobRecord): JobRecord =>
    job.status.kind === 'building' ? { ...job, status: { kind: 'blocked' } } : job;
  return { ...inside, jobs: choice.records.map(notRun) };
}

/** Another try of a commit is decided anew. */
function withoutKey({ key: _, shape: __, ...candidate }: MadeCandidate): MadeCandidate {
  return candidate;
}

function withoutKept({ kept: _, ...candidate }: MadeCandidate): MadeCandidate {
  return candidate;
}

/** Of what is tried again on the same commit only that is run which did not pass. */
function orKept({ kept = [] }: MadeCandidate): (job: JobRecord) => JobRecord {
  return (job) => kept.find((other) => other.job === job.job && other.definition === job.definition) ?? job;
}
