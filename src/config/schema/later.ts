import { z } from 'zod';
import { duration } from './durations.ts';
import { repositoryFault } from './references.ts';
import { anyText, count, flag, identifier, listOf, oneOrMany, textThat, wordOf } from './scalars.ts';

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
    scheduler: wordOf(['window', 'best-first'])
      .meta({
        description:
          'Which candidates are built first; `window`: the first changes, each on all that is ahead; `best-first`: those that will most likely count',
      })
      .optional(),
    slots: count(1, 1000).meta({ description: 'With `best-first`: how many candidates are tested at once' }).optional(),
    prefixes: flag()
      .meta({
        description:
          'With `best-first`: several changes may land by one push of what was tested with all of them; `false`: each commit is green by itself',
      })
      .optional(),
    lanes: wordOf(['off', 'closure'])
      .meta({
        description:
          'With `best-first`; `closure`: changes of which no job reads files of both are not tested on each other, and the later lands untested on the earlier if none of the files that its jobs read has changed since it passed. A job reads what its `onlyIf` names or its `skipIf` leaves, an image its context too; jobs without those, and those that are not `reusable`, read everything; `off`: each tree that lands was tested',
      })
      .optional(),
    joins: z
      .union([duration, wordOf(['off'])], { error: 'a duration as "1h", or off' })
      .meta({
        description:
          'With `lanes: closure`: how long after the last time all jobs are run on the branch as it is, if changes landed that were not tested on each other; without it 1h; `off`: they never are',
      })
      .optional(),
    batches: flag()
      .meta({
        description:
          'With `best-first`: where far more wait than there are slots, several changes are tested by one build, and split when it fails; without it each has a build of its own',
      })
      .optional(),
    failFast: flag().meta({ description: 'The first required failure stops the other builds of a change' }).optional(),
    reuse: z
      .union([duration, wordOf(['off'])], { error: 'a duration as "6h", or off' })
      .meta({
        description:
          'How long a pass of `reusable` jobs counts for other candidates of the same tree; without it 24h; `off`: each is tested',
      })
      .optional(),
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
