import { parseVersion } from '../../core/version/read-version.ts';
import type { VersionScheme } from '../../model/version.ts';
import type { DevSettings, ReleaseBranches, VersionComponent, VersionSettings } from '../../model/version-settings.ts';
import { compileReleaseBranches } from '../matching/release-branches.ts';
import { compileVersionRule } from '../matching/version-rule.ts';
import { normalisePath } from '../schema/paths.ts';
import { placeholdersOf } from '../schema/templates.ts';
import type { WrittenVersion } from '../schema/version.ts';
import { toMatcher, toMatchers } from './resolve-image.ts';

/** Tags of a dev image, and of a release, where a project does not say others (versions.md §4). */
const usual = { dev: ['{{v}}-{{sha}}', '{{v}}'], release: ['{{v}}'] } as const;

/** The scheme with its expression compiled; it was checked before. */
export function schemeOf(written: WrittenVersion['scheme']): VersionScheme {
  if (written === undefined) return 'semver';
  if (typeof written === 'string') return written;
  const outcome = compileVersionRule(written.regex);
  if (outcome.kind === 'rule') return outcome.rule;
  throw new Error(`expression was accepted and is wrong: ${JSON.stringify(written.regex)} ${outcome.message}`);
}

function releaseBranchesOf(written: string): ReleaseBranches {
  const outcome = compileReleaseBranches(written);
  if (outcome.kind === 'branches') return outcome.branches;
  throw new Error(`pattern was accepted and is wrong: ${JSON.stringify(written)} ${outcome.message}`);
}

function componentsOf({ file, components }: WrittenVersion): readonly VersionComponent[] {
  const named = Object.entries(components ?? {});
  if (named.length === 0) return [{ name: null, file: normalisePath(file ?? 'VERSION'), paths: null, tagPrefix: null }];
  return named.map(([name, each]) => ({
    name,
    file: normalisePath(each.file),
    paths: toMatchers(each.paths),
    tagPrefix: each.tagPrefix ?? null,
  }));
}

function devOf({ dev = {} }: WrittenVersion, scheme: VersionScheme, files: readonly string[]): DevSettings {
  const tags = dev.tags ?? usual.dev;
  const fallback = dev.fallback === undefined ? null : parseVersion(dev.fallback, scheme);
  if (typeof fallback === 'string') throw new Error(`fallback was accepted and is wrong: ${fallback}`);
  return {
    branches: toMatchers(dev.branches),
    skipIfOnly: (dev.skipIfOnly ?? files).map(toMatcher),
    tags,
    immutable: dev.immutable ?? tags.filter((tag) => placeholdersOf(tag).includes('sha')),
    fallback,
  };
}

/** `version:` with what was left out filled in; `{}` is what counts for a project that says nothing of it. */
export function resolveVersion(written: WrittenVersion): VersionSettings {
  const scheme = schemeOf(written.scheme);
  const components = componentsOf(written);
  const { release = {}, automation = {} } = written;
  return {
    components,
    scheme,
    main: written.main ?? null,
    releaseBranches: [written.releaseBranches ?? 'release-v*'].flat().map(releaseBranchesOf),
    dev: devOf(
      written,
      scheme,
      components.map(({ file }) => file),
    ),
    release: {
      initiators: release.initiators ?? null,
      tags: release.tags ?? usual.release,
      moving: release.moving ?? [],
      needs: release.needs ?? [],
      versionOnly: release.versionOnly ?? false,
      allowBackfill: release.allowBackfill ?? false,
    },
    tagPrefix: written.tagPrefix ?? '',
    onTag: written.onTag ?? 'promote',
    onTagFrom: toMatchers(written.onTagFrom) ?? [],
    onBranchCreatedWithFinal: written.onBranchCreatedWithFinal ?? 'hold',
    prereleases: written.prereleases ?? 'build',
    automation: {
      cutBranch: automation.cutBranch ?? false,
      nextDev: automation.nextDev ?? false,
      keepBranches: automation.keepBranches ?? null,
    },
  };
}
