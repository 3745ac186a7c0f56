import type { NightlyStart } from '../../core/periodic/facts.ts';
import type { WantedNightly } from '../../core/periodic/nightlies-of.ts';
import { planNightly } from '../../core/periodic/plan-nightly.ts';
import { standingLandings } from '../../core/promote/own-tags.ts';
import { readVersion } from '../../core/version/read-version.ts';
import { isFinal } from '../../model/check-run.ts';
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
import { jobsOfNightly, openBeneath, requestsSeen } from './requests-seen.ts';

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
    const own = ({ key }: WantedNightly): boolean => key === nightly.key;
    const beneath = await openBeneath(context.ports, config, { id: subject, project, branch, commit }, own);
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
