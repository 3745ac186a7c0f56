import { releaseNamedBy } from '../../core/release/release-check.ts';
import { roleOf } from '../../core/version/branch-role.ts';
import { parseVersion, readVersion } from '../../core/version/read-version.ts';
import type { ForgeEvent } from '../../model/forge-event.ts';
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
export async function settingsAt(
  context: AppContext,
  config: ConfigReader,
  project: Project,
  commit: Sha,
): Promise<VersionSettings | null> {
  const state = await config.configAt(project, commit);
  if (state.kind === 'unreadable') throw new Error(state.because);
  return state.kind === 'invalid' ? null : versionsAt(context, project, state.config, commit);
}

type Button = Extract<ForgeEvent['detail'], { kind: 'check-button' }>;

/** What a check run of a release asks for, where nothing else is known of it any more; null: it asks for nothing. */
export async function wishOfCheck(
  context: AppContext,
  config: ConfigReader,
  project: Project,
  { check, head }: Button,
): Promise<ReleaseWish | null> {
  const settings = await settingsAt(context, config, project, head);
  const name = releaseNamedBy(check);
  if (settings === null || name === null) return null;
  for (const component of settings.components) {
    const { file } = await context.ports.history.push(project, head, head, component.file);
    const reading = readVersion(file, settings.scheme);
    if (reading.kind !== 'version') continue;
    const { raw } = reading.version;
    const plain = { component: component.name, version: raw, isVersion: true };
    if (releaseNameOf(plain) !== name || typeof parseVersion(raw, settings.scheme) === 'string') continue;
    const branches = await branchesWith(context, project, head);
    const branch = branches.find((each) => roleOf(settings, each, project.defaultBranch).kind === 'release');
    if (branch === undefined) return null;
    return { ...plain, branch, tag: null, commit: head, by: null, ground: null, held: null };
  }
  return null;
}
