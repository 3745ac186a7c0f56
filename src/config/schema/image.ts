import { z } from 'zod';
import { fromRules } from './from.ts';
import { directory, filePath } from './paths.ts';
import { onlyIf, skipIf } from './patterns.ts';
import { platform, repository, tag } from './references.ts';
import { anyText, type Fault, listOf, oneOrMany, textLike, textThat, wordOf } from './scalars.ts';
import { templateFault } from './templates.ts';

const namePattern = /^[a-z0-9](?:[a-z0-9._-]{0,61}[a-z0-9])?$/;

/** Short name of an image: lower case, as it becomes part of labels. */
export const imageName = textThat(
  'a name of an image',
  (text) => {
    if (namePattern.test(text)) return null;
    const lower = text.toLowerCase().replaceAll('/', '-');
    const hint = namePattern.test(lower)
      ? `write ${lower}`
      : 'lower-case letters, digits, "-", "_" and "." between them, at most 63';
    return { message: 'is no name of an image', hint };
  },
  namePattern,
);

const variablePattern = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/;
export const variableName = textLike('a name of a variable', variablePattern, 'letters, digits and "_", as HTTP_PROXY');

// What turns a program into another one (A11): never of use to a build.
const dangerous =
  /^(?:PATH|HOME|SHELL|IFS|BASH_ENV|ENV|NODE_OPTIONS|DOCKER_CONFIG|REGISTRY_AUTH_FILE|LD_.*|DYLD_.*|GIT_.*|SLUICE_.*)$/;

const builderVariable = textThat('a name of a variable', (text): Fault | null => {
  if (!variablePattern.test(text)) return { message: 'is no name of a variable', hint: 'letters, digits and "_"' };
  return dangerous.test(text)
    ? { message: 'cannot be set for the builder', hint: 'use buildArgs for what the build needs' }
    : null;
});

/** A text that may name `{{ values }}`. */
const templated = textThat('a text', (text) => templateFault(text));

const labelName = textLike('a name of a label', /^[A-Za-z0-9](?:[A-Za-z0-9._/-]{0,126}[A-Za-z0-9])?$/);
const stageName = textLike('a name of a stage', /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/);
const projectName = textLike(
  'a repository as "owner/name"',
  /^[A-Za-z0-9][A-Za-z0-9-]{0,38}\/[A-Za-z0-9._-]{1,100}$/,
  'write it as owner/name',
);

/** One entry of `images:`, as written (images.md §1). */
export const imageSchema = z.strictObject(
  {
    name: imageName.meta({ description: 'Short name, unique in the repository' }),
    repository: repository
      .meta({ description: 'Where it is pushed, with registry host and without tag; needed only by what pushes' })
      .optional(),
    context: directory
      .default('.')
      .meta({ description: 'Directory that is sent to the builder, counted from the root of the repository' }),
    containerFilename: oneOrMany('a file name or a list of them', filePath)
      .default(['Containerfile', 'Dockerfile'])
      .meta({
        description:
          'The first that exists is taken. Looked for in `context`; one with a slash then from the root of the repository too',
      }),
    target: stageName
      .meta({ description: 'The stage to build; without it the last one, and every other stage too' })
      .optional(),
    targets: listOf('a list of stages', stageName)
      .meta({ description: 'Several stages, each an image; tell them apart with `{{ target }}` in `tags`' })
      .optional(),
    buildArgs: z
      .record(variableName, templated, { error: 'a map of names and texts' })
      .default({})
      .meta({ description: 'Build arguments; not for secrets, as they are visible in the history of the image' }),
    labels: z
      .record(labelName, templated, { error: 'a map of names and texts' })
      .default({})
      .meta({ description: 'Labels; org.opencontainers.image.source is added' }),
    tags: listOf('a list of tags', tag)
      .default(['latest'])
      .meta({ description: 'Tags that are set when it is promoted or released' }),
    platforms: listOf('a list of platforms', platform)
      .meta({ description: 'One build each, on a node of that platform; without it the one of the builder' })
      .optional(),
    siblings: listOf('a list of repositories', projectName)
      .meta({ description: 'Other repositories, checked out into .siblings/OWNER/NAME of the context' })
      .optional(),
    extraEnv: z
      .record(builderVariable, anyText, { error: 'a map of names and texts' })
      .default({})
      .meta({ description: 'Environment of the builder' }),
    from: fromRules.default([]).meta({
      description: 'Rules that replace base images of the container file; one that matches nothing is an error',
    }),
    onlyIf: onlyIf.optional(),
    skipIf: skipIf.optional(),
    builder: wordOf(['kaniko', 'buildkit', 'buildah'])
      .meta({ description: 'What builds it; without it the default of the server' })
      .optional(),
  },
  { error: 'an image as { name: api, repository: quay.io/acme/api }' },
);

export type WrittenImage = z.output<typeof imageSchema>;
