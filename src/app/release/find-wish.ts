import { roleOf } from '../../core/version/branch-role.ts';
import { readVersion } from '../../core/version/read-version.ts';
import type { Project } from '../../model/project.ts';
import { type ReleaseWish, releaseNameOf } from '../../model/release.ts';
import type { Sha } from '../../model/sha.ts';
import type { VersionSettings } from '../../model/version-settings.ts';
import type { AppContext } from '../context.ts';
import { versionsAt } from '../push/watched-branch.ts';
import type { ConfigReader } from '../read-config.ts';

/** Names of the branches that hold a commit, the default branch last: releases are made from others. */
export async function branchesWith({ ports }: AppContext, project: Project, commit: Sha): Promise<readonly string[]> {
  const found: string[] = [];
  for (const [branch, tip] of await ports.history.branches(project))
    if (await ports.landing.contains(project, tip, commit)) found.push(branch);
  const isDefault = (branch: string): number => (branch === project.defaultBranch ? 1 : 0);
  return found.sort((one, other) => isDefault(one) - isDefault(other));
}

/** `version:` as it counts at a commit; null: there is none, or no file that says anything usable. */
async function settingsAt(
  context: AppContext,
  config: ConfigReader,
  project: Project,
  commit: Sha,
): Promise<VersionSettings | null> {
  const state = await config.configAt(project, commit);
  if (state.kind === 'unreadable') throw new Error(state.because);
  return state.kind === 'invalid' ? null : versionsAt(context, project, state.config, commit);
}

/** What a release of this name, begun at a commit, asked for, where nothing else is known of it any more; null: it cannot be told. */
export async function wishAt(
  context: AppContext,
  config: ConfigReader,
  project: Project,
  name: string,
  commit: Sha,
): Promise<ReleaseWish | null> {
  const bare = { commit, by: null, ground: null, held: null };
  const tag = /^refs\/tags\/(.+)$/s.exec(name)?.[1];
  // Where the project has versions, what a tag releases has the name of its version.
  if (tag !== undefined && (await settingsAt(context, config, project, commit)) !== null) return null;
  if (tag !== undefined)
    return { ...bare, branch: project.defaultBranch, component: null, version: tag, tag, isVersion: false };
  const settings = await settingsAt(context, config, project, commit);
  for (const component of settings?.components ?? []) {
    const { file } = await context.ports.history.push(project, commit, commit, component.file);
    const reading = settings === null ? null : readVersion(file, settings.scheme);
    if (settings === null || reading?.kind !== 'version') continue;
    const plain = { component: component.name, version: reading.version.raw, isVersion: true };
    if (releaseNameOf(plain) !== name) continue;
    const branches = await branchesWith(context, project, commit);
    const branch = branches.find((each) => roleOf(settings, each, project.defaultBranch).kind === 'release');
    return branch === undefined ? null : { ...bare, ...plain, branch, tag: null };
  }
  return null;
}
