import { definitionDigest } from '../../model/build.ts';
import type { Job } from '../../model/job.ts';
import type { Project } from '../../model/project.ts';
import type { Schedule } from '../../model/schedule.ts';
import type { Sha } from '../../model/sha.ts';
import { stemsOfJobs } from '../push/own-checks.ts';
import { type FixedCron, fixCron } from './fix-cron.ts';
import { parseCron } from './parse-cron.ts';

/** A nightly as the file of the branch asks for it. */
export interface WantedNightly {
  readonly key: string;
  readonly schedule: Schedule;
  readonly jobs: readonly string[];
}

/** Jobs with the same times and settings are one nightly, which starts, waits and fails as one. */
export function nightliesOf(project: Pick<Project, 'id'>, branch: string, jobs: readonly Job[]): WantedNightly[] {
  const found = new Map<string, WantedNightly>();
  for (const { name, schedules = [] } of jobs)
    for (const schedule of schedules) {
      const key = definitionDigest([project.id, branch, schedule]).slice(0, 12);
      found.set(key, { key, schedule, jobs: [...(found.get(key)?.jobs ?? []), name] });
    }
  return [...found.values()];
}

/** The times of a schedule in this project; `H` is the same for as long as the line is. Null: a line that nobody could have checked. */
export function timesOf({ id }: Pick<Project, 'id'>, { cron, timeZone }: Schedule): FixedCron | null {
  const parsed = parseCron(cron);
  return parsed.kind === 'line' ? fixCron(parsed.line, `${id} ${cron} ${timeZone}`) : null;
}

/** What tells its builds apart from those of other nightlies at the same commit (`BuildParts.entry`). */
export function entryOfNightly(key: string): string {
  return `cron ${key}`;
}

/** For people: `H 2 * * * (Europe/Berlin)`. */
export function nameOfSchedule({ cron, timeZone }: Schedule): string {
  return `${cron} (${timeZone})`;
}

/** Whose check runs the nightlies of a branch have at a commit whose file has these jobs, whichever request. */
export function stemsOfNightlies(
  subject: string,
  project: Pick<Project, 'id'>,
  branch: string,
  commit: Sha,
  jobs: readonly Job[],
): ReadonlySet<string> {
  const nightlies = nightliesOf(project, branch, jobs);
  return new Set(nightlies.flatMap(({ key }) => [...stemsOfJobs(subject, entryOfNightly(key), commit, jobs)]));
}
