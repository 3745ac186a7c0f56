import type { PushRun } from '../../model/push.ts';
import type { PushDraft } from './draft.ts';
import type { PushedFacts } from './facts.ts';

/** Whether the branch that it is the signal for is still to be looked for. */
export function isCutting({ cut }: Pick<PushRun, 'cut'>): boolean {
  return cut !== undefined && cut.ended === null;
}

/**
 * Asks for the branch until the forge shows it, and then never again: one that somebody deletes later stays deleted, and one that
 * is there already, wherever it points, stays as it is.
 */
export function cutBranch(draft: PushDraft, { branches, uncut }: PushedFacts, run: PushRun): PushRun {
  const { cut } = run;
  if (cut === undefined || cut.ended !== null || branches === null) return run;
  const { branch, at, version } = cut;
  const there = branches.get(branch);
  const failed = uncut.get(branch);
  const ended = (kind: 'there' | 'failed', because: string): PushRun => {
    draft.reasons.push(because);
    return { ...run, cut: { ...cut, ended: { kind, because } } };
  };
  const place = at.slice(0, 12);
  if (there === at) return ended('there', `the branch ${branch} is at ${place}, where ${version} ends here`);
  if (there !== undefined)
    return ended('there', `the branch ${branch} is there already, at ${there.slice(0, 12)}: it stays as it is`);
  if (failed !== undefined) return ended('failed', `the branch ${branch} could not be created at ${place}: ${failed}`);
  draft.effects.push({ kind: 'cut', branch, at });
  return run;
}
