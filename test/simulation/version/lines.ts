import type { VersionKnobs } from './knobs.ts';

/** Holds the version of these worlds. */
export const versionFile = 'VERSION';
/** What repositories begin with. */
export const firstVersion = '1.2.0-dev';

/** Branches of which releases are made, and how people of these worlds call them; all but the first are bound to their version by name. */
export const releaseBranches = {
  old: 'release-`@ops`',
  '1.2': 'release-v1.2',
  '1.3': 'release-v1.3',
  '1.4': 'release-v1.4',
} as const;

/** `version:` of the file, the same in all commits of a world: its dev images have the tags that they have without it. */
export function versionLines({ initiators, onCut }: VersionKnobs, devTags: readonly string[]): string {
  const quoted = (all: readonly string[]): string => `[${all.map((each) => `"${each}"`).join(', ')}]`;
  const who = initiators === null ? [] : [`initiators: ${quoted(initiators)}`];
  const release = [...who, 'tags: ["{{ v }}"]', 'moving: ["v{{ major }}.{{ minor }}", "latest"]'];
  const parts = [
    'main: main',
    'releaseBranches: ["release-v{major}.{minor}", "release-*"]',
    `dev: { tags: ${quoted(devTags)} }`,
    `release: { ${release.join(', ')} }`,
    `onBranchCreatedWithFinal: ${onCut}`,
  ];
  return `version: { ${parts.join(', ')} }`;
}
