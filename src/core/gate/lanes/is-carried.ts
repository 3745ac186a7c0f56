import type { MadeCandidate, QueueItem } from '../../../model/queue.ts';
import { treeKey } from '../../presubmit/facts.ts';
import { branchOf, type GateDraft } from '../draft.ts';
import type { QueueFacts } from '../facts.ts';
import { decideGateJobs, gateJobsOf } from '../gate-jobs.ts';
import { withPassBefore } from '../reuse/take-pass.ts';
import { jobGraphOf } from './why-read.ts';

/**
 * Whether a candidate that is not put on its item yet would need no build there: it has the verdict of a run of before, or no job
 * applies. `unread`: that is to be looked at first. Decides nothing: what becomes of it is told once it is there.
 */
export function isCarried(
  draft: GateDraft,
  facts: QueueFacts,
  item: QueueItem,
  candidate: MadeCandidate,
): boolean | 'unread' {
  const { tip, project: own } = branchOf(draft.record, item.branch);
  if (tip === null) return 'unread';
  const pinned = { base: tip, tree: candidate.tree };
  const tree = facts.trees.get(treeKey(pinned));
  if (tree === undefined) {
    draft.wants.trees.push({ branch: item.branch, ...pinned });
    return 'unread';
  }
  if (tree.config.kind === 'refused') return false;
  const { config } = tree.config;
  const jobs = decideGateJobs(facts, item, candidate, { own, pinned, tree }, gateJobsOf(config));
  if (jobs === null) return 'unread';
  const known = withPassBefore(
    { ...draft, reasons: [] },
    facts,
    item,
    { ...candidate, jobs },
    jobGraphOf(config, tree),
  );
  if (known === null) return 'unread';
  const runs = (known.jobs ?? []).some(({ status }) => status.kind === 'building' || status.kind === 'blocked');
  return known.verdict !== null || !runs;
}
