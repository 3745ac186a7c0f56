import { entryOfNightly, nightliesOf, type WantedNightly } from '../../core/periodic/nightlies-of.ts';
import { externalIdFor } from '../../model/build.ts';
import { isFinal, type ObservedCheckRun } from '../../model/check-run.ts';
import type { Job } from '../../model/job.ts';
import type { Nightly } from '../../model/periodic.ts';
import type { Project } from '../../model/project.ts';
import type { Sha } from '../../model/sha.ts';
import type { SubjectId } from '../../model/subject.ts';
import type { AppContext } from '../context.ts';
import type { ConfigReader } from '../read-config.ts';

/** Check runs of one request of a nightly at one commit, each with its job. */
export interface RequestSeen {
  readonly request: number;
  readonly runs: readonly { readonly job: Job; readonly run: ObservedCheckRun }[];
}

/** The jobs of a nightly that stand in this list. */
export function jobsOfNightly({ schedule }: Pick<Nightly, 'schedule'>, jobs: readonly Job[]): readonly Job[] {
  const text = JSON.stringify(schedule);
  return jobs.filter(({ schedules = [] }) => schedules.some((each) => JSON.stringify(each) === text));
}

/** What our check runs at a commit show of a nightly, the newest request first. */
export function requestsSeen(
  subject: SubjectId,
  nightly: Pick<Nightly, 'key'>,
  commit: Sha,
  jobs: readonly Job[],
  runs: readonly ObservedCheckRun[],
): readonly RequestSeen[] {
  const seen = new Map<number, { job: Job; run: ObservedCheckRun }[]>();
  for (const job of jobs) {
    const parts = { subject, entry: entryOfNightly(nightly.key), commit, job: job.name, definition: job.definition };
    const stem = externalIdFor({ ...parts, request: 1 }).replace(/1$/, '');
    for (const run of runs) {
      const request = run.externalId.startsWith(stem) ? Number(run.externalId.slice(stem.length)) : Number.NaN;
      if (Number.isSafeInteger(request)) seen.set(request, [...(seen.get(request) ?? []), { job, run }]);
    }
  }
  return [...seen].sort(([one], [other]) => other - one).map(([request, found]) => ({ request, runs: found }));
}

/** Whose nightlies are looked for, on the newest commits beneath this one; `id`: the subject that they are. */
export interface Place {
  readonly id: SubjectId;
  readonly project: Project;
  readonly branch: string;
  readonly commit: Sha;
}

/** So many commits beneath are looked at for what was begun there and lost. */
const mostLooks = 10;

/**
 * What stands open beneath a commit of those nightlies that the files there name and that are asked for. Where no run has it, an
 * earlier state of ours began it, which was lost or put back (design.md §5).
 */
export async function openBeneath(
  { forge, landing }: Pick<AppContext['ports'], 'forge' | 'landing'>,
  config: ConfigReader,
  { id, project, branch, commit }: Place,
  isAsked: (nightly: WantedNightly) => boolean,
): Promise<readonly ObservedCheckRun[]> {
  const found: ObservedCheckRun[] = [];
  for (const beneath of await landing.firstParents(project, commit, mostLooks)) {
    const runs = (await forge.checkRuns(project, beneath)).filter((run) => !isFinal(run));
    const state = runs.length === 0 ? null : await config.configAt(project, beneath);
    if (state?.kind === 'unreadable') throw new Error(state.because);
    if (state?.kind !== 'valid') continue;
    const { jobs } = state.config;
    for (const nightly of nightliesOf(project, branch, jobs).filter(isAsked)) {
      const seen = requestsSeen(id, nightly, beneath, jobsOfNightly(nightly, jobs), runs);
      found.push(...seen.flatMap((request) => request.runs.map(({ run }) => run)));
    }
  }
  return found;
}
