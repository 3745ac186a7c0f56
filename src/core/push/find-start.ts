import type { ObservedCheckRun } from '../../model/check-run.ts';
import type { Sha } from '../../model/sha.ts';

/** A commit of a branch's first-parent line, as the forge shows it where nothing is remembered. */
export interface LookedAt {
  readonly commit: Sha;
  /** Null: it is the first of all. */
  readonly parent: Sha | null;
  /** What the ledger has of it. */
  readonly recorded: 'landed' | 'otherwise' | 'nothing';
  /** Our own check runs of a push to this branch there; null: they were not asked for. */
  readonly runs: readonly ObservedCheckRun[] | null;
}

/** What is known of a branch so far, looking back from its tip. */
export interface Search {
  /** From where on landings are told: what stands beneath the lowest of them that is not told whole. */
  readonly above: Sha;
  /** From where on pushes are judged; null: nothing shows it. */
  readonly below: Sha | null;
  /** The last push, beneath our own landings; null: there is nothing else yet. */
  readonly last: Sha | null;
  /** That one is told whole. */
  readonly isTold: boolean;
  /** Nothing further back says more. */
  readonly isOver: boolean;
}

export function searchFrom(tip: Sha): Search {
  return { above: tip, below: null, last: null, isTold: false, isOver: false };
}

/** `overtaken`: a later push was to be built in its place, with what it brought. */
type Answer = 'whole' | 'open' | 'overtaken' | 'none' | 'unasked';

function answerOf({ runs }: LookedAt): Answer {
  if (runs === null) return 'unasked';
  if (runs.length === 0) return 'none';
  if (runs.some(({ state }) => state.status !== 'completed')) return 'open';
  return runs.some(({ state }) => state.status === 'completed' && state.conclusion === 'cancelled')
    ? 'overtaken'
    : 'whole';
}

function lookAtTop(search: Search, { commit, parent, recorded }: LookedAt, answer: Answer): Search {
  if (recorded === 'landed')
    return answer === 'open' || answer === 'none' ? { ...search, above: parent ?? commit } : search;
  if (answer === 'whole' || answer === 'overtaken') return { ...search, last: commit, isTold: true, isOver: true };
  return { ...search, last: commit, below: answer === 'open' ? parent : null };
}

/**
 * One commit further back. The last push, under whatever landed since, is judged again when its answer lacks or has no end, from
 * the newest commit before it that is told whole or recorded: so one of several commits is judged as it was (versions.md §3).
 */
export function lookBack(search: Search, look: LookedAt): Search {
  const answer = answerOf(look);
  if (search.last === null) return lookAtTop(search, look, answer);
  const { commit, parent, recorded } = look;
  if (recorded !== 'nothing' || answer === 'whole') return { ...search, below: commit, isOver: true };
  return { ...search, below: answer === 'open' || answer === 'overtaken' ? (parent ?? commit) : search.below };
}
