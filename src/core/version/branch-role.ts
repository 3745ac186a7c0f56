import type { VersionSettings } from '../../model/version-settings.ts';
import type { BranchRole, ReleaseRules } from './push-facts.ts';

/** What a branch is to a project's versions; `defaultBranch` is main where the project names none. */
export function roleOf(settings: VersionSettings, branch: string, defaultBranch: string): BranchRole {
  if (branch === (settings.main ?? defaultBranch)) return { kind: 'main' };
  const { branches } = settings.dev;
  const isNamed = branches?.some((matcher) => matcher.matches(branch)) ?? false;
  const found = settings.releaseBranches.find((each) => each.matches(branch));
  if (found === undefined) return { kind: isNamed ? 'dev' : 'other' };
  const [major, minor] = found.binds(branch);
  const binds = major === null && minor === null ? null : ([major, minor] as const);
  return { kind: 'release', binds, makesDev: branches === null || isNamed };
}

/** The part of `version:` that decides about a push. */
export function rulesOf(settings: VersionSettings): ReleaseRules {
  const { dev, release, automation } = settings;
  return {
    isSkipped: (path) => dev.skipIfOnly.some((matcher) => matcher.matches(path)),
    fallback: dev.fallback,
    prereleases: settings.prereleases,
    versionOnly: release.versionOnly,
    allowBackfill: release.allowBackfill,
    onBranchCreatedWithFinal: settings.onBranchCreatedWithFinal,
    cutBranch: automation.cutBranch,
  };
}

/** Why these names (a login, and teams as `team:ORG/NAME`) may not release, for people; null: they may. An empty list is nobody. */
export function whyNotRelease({ release }: VersionSettings, names: readonly string[]): string | null {
  const { initiators } = release;
  if (initiators === null) return null;
  const known = initiators.map((each) => each.toLowerCase());
  if (names.some((name) => known.includes(name.toLowerCase()))) return null;
  const who = names.find((name) => !name.startsWith('team:')) ?? 'whoever pushed it';
  return notInitiator(who, initiators);
}

/** The same of somebody of whom it was found out by id. */
export function notInitiator(who: string, initiators: readonly string[]): string {
  return `${who} is not in \`initiators\` (${initiators.join(', ')}): one of them may release it`;
}
