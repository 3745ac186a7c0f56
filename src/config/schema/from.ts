import { z } from 'zod';
import { baseReference } from './references.ts';
import { textThat } from './scalars.ts';
import { templateFault } from './templates.ts';

/** More rules than a person writes for one image; each is compared with every name in its container file. */
const mostRules = 32;

const match = textThat(
  'an image or a glob on images',
  (text) => {
    if (text === '' || text.length > 256 || /\s/.test(text))
      return { message: 'is no image', hint: 'write it as golang:1.*' };
    if (text.includes('$')) {
      const hint = 'variables are expanded before rules are asked: write the image that it comes to';
      return { message: 'names a variable', hint };
    }
    if (/^[\w.:/@*?-]+$/.test(text)) return null;
    return { message: 'is no image', hint: 'beside what images consist of, only *, ** and ? mean something' };
  },
  /^[\w.:/@*?-]{1,256}$/,
);

const streamText = textThat('a name of a stream', (text) => {
  const fault = templateFault(text);
  if (fault !== null) return fault;
  if (/^(?:[A-Za-z0-9._-]|\{\{[^{}]*\}\}){1,128}$/.test(text)) return null;
  return { message: 'is no name of a stream', hint: 'letters, digits, ".", "_" and "-", as go-1.24' };
});

const replacement = z.union(
  [
    baseReference,
    z.strictObject({
      stream: streamText
        .meta({ description: 'One of `streams`; `{{ goMod.version }}` is the language of the go.mod, as 1.24' })
        .optional(),
      image: textThat('a name of an image', () => null)
        .meta({ description: 'Another image of this file, as it is published under its first tag' })
        .optional(),
      reference: baseReference.meta({ description: 'An image reference' }).optional(),
    }),
  ],
  { error: 'an image, or a map as { stream: go-1.24 }' },
);

const fromRule = z.strictObject(
  {
    match: match.meta({
      description:
        'Which images: FROM lines, COPY --from and RUN --mount=from that name them, after variables were expanded. `golang` is docker.io/library/golang with every tag; `*` is a part of a name, `**` also slashes',
    }),
    use: replacement.meta({ description: 'What stands there instead' }),
  },
  { error: 'a rule as { match: "golang:*", use: "golang:1.24" }' },
);

/** `from:` of an image (images.md §1, flavours-from-promotion.md §3A). */
export const fromRules = z
  .array(fromRule, { error: 'a list of rules as { match: …, use: … }' })
  .max(mostRules, { error: `at most ${mostRules} rules` });

export type WrittenRule = z.output<typeof fromRule>;

/** `streams:` of a project: base images by name. */
export const streamsSchema = z.record(
  textThat('a name of a stream', (text) =>
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/.test(text)
      ? null
      : { message: 'is no name of a stream', hint: 'write it as go-1.24' },
  ),
  baseReference,
  { error: 'a map of names and images' },
);
