import type { Schema } from './openapi.ts';

/** Where GitHub itself answers otherwise than its description says. Operation (`*`: all) → what to overlook, and why. */
export const knownDeviations: Readonly<
  Record<string, readonly { readonly pattern: RegExp; readonly because: string }[]>
> = {
  '*': [
    {
      pattern: /^(\/\d+)?\/head\/repo must /,
      because: 'the head repository is null once a fork was deleted; the description knows no null there',
    },
  ],
  'repos/create-or-update-file-contents': [
    {
      pattern: /^the whole must match exactly one schema in oneOf/,
      because: 'a refusal by rules is an error and a rule violation at once; the description allows only one of them',
    },
  ],
  'apps/list-installations': [
    {
      pattern: /^(\/\d+)?\/account must /,
      because: 'the description wants an account to be a user and an enterprise at once (allOf for anyOf)',
    },
  ],
};

/** Schemas whose alternatives overlap, so that no value could match exactly one of them: one or more is enough. */
export const overlapping: ReadonlySet<string> = new Set(['event']);

// `status: completed` without a conclusion is refused; a conclusion alone completes the run.
const concluded: Schema = {
  anyOf: [{ properties: { status: { not: { const: 'completed' } } } }, { required: ['conclusion'] }],
};

/** Rules of GitHub's raw description that Octokit's copy leaves out (ecosystem.md §4). */
export const missingRules: Readonly<Record<string, Schema>> = {
  'checks/create': concluded,
  'checks/update': concluded,
};
