import type { NightlyStart } from '../../core/periodic/facts.ts';
import { entryOfNightly } from '../../core/periodic/nightlies-of.ts';
import { planNightly } from '../../core/periodic/plan-nightly.ts';
import { standingLandings } from '../../core/promote/own-tags.ts';
import { readVersion } from '../../core/version/read-version.ts';
import { externalIdFor } from '../../model/build.ts';
import { isFinal, type ObservedCheckRun } from '../../model/check-run.ts';
import type { Job } from '../../model/job.ts';
import type { BranchReading } from '../../model/landing.ts';
import type { Nightly, PeriodicRecord } from '../../model/periodic.ts';
import type { Project } from '../../model/project.ts';
import type { Sha } from '../../model/sha.ts';
import type { SubjectId } from '../../model/subject.ts';
import type { VersionReading } from '../../model/version.ts';
import type { VersionComponent, VersionSettings } from '../../model/version-settings.ts';
import type { AppContext } from '../context.ts';
import { watchedBranch } from '../push/watched-branch.ts';
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

async function versionsAt(context: AppContext, project: Project, settings: VersionSettings, at: Sha) {
  const read = new Map<VersionComponent, VersionReading>();
  for (const component of settings.components) {
    const { file } = await context.ports.history.push(project, at, at, component.file);
    read.set(component, readVersion(file, settings.scheme));
  }
  return { settings, read };
}

function publishedAt(reading: BranchReading, commit: Sha): ReadonlySet<string> {
  const entries = reading.ledger.kind === 'whole' ? reading.ledger.entries : [];
  const own = standingLandings(entries).filter((landing) => landing.commit === commit);
  return new Set(own.flatMap(({ images }) => images.map(({ name }) => name)));
}

/** So many commits before a start are looked at for what was begun there and lost. */
const mostLooks = 10;

/** What stands open of a nightly on the newest commits before this one: only what was lost, as it has one run at a time. */
async function openBeneath(
  { forge, landing }: Pick<AppContext['ports'], 'forge' | 'landing'>,
  config: ConfigReader,
  project: Project,
  subject: SubjectId,
  nightly: Pick<Nightly, 'key' | 'schedule'>,
  commit: Sha,
): Promise<readonly ObservedCheckRun[]> {
  const found: ObservedCheckRun[] = [];
  for (const beneath of await landing.firstParents(project, commit, mostLooks)) {
    const runs = (await forge.checkRuns(project, beneath)).filter((run) => !isFinal(run));
    const state = runs.length === 0 ? null : await config.configAt(project, beneath);
    if (state?.kind !== 'valid') continue;
    const seen = requestsSeen(subject, nightly, beneath, jobsOfNightly(nightly, state.config.jobs), runs);
    found.push(...seen.flatMap((request) => request.runs.map(({ run }) => run)));
  }
  return found;
}

/** What a nightly does when it starts at this commit now; asked of git, of the ledger and of our own check runs there. */
export async function beginNightly(
  context: AppContext,
  config: ConfigReader,
  { project, branch }: PeriodicRecord,
  subject: SubjectId,
  nightly: Pick<Nightly, 'key' | 'schedule'>,
  commit: Sha,
): Promise<NightlyStart> {
  const { forge, landing, clock, log } = context.ports;
  try {
    const state = await config.configAt(project, commit);
    if (state.kind !== 'valid') return { kind: 'unread' };
    const jobs = jobsOfNightly(nightly, state.config.jobs);
    const { settings } = await watchedBranch(context, { project, branch }, state.config, commit);
    const planned = planNightly({
      branch,
      commit,
      at: clock.now(),
      jobs,
      versions: settings === null ? null : await versionsAt(context, project, settings, commit),
      published: publishedAt(await landing.read(project, branch), commit),
    });
    const seen = requestsSeen(subject, nightly, commit, jobs, await forge.checkRuns(project, commit));
    const beneath = await openBeneath(context.ports, config, project, subject, nightly, commit);
    const [last] = seen;
    if (last === undefined || last.runs.every(({ run }) => isFinal(run)))
      return { kind: 'planned', planned, request: (last?.request ?? 0) + 1, said: new Map(), beneath };
    const said = new Map(last.runs.map(({ job, run }) => [job.name, run]));
    return { kind: 'planned', planned, request: last.request, said, beneath };
  } catch (err) {
    log.warn({ repository: project.id, branch, commit, err }, 'a nightly could not be started now');
    return { kind: 'unread' };
  }
}
