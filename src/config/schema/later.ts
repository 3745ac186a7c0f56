import { z } from 'zod';
import { filePath } from './paths.ts';
import { branchPatterns } from './patterns.ts';
import { repositoryFault, tag } from './references.ts';
import { anyText, count, flag, identifier, listOf, oneOrMany, textLike, textThat, wordOf } from './scalars.ts';

const jobNames = listOf('a list of jobs', identifier);

const requires = z.strictObject(
  {
    approvals: count(0, 20)
      .meta({ description: 'Approvals, never fewer than the rules of the branch ask for' })
      .optional(),
    staleReviews: wordOf(['ignore', 'count'])
      .meta({ description: '`count`: reviews of earlier heads count too' })
      .optional(),
  },
  { error: 'a map as { approvals: 1 }' },
);

const window = z.strictObject(
  {
    start: count(1, 1000).meta({ description: 'Changes tested at once in the beginning' }).optional(),
    floor: count(1, 1000).meta({ description: 'Never fewer than these' }).optional(),
  },
  { error: 'a map as { start: 20, floor: 3 }' },
);

/** `gate:` (gate.md). */
export const gateSchema = z.strictObject(
  {
    queue: identifier
      .meta({ description: 'Name of the queue, to share one between projects; without it one per project and branch' })
      .optional(),
    requires: requires.meta({ description: 'What a change needs to enter' }).optional(),
    window: window.meta({ description: 'How many changes are tested at once' }).optional(),
    landing: wordOf(['push', 'merge-endpoint'])
      .meta({ description: 'How a change lands; `push`: one atomic push with leases' })
      .optional(),
    method: wordOf(['merge', 'squash', 'rebase']).meta({ description: 'Which commits land' }).optional(),
    scheduler: wordOf(['window']).meta({ description: 'Which candidates are built first' }).optional(),
    failFast: flag().meta({ description: 'The first required failure stops the other builds of a change' }).optional(),
    protect: jobNames.meta({ description: 'Jobs that only the approval of an administrator may remove' }).optional(),
    supersedes: listOf('a list of pipelines', wordOf(['presubmit']))
      .meta({ description: 'Pipelines that stop when a change enters' })
      .optional(),
  },
  { error: 'a map as { requires: { approvals: 1 } }' },
);

export type WrittenGate = z.infer<typeof gateSchema>;

const staging = textThat('a place as "registry.acme.io/staging"', (text) => {
  const found = repositoryFault(`${text}/x`);
  return found === null ? null : { message: 'is no place in a registry', hint: 'write it as registry.acme.io/staging' };
});

/** `promotion:` (images.md §2). */
export const promotionSchema = z.strictObject(
  {
    mode: wordOf(['tag', 'intermediate', 'rebuild'])
      .meta({
        description:
          '`tag`: in the final repository, `intermediate`: by way of a staging place (the default where there is one), `rebuild`: built again',
      })
      .optional(),
    staging: staging
      .meta({
        description: 'Place in a registry where images of changes wait; without it that of the server, if it has one',
      })
      .optional(),
    executor: wordOf(['worker', 'pod']).meta({ description: 'Where promote-image runs' }).optional(),
  },
  { error: 'a map as { mode: tag }' },
);

export type WrittenPromotion = z.infer<typeof promotionSchema>;

const tags = listOf('a list of tags', tag);
const component = z.strictObject({
  file: filePath.meta({ description: 'File that holds the version' }),
  paths: listOf('a list of paths', anyText).meta({ description: 'Files that belong to the component' }).optional(),
  tagPrefix: textLike('a prefix of tags', /^[\w./-]{1,64}$/)
    .meta({ description: 'Written before the version in git tags' })
    .optional(),
});

const dev = z.strictObject({
  branches: branchPatterns.meta({ description: 'Branches of which dev images are made' }).optional(),
  skipIfOnly: listOf('a list of paths', anyText)
    .meta({ description: 'Pushes that change only these make no image' })
    .optional(),
  tags: tags.meta({ description: 'Tags of dev images' }).optional(),
  immutable: tags.meta({ description: 'Those of them that never move' }).optional(),
  fallback: anyText.meta({ description: 'Version to assume where the file is missing' }).optional(),
});

const release = z.strictObject({
  initiators: listOf('a list of people', anyText)
    .meta({ description: 'Who may release: users, and teams as team:ORG/NAME' })
    .optional(),
  tags: tags.meta({ description: 'Tags of a release, never overwritten' }).optional(),
  moving: tags.meta({ description: 'Tags that point at the highest release' }).optional(),
  needs: jobNames.meta({ description: 'Jobs that must be green on the commit' }).optional(),
  versionOnly: flag().meta({ description: 'A release commit may change nothing but the version' }).optional(),
  allowBackfill: flag().meta({ description: 'Allows a version below the highest' }).optional(),
});

const automation = z.strictObject({
  cutBranch: flag().meta({ description: 'Creates the release branch' }).optional(),
  nextDev: flag().meta({ description: 'Proposes the next dev version' }).optional(),
  keepBranches: count(1, 100).meta({ description: 'Release branches that stay open' }).optional(),
});

const scheme = z.union(
  [
    wordOf(['semver', 'date-epoch']),
    z.strictObject({ regex: anyText.meta({ description: 'RE2 expression of a version' }) }),
  ],
  {
    error: '`semver`, `date-epoch` or { regex: "…" }',
  },
);

/** `version:` (versions.md §1). */
export const versionSchema = z.strictObject(
  {
    file: filePath.meta({ description: 'File that holds the version' }).optional(),
    components: z
      .record(identifier, component, { error: 'a map of names and components' })
      .meta({ description: 'Several versions in one repository' })
      .optional(),
    scheme: scheme.meta({ description: 'How a version is written' }).optional(),
    main: anyText.meta({ description: 'Branch of which only dev images are made' }).optional(),
    releaseBranches: oneOrMany('a glob or a list of globs', anyText)
      .meta({ description: 'Branches of which releases are made; {major}.{minor} in it binds them to the version' })
      .optional(),
    dev: dev.meta({ description: 'Dev images' }).optional(),
    release: release.meta({ description: 'Releases' }).optional(),
    tagPrefix: anyText.meta({ description: 'Written before the version in tags' }).optional(),
    onTag: wordOf(['promote', 'build', 'ignore']).meta({ description: 'What a pushed tag does' }).optional(),
    onTagFrom: branchPatterns.meta({ description: 'Branches whose commits may be tagged' }).optional(),
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

/** `notify:`. */
export const notifySchema = z.strictObject(
  {
    on: oneOrMany('a list of events', wordOf(['failure', 'recovery', 'success', 'landed', 'released']))
      .meta({ description: 'What is told' })
      .optional(),
    to: oneOrMany('a list of people', anyText)
      .meta({ description: 'Who is told; `codeowners`: whom that file names' })
      .optional(),
    also: oneOrMany('a list of people', anyText).meta({ description: 'Who is told besides' }).optional(),
    onlyTo: oneOrMany('a list of people', anyText).meta({ description: 'Nobody but these' }).optional(),
  },
  { error: 'a map as { on: [failure], to: [codeowners] }' },
);
