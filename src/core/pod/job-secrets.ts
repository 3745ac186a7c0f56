import type { PipelineName } from '../../model/job.ts';
import type { SecretCaller } from '../../model/job-secret.ts';
import type { BuildOrder } from '../../model/order.ts';
import { fullName } from '../../model/project.ts';
import { parseSubjectId, type Subject } from '../../model/subject.ts';
import { volumePaths } from './volumes.ts';

/** A variable of a job's command, and the operator's secret that it holds. */
export interface WantedSecret {
  readonly variable: string;
  readonly secret: string;
}

export function secretsOf({ job }: Pick<BuildOrder, 'job'>): readonly WantedSecret[] {
  const wanted = job.content.template === 'run' ? (job.content.secrets ?? {}) : {};
  return Object.entries(wanted).map(([variable, secret]) => ({ variable, secret }));
}

const pipelines: Readonly<Record<Subject['kind'], PipelineName>> = {
  presubmit: 'presubmit',
  queue: 'gate',
  'shared-queue': 'gate',
  promote: 'postsubmit',
  push: 'postsubmit',
  release: 'release',
  tags: 'tag',
  periodic: 'periodic',
};

/** In whose name a Build's secrets are asked for; null for a subject that no secret is given to. */
export function secretCallerOf({ build, project, branch }: BuildOrder): SecretCaller | null {
  const subject = parseSubjectId(build.parts.subject);
  // Promise: a presubmit holds no credential, whoever approved its head.
  if (subject === null || subject.kind === 'presubmit') return null;
  const named = 'branch' in subject ? subject.branch : null;
  const of = branch ?? named;
  if (of === null) return null;
  return { project: project.id, fullName: fullName(project), branch: of, pipeline: pipelines[subject.kind] };
}

/** The command with its secrets read into variables before, by the shell that executes it anyway: no manifest holds them. */
export function withSecrets(command: string, order: BuildOrder): string {
  const reads = secretsOf(order).map(
    ({ variable }) => `${variable}=$(cat ${volumePaths.secrets}/${variable}) && export ${variable} || exit 1\n`,
  );
  return `${reads.join('')}${command}`;
}
