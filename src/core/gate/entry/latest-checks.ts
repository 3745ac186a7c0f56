import type { GateView, HeadCheck } from '../../../model/gate-view.ts';
import { byText, type EntryQuestion } from './question.ts';

/** `open`: absent a conclusion, or too old for one (`stale`). */
export type CheckState = 'good' | 'open' | 'red';

export function stateOf({ conclusion }: HeadCheck): CheckState {
  switch (conclusion) {
    case 'success':
    case 'neutral':
    case 'skipped':
      return 'good';
    case null:
    case 'stale':
      return 'open';
    default:
      return 'red';
  }
}

const badness: Readonly<Record<CheckState, number>> = { good: 0, open: 1, red: 2 };

/** Of two at the same moment the worse is the later one, whichever is seen first. */
function later(a: HeadCheck, b: HeadCheck): HeadCheck {
  const order =
    a.at - b.at || badness[stateOf(a)] - badness[stateOf(b)] || byText(`${a.conclusion}`, `${b.conclusion}`);
  return order >= 0 ? a : b;
}

/** A status and a check run of one name are two things to the forge, and both must be good. */
function sourceOf({ name, app, kind }: HeadCheck): string {
  return `${kind} ${app} ${name}`;
}

function bySource(checks: readonly HeadCheck[]): HeadCheck[][] {
  const groups = new Map<string, HeadCheck[]>();
  for (const check of checks) groups.set(sourceOf(check), [...(groups.get(sourceOf(check)) ?? []), check]);
  return [...groups.values()];
}

function latestOf(checks: readonly HeadCheck[], stage: EntryQuestion['stage']): HeadCheck | null {
  const concluded = checks.filter((check) => stateOf(check) !== 'open');
  const counting = stage === 'queued' && concluded.length > 0 ? concluded : checks;
  const [first, ...others] = counting;
  return first ? others.reduce(later, first) : null;
}

/**
 * What counts of these checks: the latest of each App and kind. In the queue the last conclusion counts until there is a new
 * one, so that a re-run which somebody starts stalls nothing (gate.md §2).
 */
export function latestChecks(checks: readonly HeadCheck[], stage: EntryQuestion['stage']): HeadCheck[] {
  return bySource(checks).flatMap((group) => latestOf(group, stage) ?? []);
}

/**
 * The view of a queued change with the conclusions that it had before: a forge that shows only the latest forgets them at a
 * re-run. On another head nothing is kept.
 */
export function keepConclusions(before: GateView, now: GateView): GateView {
  if (before.pull.head !== now.pull.head) return now;
  const kept = latestChecks(before.checks, 'queued').filter((check) => stateOf(check) !== 'open');
  const known = new Set(
    latestChecks(now.checks, 'queued')
      .filter((check) => stateOf(check) !== 'open')
      .map(sourceOf),
  );
  const reported = new Set(now.checks.map(sourceOf));
  const needed = kept.filter((check) => reported.has(sourceOf(check)) && !known.has(sourceOf(check)));
  return needed.length === 0 ? now : { ...now, checks: [...now.checks, ...needed] };
}
