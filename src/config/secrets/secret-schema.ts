import { z } from 'zod';
import { pipelineNames } from '../../model/job.ts';
import { branch, path, project, variable } from '../registries/registry-schema.ts';
import { listOf, textLike } from '../schema/scalars.ts';

export const secretName = textLike(
  'a name of a secret',
  /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/,
  'lower-case letters, digits and "-" between them',
);

export const secretSourceSchema = z.strictObject(
  { file: path.optional(), env: variable.optional() },
  { error: 'a map as { file: PATH } or { env: NAME }' },
);

/** Presubmits hold no credential, and promote runs no command. */
const grantable = pipelineNames.filter((name) => name !== 'presubmit' && name !== 'promote');

/** One entry of the file that SLUICE_SECRETS names, as written. */
export const secretSchema = z.strictObject(
  {
    name: secretName,
    projects: listOf('a list of projects', project),
    branches: listOf('a list of branches', branch).default(['**']),
    pipelines: listOf('a list of pipelines', z.enum(grantable)).default([...grantable]),
    from: secretSourceSchema,
  },
  { error: 'a secret as { name: npm-token, projects: [acme/api], from: { file: /run/npm-token } }' },
);

export type WrittenSecret = z.output<typeof secretSchema>;
