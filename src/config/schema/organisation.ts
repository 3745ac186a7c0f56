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
    name: oneOrMany('a name of a repository, a glob, or a list of them', namePattern).optional(),
    topic: oneOrMany('a topic or a list of them', topic).optional(),
    hasFile: oneOrMany('a path or a list of them', filePath).optional(),
    lacksFile: oneOrMany('a path or a list of them', filePath).optional(),
  },
  { error: 'a map as { name: "go-*", hasFile: Dockerfile }' },
);

export const selectorSchema = z.strictObject(
  { match: matchSchema, apply: oneOrMany('a template or a list of them', templateName) },
  { error: 'a selector as { match: { name: "go-*" }, apply: go-operator@v3 }' },
);

export type WrittenSelector = z.output<typeof selectorSchema>;

/** `sluice.yaml` of an organisation; what stands below `defaults` and each template has the keys of `.sluice.yaml`. */
export const organisationSchema = z.strictObject(
  {
    apiVersion: wordOf(['sluice/v1']).optional(),
    defaults: z.unknown().optional(),
    templates: z.record(templateName, z.unknown(), { error: 'a map of names and templates' }).optional(),
    repos: oneOrMany('a list of selectors', selectorSchema).optional(),
  },
  { error: 'a map with `defaults`, `templates` and `repos`' },
);
