import { resolveVersion } from '../../config/resolve/resolve-version.ts';
import { jobsOn, whyNotHere } from '../../core/postsubmit/push-jobs.ts';
import { roleOf } from '../../core/version/branch-role.ts';
import { readVersion } from '../../core/version/read-version.ts';
import type { ProjectConfig } from '../../model/config.ts';
import type { Project } from '../../model/project.ts';
import type { Sha } from '../../model/sha.ts';
import type { VersionSettings } from '../../model/version-settings.ts';
import type { AppContext } from '../context.ts';

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
