import { z } from 'zod';
import { streamsSchema } from './from.ts';
import { imageSchema } from './image.ts';
import { jobsSchema } from './job.ts';
import { gateSchema, notifySchema, promotionSchema } from './later.ts';
import { textLike, wordOf } from './scalars.ts';
import { versionSchema } from './version.ts';

export const templateName = textLike(
  'a template as "go-operator@v3"',
  /^[a-z0-9][a-z0-9._-]{0,62}@v\d{1,6}(?:\.\d{1,6}){0,2}$/,
  'write it with its version, as go-operator@v3',
);

/** The whole of `.sluice.yaml`, as written (config.md). Types, JSON Schema and the reference page come from here. */
export const projectSchema = z
  .strictObject(
    {
      apiVersion: wordOf(['sluice/v1']).meta({ description: 'Version of this format; may be left out' }).optional(),
      extends: z
        .union([templateName, z.array(templateName)], { error: 'a template or a list of them' })
        .meta({
          description:
            'Templates of the organisation, with their versions, instead of those that its selectors choose; `[]`: none. A later one goes before an earlier one, this file before all',
        })
        .optional(),
      images: z.array(imageSchema, { error: 'a list of images' }).meta({ description: 'What is built' }).optional(),
      streams: streamsSchema
        .meta({ description: 'Base images by name, for `use: { stream: NAME }` of `from` rules' })
        .optional(),
      jobs: jobsSchema
        .meta({
          description: 'What else is done, by name; the name is that of the check run. `null` takes a default job away',
        })
        .optional(),
      trust: wordOf(['members', 'collaborators']).default('members').meta({
        description:
          'Whose changes start by themselves; `members`: of the organisation too, `collaborators`: only who may write here',
      }),
      trustedApps: z
        .array(z.int({ error: 'a numeric user id' }).positive({ error: 'a numeric user id' }), {
          error: 'a list of numeric user ids',
        })
        .default([])
        .meta({ description: 'User ids of bots whose changes and comments are trusted' }),
      mode: wordOf(['active', 'shadow'])
        .default('active')
        .meta({ description: '`shadow`: runs and reports, never blocks, never publishes' }),
      gate: gateSchema.meta({ description: 'How changes land' }).optional(),
      promotion: promotionSchema
        .meta({
          description: 'How images that were tested get their final tags',
        })
        .optional(),
      version: versionSchema.meta({ description: 'Versions, dev images and releases' }).optional(),
      notify: notifySchema.meta({ description: 'Who is told what (checked, not used yet)' }).optional(),
    },
    { error: 'a map with keys as `images` and `jobs`' },
  )
  .meta({ title: '.sluice.yaml', description: 'What Sluice does with a repository' });

export type WrittenProject = z.output<typeof projectSchema>;
