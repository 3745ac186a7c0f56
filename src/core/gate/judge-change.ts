import type { GateSettings } from '../../model/gate-settings.ts';
import type { Person, Rights } from '../../model/person.ts';
import type { AskedChange } from '../../model/queue.ts';
import { cycleThrough, dependenciesOf, judgedDependencies } from './dependencies.ts';
import { branchOf, type GateDraft } from './draft.ts';
import { countedApprovers } from './entry/count-approvals.ts';
import { judgeEntry } from './entry/judge-entry.ts';
import { isHeld, mayMerge } from './entry/judge-request.ts';
import type { Missing } from './entry/question.ts';
import { type QueueFacts, rightsKey } from './facts.ts';
import { gateCheckName } from './report-candidate.ts';

export type ChangeJudgement =
  | { readonly kind: 'ready' }
  | { readonly kind: 'missing'; readonly missing: readonly Missing[] }
  | { readonly kind: 'ended'; readonly because: string };

const unread: Rights = { known: false, because: 'they were not read' };

/** Stands for a permission where somebody asks on the server's own command line. */
export const operatorPermission = 'operator';
const operatorRights: Rights = { known: true, permission: 'write', member: false };

/** Whoever asked for it is known not to be allowed to any more. */
export function hasLostRight(facts: QueueFacts, change: AskedChange): boolean {
  const rights = rightsOf(change, facts);
  return rights.known && !mayMerge.has(rights.permission);
}

/** Only the command line asks with that permission and without an account; the forge numbers its accounts from 1. */
function rightsOf({ branch, request: { by, permission } }: AskedChange, facts: QueueFacts): Rights {
  if (by.id === 0 && permission === operatorPermission) return operatorRights;
  return facts.rights.get(rightsKey(branch, by)) ?? unread;
}

function questionOf(draft: GateDraft, facts: QueueFacts, change: AskedChange, settings: GateSettings) {
  const { record } = draft;
  const { project, branch } = branchOf(record, change.branch);
  const ownCheck = gateCheckName(branch);
  return {
    view: change.view,
    request: change.request,
    rights: rightsOf(change, facts),
    overrides: change.overrides,
    settings,
    rules: facts.branches.get(change.branch)?.rules ?? null,
    branch,
    ourAppId: facts.app,
    ownCheck,
    ownRequired: [],
    held: isHeld(change.view.pull.labels),
    dependencies: judgedDependencies(record, facts, change),
    refusedDependencies: dependenciesOf(change.view, project).refused,
    now: facts.now,
  };
}

type Judged = WeakMap<AskedChange, Map<string, ChangeJudgement>>;

/** By what was looked at of the branches: the same look at the same change gives the same answer. */
const judgements = new WeakMap<QueueFacts['branches'], Judged>();

/** Whether a change may enter, or stay and land; what is unread is never a yes. */
export function judgeChange(
  draft: GateDraft,
  facts: QueueFacts,
  change: AskedChange,
  stage: 'entering' | 'queued',
): ChangeJudgement {
  const { dependencies, refused } = dependenciesOf(change.view, branchOf(draft.record, change.branch).project);
  // What it depends on moves within a pass.
  if (dependencies.length + refused.length > 0) return judgeNow(draft, facts, change, stage);
  const look: Judged = judgements.get(facts.branches) ?? new WeakMap();
  judgements.set(facts.branches, look);
  const known = look.get(change) ?? new Map<string, ChangeJudgement>();
  look.set(change, known);
  const judged = known.get(stage) ?? judgeNow(draft, facts, change, stage);
  known.set(stage, judged);
  return judged;
}

function judgeNow(
  draft: GateDraft,
  facts: QueueFacts,
  change: AskedChange,
  stage: 'entering' | 'queued',
): ChangeJudgement {
  const settings = facts.branches.get(change.branch)?.settings ?? null;
  if (settings === null) {
    const { state, head } = change.view.pull;
    // Over whatever the settings say: its author must not wait for a file that somebody may never repair.
    if (state !== 'open') return { kind: 'ended', because: `it is ${state}` };
    if (head !== change.request.head) return { kind: 'ended', because: 'it has another head now' };
    const text = "The branch's own configuration could not be read; it is tried again.";
    return { kind: 'missing', missing: [{ what: 'rules-unreadable', text, postpones: true }] };
  }
  const judged = judgeEntry({ ...questionOf(draft, facts, change, settings), stage });
  if (judged.kind === 'vetoed') return { kind: 'ended', because: judged.because };
  const cycle = cycleThrough(draft.record, facts, change);
  if (cycle !== null)
    return { kind: 'missing', missing: [...(judged.kind === 'missing' ? judged.missing : []), cycle] };
  return judged.kind === 'missing' ? judged : { kind: 'ready' };
}

/** Whose approvals count towards its landing. */
export function approversOf(facts: QueueFacts, change: AskedChange): readonly Person[] {
  const found = facts.branches.get(change.branch);
  if (!found?.settings) return [];
  return countedApprovers(change.view, found.settings, found.rules);
}
