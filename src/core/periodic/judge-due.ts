import type { Nightly } from '../../model/periodic.ts';
import type { Project } from '../../model/project.ts';
import type { Sha } from '../../model/sha.ts';
import { duration } from '../presubmit/report-job.ts';
import { lastTime, nextTime } from './cron-times.ts';
import { timesOf } from './nightlies-of.ts';

export type DueJudgement =
  | { readonly kind: 'start' }
  | { readonly kind: 'skip'; readonly because: string }
  /** Its time has not come. */
  | { readonly kind: 'wait' };

/** When it starts next, after an instant; null: never. */
export function dueAfter(project: Pick<Project, 'id'>, { schedule }: Pick<Nightly, 'schedule'>, after: number) {
  const cron = timesOf(project, schedule);
  return cron === null ? null : nextTime(cron, schedule.timeZone, after);
}

/**
 * When one of which only its last start is known starts next: a time that passed since then was missed, and comes once, now;
 * one that never started missed nothing.
 */
export function dueSince(
  project: Pick<Project, 'id'>,
  nightly: Pick<Nightly, 'schedule' | 'startedAt'>,
  now: number,
): number | null {
  const { schedule, startedAt } = nightly;
  const cron = timesOf(project, schedule);
  if (cron === null) return null;
  const last = startedAt === null ? null : lastTime(cron, schedule.timeZone, now);
  return last !== null && startedAt !== null && last > startedAt ? last : nextTime(cron, schedule.timeZone, now);
}

/** What becomes of a time: however many were missed, they are one. `tree`: what the branch has now. */
export function judgeDue(
  nightly: Pick<Nightly, 'schedule' | 'dueAt' | 'startedAt' | 'run' | 'green' | 'red'>,
  tree: Sha,
  now: number,
): DueJudgement {
  const { schedule, dueAt, startedAt, run, green, red } = nightly;
  if (dueAt === null || dueAt > now) return { kind: 'wait' };
  if (run !== null && run.endedAt === null)
    return { kind: 'skip', because: `the run that began at ${run.commit.slice(0, 12)} still goes on` };
  const least = schedule.minimumSeconds * 1000;
  if (startedAt !== null && now - startedAt < least)
    return {
      kind: 'skip',
      because: `it last started ${duration(now - startedAt)} ago, and \`minimumInterval\` is ${duration(least)}`,
    };
  if (schedule.unchanged === 'skip' && red === null && green?.tree === tree)
    return {
      kind: 'skip',
      because: `nothing changed since it was green at ${green.commit.slice(0, 12)}: the files are the same`,
    };
  return { kind: 'start' };
}
