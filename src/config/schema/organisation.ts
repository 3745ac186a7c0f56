import { z } from 'zod';
import { compilePattern, regexOf } from '../matching/compile-pattern.ts';
import { filePath } from './paths.ts';
import { templateName } from './project.ts';
import { oneOrMany, textThat, wordOf } from './scalars.ts';

const namePattern = textThat('a name of a repository or a glob', (text) => {
  if (text.includes('/') && regexOf(text) === null)
    return { message: 'names an owner', hint: `the owner is this organisation: write ${text.split('/').at(-1)}` };
  const outcome = compilePattern(text);
  return outcome.kind === 'fault' ? outcome : null;
});

const topic = textThat('a topic', (text) =>
  /^[a-z0-9][a-z0-9-]{0,49}$/.test(text)
    ? null
    : { message: 'is no topic', hint: 'lower-case letters, digits and "-", as GitHub shows it' },
);

export const matchSchema = z.strictObject(
  {
    name: oneOrMany('a name of a repository, a glob, or a list of them', namePattern)
      .meta({ description: 'Names of repositories, without the owner: exact, globs or regex:' })
      .optional(),
    topic: oneOrMany('a topic or a list of them', topic).meta({ description: 'Has one of these topics' }).optional(),
    hasFile: oneOrMany('a path or a list of them', filePath)
      .meta({ description: 'Has all of these files, at the commit that is planned' })
      .optional(),
    lacksFile: oneOrMany('a path or a list of them', filePath)
      .meta({ description: 'Has none of these files, at the commit that is planned' })
      .optional(),
  },
  { error: 'a map as { name: "go-*", hasFile: Dockerfile }' },
);

export const selectorSchema = z.strictObject(
  {
    match: matchSchema.meta({ description: 'All that is said must fit' }),
    apply: oneOrMany('a template or a list of them', templateName).meta({ description: 'Templates, lowest first' }),
  },
  { error: 'a selector as { match: { name: "go-*" }, apply: go-operator@v3 }' },
);

export type WrittenSelector = z.output<typeof selectorSchema>;

/** `sluice.yaml` of an organisation; what stands below `defaults` and each template has the keys of `.sluice.yaml`. */
export const organisationSchema = z.strictObject(
  {
    apiVersion: wordOf(['sluice/v1']).meta({ description: 'Version of this format' }).optional(),
    defaults: z.unknown().meta({ description: 'Below the file of every repository' }).optional(),
    templates: z
      .record(templateName, z.unknown(), { error: 'a map of names and templates' })
      .meta({ description: 'By name, as go@v1: what a selector applies and a file extends' })
      .optional(),
    repos: oneOrMany('a list of selectors', selectorSchema)
      .meta({ description: 'Which repositories get which templates, though they may have no file' })
      .optional(),
  },
  { error: 'a map with `defaults`, `templates` and `repos`' },
);
