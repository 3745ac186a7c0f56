import { z } from 'zod';
import { compileReleaseBranches } from '../matching/release-branches.ts';
import { compileVersionRule } from '../matching/version-rule.ts';
import { filePath } from './paths.ts';
import { branchPatterns, pathPatterns } from './patterns.ts';
import { tag } from './references.ts';
import { anyText, count, flag, identifier, listOf, oneOrMany, textLike, textThat, wordOf } from './scalars.ts';

const jobNames = listOf('a list of jobs', identifier);
const tags = listOf('a list of tags', tag);

/** May be the beginning of a tag. */
const gitPrefix = textLike('a prefix of tags', /^[\w./-]{1,64}$/);
const imagePrefix = textLike(
  'a prefix of tags',
  /^[A-Za-z0-9_][\w.-]{0,63}$/,
  'it begins tags of images too: letters, digits, "_", "." and "-"',
);

const component = z.strictObject(
  {
    file: filePath.meta({ description: 'File that holds the version' }),
    paths: pathPatterns.meta({ description: 'Files that belong to the component; without it all' }).optional(),
    tagPrefix: gitPrefix.meta({ description: 'Written before the version in git tags' }).optional(),
  },
  { error: 'a map as { file: api/VERSION }' },
);

const dev = z.strictObject(
  {
    branches: branchPatterns
      .meta({ description: 'Branches of which dev images are made; without it main and the release branches' })
      .optional(),
    skipIfOnly: pathPatterns
      .meta({ description: 'Pushes that change only these make no image; without it the file of the version' })
      .optional(),
    tags: tags.meta({ description: 'Tags of dev images, instead of those of the image' }).optional(),
    immutable: tags.meta({ description: 'Those of them that never move; without it those with {{ sha }}' }).optional(),
    fallback: anyText.meta({ description: 'Version to assume where the file is missing' }).optional(),
  },
  { error: 'a map as { skipIfOnly: [VERSION] }' },
);

const initiator = textThat('a login or team:ORG/NAME', (text) => {
  if (/^(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})(?:\[bot\])?|team:[A-Za-z0-9-]+\/[A-Za-z0-9._-]+)$/.test(text)) return null;
  const hint = text.startsWith('@')
    ? `write ${text.slice(1)}`
    : 'write a login as octocat, or a team as team:acme/releasers';
  return { message: 'is neither a login nor a team', hint };
});

const release = z.strictObject(
  {
    initiators: listOf('a list of people', initiator)
      .meta({
        description:
          'Who may release: users, and teams as team:ORG/NAME; without it whoever may push to the release branch',
      })
      .optional(),
    tags: tags.meta({ description: 'Tags of a release, never overwritten' }).optional(),
    moving: tags.meta({ description: 'Tags that point at the highest release' }).optional(),
    needs: jobNames.meta({ description: 'Jobs that must be green on the commit' }).optional(),
    versionOnly: flag().meta({ description: 'A release commit may change nothing but the version' }).optional(),
    allowBackfill: flag().meta({ description: 'Allows a version below the highest' }).optional(),
  },
  { error: 'a map as { initiators: [robot] }' },
);

const automation = z.strictObject(
  {
    cutBranch: flag().meta({ description: 'Creates the release branch' }).optional(),
    nextDev: flag()
      .meta({
        description:
          'Proposes the next dev version by a pull request, once one is released. Its builds wait for `/ok-to-test` as those of other bots do, unless the user id of ours is among `trustedApps`',
      })
      .optional(),
    keepBranches: count(1, 100)
      .meta({
        description:
          'So many of the newest release branches stay; older ones are closed, and kept under refs/sluice/closed/',
      })
      .optional(),
  },
  { error: 'a map as { cutBranch: true }' },
);

const rule = textThat('an RE2 expression', (text) => {
  const outcome = compileVersionRule(text);
  return outcome.kind === 'fault' ? outcome : null;
});

const scheme = z.union(
  [
    wordOf(['semver', 'date-epoch']),
    z.strictObject({
      regex: rule.meta({
        description: 'RE2 expression of a whole version with groups major, minor, patch and prerelease',
      }),
    }),
  ],
  {
    error: '`semver`, `date-epoch` or { regex: "…" }',
  },
);

const releaseBranches = textThat('a glob as "release-v{major}.{minor}"', (text) => {
  const outcome = compileReleaseBranches(text);
  return outcome.kind === 'fault' ? outcome : null;
});

const branch = textThat('the name of a branch', (text) => {
  if (text.startsWith('refs/heads/')) return { message: 'is no name', hint: `write ${text.slice(11)}` };
  const isName = /^[^\s~^:?*[\]{}\\]{1,255}$/.test(text);
  return isName ? null : { message: 'is no name of a branch', hint: 'one branch, without * or blanks' };
});

/** `version:` (versions.md §1). */
export const versionSchema = z.strictObject(
  {
    file: filePath.meta({ description: 'File that holds the version; without it VERSION' }).optional(),
    components: z
      .record(identifier, component, { error: 'a map of names and components' })
      .meta({
        description: 'Several versions in one repository; images belong to the component of their name or folder',
      })
      .optional(),
    scheme: scheme.meta({ description: 'How a version is written; without it semver' }).optional(),
    main: branch
      .meta({ description: 'Branch of which only dev images are made; without it the default one' })
      .optional(),
    releaseBranches: oneOrMany('a glob or a list of globs', releaseBranches)
      .meta({
        description:
          'Branches of which releases are made; {major}.{minor} in it, or as what its last * stands for, binds a branch to that version',
      })
      .optional(),
    dev: dev.meta({ description: 'Dev images' }).optional(),
    release: release.meta({ description: 'Releases' }).optional(),
    tagPrefix: imagePrefix.meta({ description: 'Written before the version in tags' }).optional(),
    onTag: wordOf(['promote', 'build', 'ignore']).meta({ description: 'What a pushed tag does' }).optional(),
    onTagFrom: branchPatterns
      .meta({ description: 'Branches whose commits may be tagged, beside the release branches' })
      .optional(),
    onBranchCreatedWithFinal: wordOf(['hold', 'build', 'ignore'])
      .meta({ description: 'What a new branch with an unreleased final version does' })
      .optional(),
    prereleases: wordOf(['build', 'ignore'])
      .meta({ description: 'What 1.2.3-rc.1 on a release branch does' })
      .optional(),
    automation: automation.meta({ description: 'What is done by itself' }).optional(),
  },
  { error: 'a map as { file: VERSION }' },
);

export type WrittenVersion = z.output<typeof versionSchema>;
