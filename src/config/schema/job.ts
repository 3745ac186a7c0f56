import { z } from 'zod';
import { pipelineNames } from '../../model/job.ts';
import { secretName } from '../secrets/secret-schema.ts';
import { artifactsSchema } from './artifacts.ts';
import { cron } from './cron.ts';
import { duration } from './durations.ts';
import { imageName, variableName } from './image.ts';
import { matrixSchema } from './matrix.ts';
import { branchPatterns, labelPatterns, onlyIf, skipIf } from './patterns.ts';
import { bytes, cpu } from './quantities.ts';
import { imageReference } from './references.ts';
import { count, type Fault, flag, identifier, oneOrMany, textLike, textThat, wordOf } from './scalars.ts';

const jobNamePattern = /^[A-Za-z0-9][A-Za-z0-9._/-]{0,99}$/;

function jobNameFault(text: string): Fault | null {
  if (/^sluice(?:\/|$)/i.test(text))
    return { message: 'is a name of our own check runs', hint: 'choose one that does not begin with sluice' };
  if (text === 'all') return { message: 'cannot name a job: `/test all` means every automatic one', hint: null };
  if (jobNamePattern.test(text)) return null;
  return {
    message: 'is no name of a job',
    hint: 'letters, digits, "-", "_", "." and "/", without blanks, at most 100',
  };
}

export const jobName = textThat('a name of a job', jobNameFault, jobNamePattern);

const semaphore = z.strictObject(
  {
    name: identifier.meta({ description: 'The same in every job that shares it' }),
    max: count(1, 1000).default(1).meta({ description: 'How many run at once' }),
  },
  { error: 'a name or { name: staging, max: 2 }' },
);

const concurrency = z.strictObject(
  {
    group: identifier.meta({ description: 'The same in every job that shares it' }).optional(),
    max: count(1, 1000).meta({ description: 'How many jobs of the group run at once; without it one' }).optional(),
    onNew: wordOf(['replace-queued', 'queue'])
      .meta({
        description:
          'What a newer push does to one that still waits: it takes its place, with what was changed there, or both are built',
      })
      .default('replace-queued'),
  },
  { error: 'a name of a group or { group: deploy, max: 1, onNew: queue }' },
);

const trigger = z.union([z.enum(pipelineNames), cron], { error: 'a pipeline or { cron: … }' });

const need = z.union(
  [
    jobName,
    z.strictObject({
      job: jobName.meta({ description: 'Name of the job' }),
      soft: flag().default(false).meta({ description: 'Runs also when that job is skipped' }),
    }),
  ],
  { error: 'a job or { job: NAME, soft: true }' },
);

const resources = z.strictObject(
  {
    cpu: cpu.meta({ description: 'CPUs' }).optional(),
    memory: bytes.meta({ description: 'Memory' }).optional(),
    ephemeralStorage: bytes.meta({ description: 'Disk' }).optional(),
  },
  { error: 'a map as { cpu: 2, memory: 4Gi }' },
);

/** One entry of `jobs:`, as written. */
export const jobSchema = z.strictObject(
  {
    template: wordOf(['run', 'build-image', 'upload-image', 'promote-image', 'noop'])
      .meta({
        description:
          'What it does; `run`, a command of yours, where `run` is written. `noop`: there is nothing to test',
      })
      .optional(),
    on: oneOrMany('a pipeline, a list of pipelines or { cron: … }', trigger)
      .meta({ description: 'Pipelines in which it runs; without it those that its template is for' })
      .optional(),
    image: imageReference.meta({ description: 'Image in which the command is executed' }).optional(),
    run: textThat('a command', (text) => (text.trim() === '' ? { message: 'is empty', hint: null } : null))
      .meta({ description: 'Given to /bin/sh -c in the checkout; needs `image`' })
      .optional(),
    env: z
      .record(variableName, z.string({ error: 'a text' }), { error: 'a map of names and texts' })
      .meta({ description: 'Environment of the command; not for secrets' })
      .optional(),
    secrets: z
      .record(variableName, secretName, { error: 'a map of variables and names of secrets' })
      .meta({
        description:
          'Variables of the command that hold secrets which whoever runs the server grants; never on code that nobody approved',
      })
      .optional(),
    images: oneOrMany('a list of names of images', imageName)
      .meta({ description: 'Images that a template builds, uploads or promotes; without it all' })
      .optional(),
    branches: branchPatterns
      .meta({ description: 'Base branches for which it runs: names, globs or { regex: … }; without it all' })
      .optional(),
    skipBranches: branchPatterns.meta({ description: 'Base branches for which it does not run' }).optional(),
    labels: labelPatterns
      .meta({
        description:
          'On a pull request it starts by itself only with one of these labels: names, globs or { regex: … }; other pipelines do not ask',
      })
      .optional(),
    onlyIf: onlyIf.optional(),
    skipIf: skipIf.optional(),
    trigger: wordOf(['auto', 'manual']).default('auto').meta({ description: '`manual`: only on `/test NAME`' }),
    optional: flag().default(false).meta({ description: 'Shown, never required' }),
    needs: oneOrMany('a list of jobs', need)
      .meta({
        description:
          'Jobs that must have succeeded before; `{ job: NAME, soft: true }` also runs when that one was skipped',
      })
      .optional(),
    resources: resources.meta({ description: 'What its pod asks for, as Kubernetes quantities' }).optional(),
    timeout: duration.default('1h').meta({ description: 'From the start of the pod, as 30m, 2h or 90s' }),
    pool: textLike(
      'a name of a pool',
      /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/,
      'lower-case letters, digits and "-" between them',
    )
      .default('default')
      .meta({ description: 'Where it runs, by a name that the server knows' }),
    semaphore: z
      .union([identifier, semaphore], { error: 'a name or { name: staging, max: 2 }' })
      .meta({ description: 'Of all builds of the project that name it, only so many run at once; a name alone: one' })
      .optional(),
    concurrency: z
      .union([identifier, concurrency], { error: 'a name of a group or { group: deploy, max: 1, onNew: queue }' })
      .meta({
        description:
          'A group of which only so many jobs of the project run at once, all builds of a job being one; and what becomes of a pushed commit that waits when a newer one is pushed',
      })
      .optional(),
    allowPrivilegeEscalation: flag().default(false).meta({ description: 'Lets `RUN sudo …` work in a build' }),
    reusable: flag().default(false).meta({
      description:
        'In the gate a pass counts for every candidate of the same tree, as the job reads nothing else: not its commit, no branch, no clock, and of the network only what is named by digest. Needs `image` by digest, and no `secrets`',
    }),
    publish: wordOf(['promote', 'direct'])
      .meta({
        description: '`direct`: upload-image sets the final tags at once; `promote`: that is left to promote-image',
      })
      .optional(),
    artifacts: artifactsSchema
      .meta({
        description:
          'Files of the checkout that `run` jobs which need this one find in $ARTIFACTS/NAME, NAME being this job; not on presubmit, which has no credential to keep them with',
      })
      .optional(),
    matrix: matrixSchema
      .meta({
        description:
          'One build for each combination of these values, which `image`, `run` and `env` name as {{ matrix.NAME }}',
      })
      .optional(),
  },
  { error: 'a job as { image: …, run: … } or { template: build-image }' },
);

export type WrittenJob = z.output<typeof jobSchema>;

export const jobsSchema = z.record(jobName, jobSchema.nullable(), { error: 'a map of names and jobs' });
