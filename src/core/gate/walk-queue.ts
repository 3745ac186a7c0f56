import type { BranchKey, Departure, Parents } from '../../model/queue.ts';
import type { Sha } from '../../model/sha.ts';

/** How the candidate of an item on one ground stands. */
export interface WalkedCandidate {
  readonly kind: 'made' | 'conflict' | 'contained' | 'forbidden' | 'unmade';
  /** Null unless made. */
  readonly commit: Sha | null;
  readonly verdict: 'pending' | 'passed' | 'failed';
  /** None of its builds is under way any more. */
  readonly ended: boolean;
}

/** One item as the walk sees it; `id` names it within the queue. */
export interface WalkedItem {
  readonly id: string;
  readonly branch: BranchKey;
  /** Why it may not stay; null: it may. */
  readonly leaves: Departure | null;
  /** Why it is stepped over for now (held, parked); null: it is not. */
  readonly waits: string | null;
  /** What is tested of it meanwhile ends too. */
  readonly stops?: boolean;
  /** Items that have not landed and must be contained in what it stands on, whether they are queued or not. */
  readonly needs: readonly string[];
  /** Its candidate on exactly this ground; null: not made yet. */
  readonly candidateOn: (parents: Parents, ahead: readonly string[]) => WalkedCandidate | null;
}

/** What the walk decided for an item, and the ground it stood on. */
export interface Step {
  readonly id: string;
  readonly parents: Parents;
  /** Ids of the items that its ground holds and that have not landed yet, in order. */
  readonly ahead: readonly string[];
  readonly decision:
    | { readonly kind: 'leave'; readonly departure: Departure }
    /** Its place is kept, those behind stand on what is ahead of it. */
    | { readonly kind: 'hold-verdict'; readonly because: string }
    /** `ends`: what was tested of it does not count any more. */
    | { readonly kind: 'step-over' | 'beyond-window'; readonly because: string; readonly ends: boolean }
    | { readonly kind: 'make' }
    /** Failed where nothing is ahead: final once its own builds have ended. */
    | { readonly kind: 'finish' | 'reject' | 'conflict' | 'contained' | 'forbidden' }
    | { readonly kind: 'test' }
    /** `by`: as this one of its candidates, with what it holds inside; left out: as its only one, by itself. */
    | { readonly kind: 'land'; readonly by?: LandingBy };
}

/** One push of a candidate that passed, and ids of what it holds that has not landed, oldest first. */
export interface LandingBy {
  readonly commit: Sha;
  readonly inside: readonly string[];
}

function sameGround(one: Parents, other: Parents): boolean {
  const keys = Object.keys(one) as BranchKey[];
  return keys.length === Object.keys(other).length && keys.every((key) => one[key] === other[key]);
}

interface Ground {
  readonly parents: Parents;
  readonly ahead: readonly string[];
}

/** What those behind an item stand on: on it too, unless it may not land as it is. */
function groundBehind(ground: Ground, { id, branch }: WalkedItem, candidate: WalkedCandidate): Ground {
  const { kind, verdict, commit } = candidate;
  if (kind !== 'made' || verdict === 'failed' || commit === null) return ground;
  return { parents: { ...ground.parents, [branch]: commit }, ahead: [...ground.ahead, id] };
}

type NameOf = (id: string) => string;

function afterHash(id: string): string {
  return id.slice(id.lastIndexOf('#'));
}

/** What an item's candidate says where its ground is, or is not, what has landed (gate.md §3). */
function judge(candidate: WalkedCandidate, onTip: boolean, names: string): Step['decision'] {
  if (candidate.kind === 'unmade')
    return { kind: 'step-over', because: 'its commit could not be made yet', ends: false };
  // However the ground is, the files that it changes are the same.
  if (candidate.kind === 'forbidden') return { kind: 'forbidden' };
  if (candidate.kind === 'conflict' || candidate.kind === 'contained') {
    if (onTip) return { kind: candidate.kind };
    const because =
      candidate.kind === 'conflict'
        ? `it conflicts with what is ahead: ${names}`
        : `what is ahead has all of it: ${names}`;
    return { kind: 'hold-verdict', because };
  }
  if (candidate.verdict === 'failed') {
    // Off the tip, the fault may lie with an item ahead: hold the verdict.
    if (!onTip) return { kind: 'hold-verdict', because: `it failed together with what is ahead: ${names}` };
    return { kind: candidate.ended ? 'reject' : 'finish' };
  }
  return { kind: candidate.verdict === 'passed' && onTip ? 'land' : 'test' };
}

/**
 * One walk from head to tail: what becomes of each item on the ground that those ahead of it leave. Ends at the first item
 * whose candidate must be made before anything can be said of those behind it. Says what may land, never what is built first.
 */
export function walkQueue(
  items: readonly WalkedItem[],
  tips: Parents,
  window: number,
  nameOf: NameOf = afterHash,
): readonly Step[] {
  const namesOf = (ids: readonly string[]): string => ids.map(nameOf).join(', ');
  const steps: Step[] = [];
  let ground: Ground = { parents: tips, ahead: [] };
  let walked = 0;
  // Nothing is made beyond the window. What was, before it shrank, goes on while its ground may still come; null: it cannot.
  let beyond: Ground | null = ground;
  const later: string[] = [];
  for (const item of items) {
    const step = (decision: Step['decision']): number => steps.push({ id: item.id, ...ground, decision });
    if (item.leaves !== null) {
      step({ kind: 'leave', departure: item.leaves });
      continue;
    }
    if (item.waits !== null) {
      step({ kind: 'step-over', because: item.waits, ends: item.stops === true });
      continue;
    }
    // A candidate contains what it depends on, or is not made.
    const missing = item.needs.filter((id) => !ground.ahead.includes(id) && !later.includes(id));
    if (missing.length > 0) {
      step({ kind: 'step-over', because: `it depends on ${namesOf(missing)}, not ahead of it any more`, ends: true });
      continue;
    }
    if (walked >= window) {
      const made: WalkedCandidate | null = beyond === null ? null : item.candidateOn(beyond.parents, beyond.ahead);
      step({ kind: 'beyond-window', because: `only the first ${window} are tested at once`, ends: made === null });
      beyond = beyond === null || made === null ? null : groundBehind(beyond, item, made);
      later.push(item.id);
      continue;
    }
    walked += 1;
    const candidate = item.candidateOn(ground.parents, ground.ahead);
    if (candidate === null) {
      step({ kind: 'make' });
      return steps;
    }
    step(judge(candidate, sameGround(ground.parents, tips), namesOf(ground.ahead)));
    ground = groundBehind(ground, item, candidate);
    beyond = ground;
  }
  return steps;
}

/** True for equal vectors of commits. */
export const isSameGround = sameGround;
