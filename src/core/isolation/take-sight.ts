import type { CanarySight, IsolationNote, ProvedIsolation } from '../../model/isolation.ts';
import { judgeIsolation, judgeSight } from './judge-isolation.ts';

/** What came of one turn: what was seen, or why nothing was. */
export type CanaryTurn =
  | { readonly kind: 'seen'; readonly sight: CanarySight }
  | { readonly kind: 'trouble'; readonly because: string };

const dayMs = 24 * 3_600_000;
/** After one that failed, somebody is repairing it; after one that could not be made, nothing is known at all. */
const againMs = { passed: dayMs, failed: 5 * 60_000, unknown: 60_000 } as const;

/**
 * When the next canary is due, ms. `restartedAt`: when this process began; each start tries anew, but for one that was tried a
 * moment before, by another process of the same release.
 */
export function canaryDueAt(
  settings: ProvedIsolation,
  note: IsolationNote | null,
  restartedAt: number,
  now: number,
): number {
  if (note === null || note.place !== settings.place) return now;
  const { kind } = judgeIsolation(settings, note, now);
  // Nothing was in the way, and yet something is open: the settings name what was not tried yet, or it is too old.
  if (kind === 'unknown' && note.trouble === null) return now;
  const usual = note.triedAt + againMs[note.trouble === null ? kind : 'unknown'];
  const atStart = note.triedAt < restartedAt - 10 * 60_000 ? restartedAt : usual;
  return Math.min(usual, atStart);
}

function kindOf(settings: ProvedIsolation, note: IsolationNote | null, now: number): string {
  return judgeIsolation(settings, note, now).kind;
}

/**
 * The note after a turn. What proves nothing leaves the last proof in place, with what was in the way; what was reached counts at
 * once.
 */
export function takeTurn(
  settings: ProvedIsolation,
  before: IsolationNote | null,
  turn: CanaryTurn,
  begun: number,
  now: number,
): IsolationNote {
  const known = before !== null && before.place === settings.place ? before : null;
  const judged = turn.kind === 'seen' ? judgeSight(settings, turn.sight) : null;
  const counts = turn.kind === 'seen' && judged?.kind !== 'unknown';
  const trouble = turn.kind === 'trouble' ? turn.because : judged?.kind === 'unknown' ? judged.because : null;
  const sight = counts ? turn.sight : (known?.sight ?? null);
  const at = counts ? begun : (known?.at ?? null);
  const next = { place: settings.place, at, sight, triedAt: begun, trouble, since: now };
  const isSame = known !== null && kindOf(settings, known, now) === kindOf(settings, next, now);
  return isSame ? { ...next, since: known.since } : next;
}
