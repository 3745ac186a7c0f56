import type { GateView } from '../../model/gate-view.ts';
import type { Person, Rights } from '../../model/person.ts';
import type { Project } from '../../model/project.ts';
import type { AskedChange, GateRequest, GateSettings, QueueRecord } from '../../model/queue.ts';
import { branchOf, changeIdOf, type GateDraft } from './draft.ts';
import { countedApprovers } from './entry/count-approvals.ts';
import { type DependencyEdge, findCycle } from './entry/find-cycle.ts';
import { missingOfCycle } from './entry/judge-dependencies.ts';
import { judgeEntry } from './entry/judge-entry.ts';
import { isHeld } from './entry/judge-request.ts';
import type { Dependency, Missing } from './entry/question.ts';
import { type DependencyRef, type ReadDependencies, readDependencies } from './entry/read-dependencies.ts';
import type { QueueFacts } from './facts.ts';
import { gateCheckName } from './report-candidate.ts';

export type ChangeJudgement =
  | { readonly kind: 'ready' }
  | { readonly kind: 'missing'; readonly missing: readonly Missing[] }
  | { readonly kind: 'ended'; readonly because: string };

const unread: Rights = { known: false, because: 'they were not read' };

/** Stands for a permission where somebody asks on the server's own command line. */
export const operatorPermission = 'operator';
const operatorRights: Rights = { known: true, permission: 'write', member: false };

/** Only the command line asks with that permission and without an account; the forge numbers its accounts from 1. */
function rightsOf({ by, permission }: GateRequest, facts: QueueFacts): Rights {
  if (by.id === 0 && permission === operatorPermission) return operatorRights;
  return facts.rights.get(by.id) ?? unread;
}

function hostOf(project: Project): string {
  return /^https?:\/\/([^/]+)\//.exec(project.cloneUrl)?.[1]?.replace(/^[^@]*@/, '') ?? '';
}

function isOwn({ project: named }: DependencyRef, project: Project): boolean {
  const same = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();
  return named === null || (same(named.owner, project.owner) && same(named.name, project.name));
}

function refsOf(record: QueueRecord, change: AskedChange) {
  const { project } = branchOf(record, change.branch);
  return { project, ...textOf(change.view, project) };
}

const texts = new WeakMap<GateView, ReadDependencies>();

/** Read once for each view, which belongs to one project. */
function textOf(view: GateView, project: Project): ReadDependencies {
  const known = texts.get(view);
  if (known) return known;
  const read = readDependencies(view.body, hostOf(project));
  texts.set(view, read);
  return read;
}

/** Ids of what a change depends on in this queue and that has not landed. */
export function needsOf(record: QueueRecord, change: AskedChange): readonly string[] {
  const { project, dependencies } = refsOf(record, change);
  if (dependencies.length === 0) return [];
  const landed = new Set(branchOf(record, change.branch).landed.map(({ number }) => number));
  return dependencies
    .filter((ref) => isOwn(ref, project) && !landed.has(ref.number))
    .map(({ number }) => changeIdOf({ branch: change.branch, number }));
}

function stateOf(record: QueueRecord, change: AskedChange, ref: DependencyRef, project: Project): Dependency['state'] {
  if (!isOwn(ref, project)) return 'unknown';
  const { landed } = branchOf(record, change.branch);
  if (landed.some(({ number }) => number === ref.number)) return 'landed';
  const place = (number: number): number => record.items.findIndex((item) => item.number === number);
  const own = place(change.number);
  const other = place(ref.number);
  return other !== -1 && (own === -1 || other < own) ? 'ahead' : 'not-asked';
}

const edges = new WeakMap<QueueRecord, readonly DependencyEdge[]>();

function edgesOf(record: QueueRecord): readonly DependencyEdge[] {
  const known = edges.get(record);
  if (known) return known;
  const found = [...record.items, ...record.asked].flatMap((change) =>
    needsOf(record, change).map((dependsOn) => ({ change: changeIdOf(change), dependsOn })),
  );
  edges.set(record, found);
  return found;
}

function cycleThrough(record: QueueRecord, change: AskedChange): Missing | null {
  if (needsOf(record, change).length === 0) return null;
  const { project } = branchOf(record, change.branch);
  const members = findCycle(edgesOf(record), changeIdOf(change));
  if (members === null) return null;
  const shown = `${project.owner}/${project.name}`;
  return missingOfCycle(members.map((id) => ({ number: Number(id.slice(id.lastIndexOf('#') + 1)), project: shown })));
}

function questionOf(draft: GateDraft, facts: QueueFacts, change: AskedChange, settings: GateSettings) {
  const { record } = draft;
  const { project, dependencies, refused } = refsOf(record, change);
  const { branch } = branchOf(record, change.branch);
  const ownCheck = gateCheckName(branch);
  return {
    view: change.view,
    request: change.request,
    rights: rightsOf(change.request, facts),
    overrides: change.overrides,
    settings,
    rules: facts.branches.get(change.branch)?.rules ?? null,
    branch,
    ourAppId: facts.app,
    ownCheck,
    ownRequired: [],
    held: isHeld(change.view.pull.labels),
    dependencies: dependencies.map((ref) => ({
      number: ref.number,
      project: `${(ref.project ?? project).owner}/${(ref.project ?? project).name}`,
      state: stateOf(record, change, ref, project),
    })),
    refusedDependencies: refused,
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
  const { dependencies, refused } = refsOf(draft.record, change);
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
  const cycle = cycleThrough(draft.record, change);
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
