import { resolveVersion } from '../../config/resolve/resolve-version.ts';
import { jobsOn, whyNotHere } from '../../core/postsubmit/push-jobs.ts';
import { roleOf } from '../../core/version/branch-role.ts';
import { readVersion } from '../../core/version/read-version.ts';
import type { ProjectConfig } from '../../model/config.ts';
import type { Project } from '../../model/project.ts';
import type { Sha } from '../../model/sha.ts';
import type { VersionSettings } from '../../model/version-settings.ts';
import type { AppContext } from '../context.ts';
import type { ConfigReader } from '../read-config.ts';

/** `version:` as the file has it; without one the usual where a VERSION with a version stands at the commit, else null. */
export async function versionsAt(
  { ports }: Pick<AppContext, 'ports'>,
  project: Project,
  config: ProjectConfig,
  at: Sha,
): Promise<VersionSettings | null> {
  if (config.version !== null) return config.version;
  const usual = resolveVersion({});
  const path = usual.components[0]?.file ?? 'VERSION';
  const { file } = await ports.history.push(project, at, at, path);
  return readVersion(file, usual.scheme).kind === 'version' ? usual : null;
}

/** The same without a look at history where no VERSION can count. */
export async function versionsKept(
  context: Pick<AppContext, 'ports'>,
  project: Project,
  config: ProjectConfig,
  at: Sha,
): Promise<VersionSettings | null> {
  if (config.version === null) {
    const usual = resolveVersion({}).components[0]?.file ?? 'VERSION';
    const there = (await context.ports.source.entries(project, at, [usual])).get(usual);
    if (there?.kind !== 'file') return null;
  }
  return versionsAt(context, project, config, at);
}

/** What a branch is to the project whose file this is. */
export interface WatchedBranch {
  /** Null: the project has no versions. */
  readonly settings: VersionSettings | null;
  /** Jobs that name no branch of their own run on it. */
  readonly isWatched: boolean;
  /** Some job is for it. */
  readonly matters: boolean;
}

export async function watchedBranch(
  context: Pick<AppContext, 'ports'>,
  { project, branch }: { readonly project: Project; readonly branch: string },
  config: ProjectConfig,
  at: Sha,
): Promise<WatchedBranch> {
  const settings = await versionsAt(context, project, config, at);
  const { defaultBranch } = project;
  const isWatched =
    settings === null ? branch === defaultBranch : roleOf(settings, branch, defaultBranch).kind !== 'other';
  const jobs = [...jobsOn(config.jobs, 'postsubmit'), ...jobsOn(config.jobs, 'release')];
  return { settings, isWatched, matters: jobs.some((job) => whyNotHere(job, { branch, isWatched }) === null) };
}

/** So many commits of the default branch are asked for a file that says anything usable. */
const mostLooks = 10;

/** `version:` as the default branch has it, by the newest of its files that is valid; null: there is none, or no file can be read. */
export async function versionsByDefault(
  context: Pick<AppContext, 'ports'>,
  config: ConfigReader,
  project: Project,
): Promise<VersionSettings | null> {
  const { source, landing } = context.ports;
  const tip = await source.tipOf(project, project.defaultBranch);
  if (tip === null) return null;
  let state = await config.configAt(project, tip);
  let at = tip;
  // Its history is fetched only where the newest file says nothing.
  const older = state.kind === 'invalid' ? await landing.firstParents(project, tip, mostLooks) : [];
  for (const commit of older) {
    if (state.kind !== 'invalid') break;
    [at, state] = [commit, await config.configAt(project, commit)];
  }
  return state.kind === 'valid' ? versionsKept(context, project, state.config, at) : null;
}

/** Whether by the default branch's file something is published from another branch, whatever that one's own file says now. */
export async function isKeptByDefault(
  context: Pick<AppContext, 'ports'>,
  config: ConfigReader,
  { project, branch }: { readonly project: Project; readonly branch: string },
): Promise<boolean> {
  const settings = await versionsByDefault(context, config, project);
  return settings !== null && roleOf(settings, branch, project.defaultBranch).kind !== 'other';
}
