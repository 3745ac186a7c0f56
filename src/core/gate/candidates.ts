import type { BranchKey, CandidateState, Parents, QueueItem, QueueRecord } from '../../model/queue.ts';
import type { Sha } from '../../model/sha.ts';
import { branchOf, changeIdOf, changeNameOf, changeOf, type GateDraft, putItem, stopCandidate } from './draft.ts';
import type { CandidateFact, QueueFacts } from './facts.ts';
import { foldVerdict } from './fold-verdict.ts';
import { isSameGround, type Step, type WalkedCandidate } from './walk-queue.ts';

/** Names what was made of one head on one commit. */
export function candidateKey(branch: BranchKey, parent: Sha, head: Sha): string {
  return `${branch} ${parent} ${head}`;
}

/** Where the queue's branches are; one that is not known or not there is left out, and nothing is made for it. */
export function tipsOf({ branches }: Pick<QueueRecord, 'branches'>): Parents {
  const tips: Record<BranchKey, Sha> = {};
  for (const { key, tip } of branches) if (tip !== null) tips[key] = tip;
  return tips;
}

/**
 * Whether a candidate was made on this ground. What was tested and became another commit of the same tree, as the merge
 * endpoint makes it, is the same ground (gate.md §4).
 */
export function standsOn({ branches, landing }: QueueRecord, made: Parents, ground: Parents): boolean {
  const alike = (key: BranchKey, commit: Sha): Sha => {
    const pressed = landing?.branch === key && landing.to === commit ? landing.press?.commit : null;
    if (pressed) return pressed;
    const last = branches.find((branch) => branch.key === key)?.landed.at(-1);
    return last?.tested === commit ? last.commit : commit;
  };
  const keys = Object.keys(made) as BranchKey[];
  const seen = keys.map((key) => [key, alike(key, made[key] as Sha)] as const);
  return isSameGround(Object.fromEntries(seen), ground);
}

/** `ahead`: ids of what the ground holds and that has not landed. */
interface Ground {
  readonly parents: Parents;
  readonly ahead: readonly string[];
}

/** The one ahead that it conflicts with; null: it is what has landed, or several are ahead and nobody looked which. */
function rivalOf(branch: BranchKey, ahead: readonly string[]): number | null {
  const own = ahead.map(changeOf).filter((change) => change.branch === branch);
  return own.length === 1 ? (own[0]?.number ?? null) : null;
}

function stateFrom(
  record: QueueRecord,
  outcome: CandidateFact,
  { parents, ahead: ids }: Ground,
  branch: BranchKey,
  { now: madeAt, branches }: Pick<QueueFacts, 'now' | 'branches'>,
): CandidateState {
  const ahead = ids.map((id) => changeOf(id).number);
  const method = branches.get(branch)?.settings?.method;
  switch (outcome.kind) {
    case 'made': {
      const { commit, tree, changed } = outcome;
      const fresh = { published: false, jobs: null, broken: null, verdict: null };
      const names = record.branches.length < 2 ? {} : { names: ids.map((id) => changeNameOf(record, changeOf(id))) };
      return {
        kind: 'made',
        parents,
        commit,
        tree,
        changed,
        ahead,
        ...names,
        madeAt,
        ...(method && { method }),
        ...fresh,
      };
    }
    case 'conflict':
      return { kind: 'conflict', parents, paths: outcome.paths, with: rivalOf(branch, ids) };
    case 'contained':
      return { kind: 'contained', parents };
    case 'forbidden':
      return { kind: 'forbidden', parents, because: outcome.because };
    case 'impossible':
      return { kind: 'forbidden', parents, because: outcome.because, isTheirs: true };
    case 'missing':
      return { kind: 'unmade', parents, because: outcome.because };
  }
}

/** False once its project lands in another way than when it was made. */
function landsAsNow(candidate: CandidateState, { branches }: Pick<QueueFacts, 'branches'>, branch: BranchKey): boolean {
  const now = branches.get(branch)?.settings?.method;
  return candidate.kind !== 'made' || [undefined, now].includes(candidate.method) || now === undefined;
}

/** The candidate of an item on this ground: the recorded one, or what was made in this pass; null: neither. */
export function candidateOn(
  record: QueueRecord,
  item: QueueItem,
  facts: Pick<QueueFacts, 'made' | 'now' | 'branches'>,
  ground: Ground,
): CandidateState | null {
  const { parents } = ground;
  const { candidate, branch, view } = item;
  // One that could not be made is tried again in each pass.
  if (candidate && candidate.kind !== 'unmade' && landsAsNow(candidate, facts, branch)) {
    if (standsOn(record, candidate.parents, parents)) return candidate;
  }
  const parent = parents[branch];
  const outcome = parent === undefined ? undefined : facts.made.get(candidateKey(branch, parent, view.pull.head));
  return outcome === undefined ? null : stateFrom(record, outcome, ground, branch, facts);
}

/** How the walk sees it. */
export function walked(state: CandidateState): WalkedCandidate {
  if (state.kind !== 'made') return { kind: state.kind, commit: null, verdict: 'pending', ended: true };
  if (state.broken !== null) return { kind: 'made', commit: state.commit, verdict: 'failed', ended: true };
  const jobs = state.jobs ?? [];
  const folded = foldVerdict(jobs);
  const verdict = folded.verdict === 'passed' || folded.verdict === 'failed' ? folded.verdict : 'pending';
  const ended = jobs.every(({ status }) => status.kind === 'ended' || status.kind === 'skipped');
  return { kind: 'made', commit: state.commit, verdict, ended };
}

/** Puts the candidates that a walk found on their items' present ground; what they had before is stopped. */
export function settleCandidates(draft: GateDraft, facts: QueueFacts, steps: readonly Step[]): void {
  // A step puts nothing else than its own item.
  const items = new Map(draft.record.items.map((item) => [changeIdOf(item), item]));
  for (const { id, parents, ahead, decision } of steps) {
    if (decision.kind === 'leave') continue;
    const item = items.get(id);
    if (!item) continue;
    if ('ends' in decision && decision.ends) {
      stopCandidate(draft, item, item.candidate, decision.because);
      if (item.candidate !== null) putItem(draft, { ...item, candidate: null });
      continue;
    }
    if (decision.kind === 'beyond-window') continue;
    if (decision.kind === 'step-over' && item.candidate?.kind !== 'unmade') continue;
    const state = candidateOn(draft.record, item, facts, { parents, ahead });
    if (decision.kind === 'make') wantCandidate(draft, facts, item, parents);
    if (state === null || state === item.candidate) continue;
    const because = item.candidate === null ? '' : 'what it stands on has changed';
    stopCandidate(draft, item, item.candidate, because);
    putItem(draft, { ...item, candidate: state, makes: item.makes + 1 });
    draft.reasons.push(describe(draft.record, item, state, ahead));
  }
}

function describe(record: QueueRecord, item: QueueItem, state: CandidateState, ahead: readonly string[]): string {
  const on = ahead.length === 0 ? 'the tip' : ahead.map((id) => changeNameOf(record, changeOf(id))).join(', ');
  const what: Readonly<Record<CandidateState['kind'], string>> = {
    made: state.kind === 'made' ? `candidate ${state.commit.slice(0, 12)}` : '',
    conflict: 'conflicts',
    contained: 'is contained',
    forbidden: 'cannot be landed',
    unmade: 'could not be made',
  };
  return `${changeNameOf(record, item)}: ${what[state.kind]} on ${on}`;
}

/** How it lands is part of what it is: nothing is made while that cannot be read. */
export function wantCandidate(draft: GateDraft, facts: QueueFacts, item: QueueItem, parents: Parents): void {
  const { branch, number, view, message } = item;
  const parent = parents[branch];
  if (parent === undefined || !facts.branches.get(branch)?.settings) return;
  const { head } = view.pull;
  const key = candidateKey(branch, parent, head);
  if (draft.wants.candidates.some((wanted) => wanted.key === key)) return;
  draft.wants.candidates.push({ key, branch: branchOf(draft.record, branch).key, number, parent, head, message });
}
