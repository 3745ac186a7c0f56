import { z } from 'zod';
import { directory, normalisePath } from './paths.ts';
import { bytesOf } from './quantities.ts';
import { repository } from './references.ts';
import { listOf, textThat } from './scalars.ts';

const mostBytes = 2 ** 30;

const path = directory.superRefine((text, context) => {
  if (normalisePath(text) !== '.') return;
  const hint = 'name what the command makes: a file or a folder of it';
  context.addIssue({ code: 'custom', message: 'is the whole checkout', params: { hint } });
});

const maxSize = textThat(
  'an amount of bytes as "100Mi"',
  (text) => {
    if (!/^\d{1,10}(?:Ki|Mi|Gi|k|M|G)?$/.test(text))
      return { message: 'is no amount of bytes', hint: 'write it as 100Mi' };
    const bytes = bytesOf(text);
    if (bytes === 0) return { message: 'lets nothing be kept', hint: 'write it as 100Mi' };
    return bytes > mostBytes ? { message: 'is too much', hint: 'the most is 1Gi' } : null;
  },
  /^\d{1,10}(?:Ki|Mi|Gi|k|M|G)?$/,
);

/** `artifacts:` of a job: what of its checkout the jobs that need it get. */
export const artifactsSchema = z.strictObject(
  {
    paths: listOf('a list of files and folders of the checkout', path)
      .max(20, { error: 'are more than 20 paths' })
      .meta({ description: 'Files, or folders with all that is in them; no links, at most 500 files' }),
    repository: repository.meta({
      description: 'Where they wait, as an artifact of OCI under a tag that is cleared away: registry, path, no tag',
    }),
    maxSize: maxSize.default('100Mi').meta({ description: 'Of all files together, at most 1Gi' }),
  },
  { error: 'a map as { paths: [bin], repository: quay.io/acme/artifacts }' },
);
