import type { CandidateOutcome } from '../../model/landing.ts';
import type { BranchKey, CandidateState, Parents, QueueItem, QueueRecord } from '../../model/queue.ts';
import type { Sha } from '../../model/sha.ts';
import { branchOf, changeIdOf, type GateDraft, putItem, stopCandidate } from './draft.ts';
import type { QueueFacts } from './facts.ts';
import { foldVerdict } from './fold-verdict.ts';
import { isSameGround, type Step, type WalkedCandidate } from './walk-queue.ts';

/** Names what was made of one head on one commit. */
export function candidateKey(branch: BranchKey, parent: Sha, head: Sha): string {
  return `${branch} ${parent} ${head}`;
}

/** Where the queue's branches are; null while one of them is not known or not there. */
export function tipsOf(record: QueueRecord): Parents | null {
  const tips: Record<BranchKey, Sha> = {};
  for (const { key, tip } of record.branches) {
    if (tip === null) return null;
    tips[key] = tip;
  }
  return tips;
}

function stateFrom(outcome: CandidateOutcome, parents: Parents, ahead: readonly number[]): CandidateState {
  switch (outcome.kind) {
    case 'made': {
      const { commit, tree, changed } = outcome;
      const fresh = { published: false, jobs: null, broken: null, verdict: null };
      return { kind: 'made', parents, commit, tree, changed, ahead, ...fresh };
    }
    case 'conflict':
      return { kind: 'conflict', parents, paths: outcome.paths, with: ahead.at(-1) ?? null };
    case 'contained':
      return { kind: 'contained', parents };
    case 'missing':
      return { kind: 'unmade', parents, because: outcome.because };
  }
}

/** The candidate of an item on this ground: the recorded one, or what was made in this pass; null: neither. */
export function candidateOn(
  item: QueueItem,
  facts: Pick<QueueFacts, 'made'>,
  parents: Parents,
  ahead: readonly number[],
): CandidateState | null {
  const { candidate, branch, view } = item;
  // One that could not be made is tried again in each pass.
  if (candidate && candidate.kind !== 'unmade' && isSameGround(candidate.parents, parents)) return candidate;
  const parent = parents[branch];
  const outcome = parent === undefined ? undefined : facts.made.get(candidateKey(branch, parent, view.pull.head));
  return outcome === undefined ? null : stateFrom(outcome, parents, ahead);
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
  for (const { id, parents, ahead, decision } of steps) {
    if (decision.kind === 'leave' || decision.kind === 'beyond-window') continue;
    const item = draft.record.items.find((other) => changeIdOf(other) === id);
    if (!item) continue;
    if (decision.kind === 'step-over' && !decision.ends && item.candidate?.kind !== 'unmade') continue;
    if (decision.kind === 'step-over' && decision.ends) {
      stopCandidate(draft, item, item.candidate, decision.because);
      if (item.candidate !== null) putItem(draft, { ...item, candidate: null });
      continue;
    }
    const numbers = numbersOf(ahead);
    const state = candidateOn(item, facts, parents, numbers);
    if (decision.kind === 'make') wantCandidate(draft, item, parents);
    if (state === null || state === item.candidate) continue;
    const because = item.candidate === null ? '' : 'what it stands on has changed';
    stopCandidate(draft, item, item.candidate, because);
    putItem(draft, { ...item, candidate: state, makes: item.makes + 1 });
    draft.reasons.push(describe(item, state, numbers));
  }
}

function numbersOf(ids: readonly string[]): readonly number[] {
  return ids.map((id) => Number(id.slice(id.lastIndexOf('#') + 1)));
}

function describe(item: QueueItem, state: CandidateState, ahead: readonly number[]): string {
  const on = ahead.length === 0 ? 'the tip' : ahead.map((number) => `#${number}`).join(', ');
  const what: Readonly<Record<CandidateState['kind'], string>> = {
    made: state.kind === 'made' ? `candidate ${state.commit.slice(0, 12)}` : '',
    conflict: 'conflicts',
    contained: 'is contained',
    unmade: 'could not be made',
  };
  return `#${item.number}: ${what[state.kind]} on ${on}`;
}

function wantCandidate(draft: GateDraft, item: QueueItem, parents: Parents): void {
  const { branch, number, view, message } = item;
  const parent = parents[branch];
  if (parent === undefined) return;
  const { head } = view.pull;
  const key = candidateKey(branch, parent, head);
  draft.wants.candidates.push({ key, branch: branchOf(draft.record, branch).key, number, parent, head, message });
}
