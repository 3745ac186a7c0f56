import type { GateView, Review } from '../../model/gate-view.ts';
import type { MadeCandidate, QueueItem } from '../../model/queue.ts';
import { treeKey } from '../presubmit/facts.ts';
import { inlineCode } from '../text/safe-markdown.ts';
import type { GateDraft } from './draft.ts';
import { pullRequestRules, tallyReviews } from './entry/count-approvals.ts';
import type { QueueFacts } from './facts.ts';

export type ProtectedJobs =
  | { readonly kind: 'kept' }
  /** What it stands on, or who approved it, is not known yet. */
  | { readonly kind: 'unread' }
  | { readonly kind: 'removed'; readonly because: string };

/** Whether an administrator approved exactly this head; null: whether one of those who did is one could not be read. */
function hasAdmin(facts: QueueFacts, { branch, view }: QueueItem): boolean | null {
  const rules = pullRequestRules(facts.branches.get(branch)?.rules ?? null);
  const othersThanPusher = rules.some(({ lastPushApproval }) => lastPushApproval);
  const { counted, unreadable } = tallyReviews(view, { exactHead: true, othersThanPusher });
  const isOf = (people: GateView['reviews'][number]['by'][], { by }: Review): boolean =>
    people.some(({ id }) => id === by.id);
  if (view.reviews.some((review) => review.permission === 'admin' && isOf([...counted], review))) return true;
  return unreadable.length > 0 ? null : false;
}

/**
 * Whether a change takes jobs out of the gate that `gate.protect` of the branch's file names: an administrator must have approved
 * this very head then (gate.md §2). What a change ahead took out is that one's doing.
 */
export function judgeProtected(
  draft: GateDraft,
  facts: QueueFacts,
  item: QueueItem,
  candidate: MadeCandidate,
): ProtectedJobs {
  const { branch } = item;
  const names = facts.branches.get(branch)?.settings?.protect ?? [];
  const base = candidate.parents[branch];
  if (names.length === 0 || base === undefined) return { kind: 'kept' };
  const pinned = { base, tree: candidate.tree };
  const read = facts.trees.get(treeKey(pinned));
  if (read === undefined) draft.wants.trees.push({ branch, ...pinned });
  if (read === undefined || read.config.kind === 'refused') return { kind: 'unread' };
  const gone = names.filter((name) => read.config.kind === 'usable' && read.config.removed?.includes(name));
  if (gone.length === 0) return { kind: 'kept' };
  const isApproved = hasAdmin(facts, item);
  if (isApproved === null) return { kind: 'unread' };
  const list = gone.map(inlineCode).join(', ');
  const because = `it takes ${list} out of the gate, which \`gate.protect\` keeps: an administrator can approve exactly this head, then ask for it again`;
  return isApproved ? { kind: 'kept' } : { kind: 'removed', because };
}
