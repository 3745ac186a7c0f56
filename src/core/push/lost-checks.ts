import type { CheckRunReport, ObservedCheckRun } from '../../model/check-run.ts';
import type { Sha } from '../../model/sha.ts';
import { inlineCode } from '../text/safe-markdown.ts';

function cancelled({ id: _, ...run }: ObservedCheckRun, title: string, summary: string, now: number): CheckRunReport {
  return {
    ...run,
    state: { status: 'completed', conclusion: 'cancelled' },
    title,
    summary,
    text: '',
    annotations: [],
    actions: [],
    detailsUrl: null,
    completedAt: now,
  };
}

/** As a check run ends whose push was lost and overtaken by that of another commit (L7, L9). */
export function overtaken(run: ObservedCheckRun, after: Sha, now: number): CheckRunReport {
  const because = `${after.slice(0, 12)} was pushed since, and is built in its place.`;
  return cancelled(run, 'A newer push is built in its place', `What was begun here was lost; ${because}`, now);
}

/** As one ends whose push was lost, where nothing shows what it was to be compared with. */
export function forgotten(run: ObservedCheckRun, now: number): CheckRunReport {
  const because = 'What was begun here was lost, and nothing is left of it: the next push builds what is missing.';
  return cancelled(run, 'What was begun was lost', because, now);
}

/** As one ends that was lost, where the same commit was pushed again since: a later check run of it goes on. */
export function begunAgain(run: ObservedCheckRun, now: number): CheckRunReport {
  const because = 'What was begun here was lost; the same commit was pushed again since, which goes on beside this.';
  return cancelled(run, 'It was begun again since', because, now);
}

/** As one ends that was lost on a commit to which its branch went back, of which the ledger has what was published. */
export function recorded(run: ObservedCheckRun, now: number): CheckRunReport {
  const because = 'What was begun here was lost; the ledger of the branch has what was published of it.';
  return cancelled(run, 'What was begun was lost, and what it published is recorded', because, now);
}

/** As one ends of a nightly whose run was lost, once it starts at a later commit. */
export function startedSince(run: ObservedCheckRun, at: Sha, now: number): CheckRunReport {
  const because = `What was begun here was lost; the nightly has started at ${at.slice(0, 12)} since.`;
  return cancelled(run, 'It has started at a later commit since', because, now);
}

/** As one ends of a nightly whose run was lost, where the file does not name the nightly any more. */
export function unnamedSince(run: ObservedCheckRun, branch: string, now: number): CheckRunReport {
  const because = `What was begun here was lost; it is not in the file of ${inlineCode(branch)} any more, so that nothing runs.`;
  return cancelled(run, 'It is not in the file of the branch any more', because, now);
}

/** As one ends of a nightly whose run was lost, where the file of the branch cannot be used when its time comes. */
export function unreadSince(run: ObservedCheckRun, because: string, now: number): CheckRunReport {
  const summary = `What was begun here was lost, and nothing is started in its place: ${because}.`;
  return cancelled(run, 'Lost, and the file of the branch is not valid now', summary, now);
}

/** As that of a join ends that was lost, once another one begins. */
export function joinedSince(run: ObservedCheckRun, at: Sha, now: number): CheckRunReport {
  const because = `What was begun here was lost; all of the branch is tested at ${at.slice(0, 12)} since.`;
  return cancelled(run, 'Lost, and begun again since', because, now);
}
