import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import type { JobLibrary, JobTemplate } from '../core/pod/job-template.ts';
import { pipelineNames } from '../model/job.ts';

const name = z.string().regex(/^[a-z][a-z0-9-]{0,30}$/);
const step = z.strictObject({
  name,
  runs: z.enum(['step', 'builder', 'command']),
  profile: z.enum(['unprivileged', 'builder', 'command']),
  mounts: z.array(name),
  token: z.boolean().default(false),
});
const template = z.strictObject({
  template: name,
  pipelines: z.array(z.enum(pipelineNames as [string, ...string[]])).min(1),
  volumes: z.record(name, z.strictObject({ sizeLimit: z.string().regex(/^\d+(Mi|Gi)$/) })),
  steps: z.array(step).min(1),
});

function faultOf(job: JobTemplate): string | null {
  for (const each of job.steps) {
    const unknown = each.mounts.find((mount) => !(mount in job.volumes));
    if (unknown !== undefined) return `step ${each.name} mounts ${unknown}, which is no volume of it`;
    if (each.token && each.runs !== 'step')
      return `step ${each.name} runs code of the repository and may not hold the token`;
  }
  return null;
}

/** One template's text; throws with the file's name and every mistake. */
export function parseJobTemplate(text: string, file: string): JobTemplate {
  const parsed = template.safeParse(parse(text));
  if (!parsed.success) throw new Error(`${file} is no job template:\n${z.prettifyError(parsed.error)}`);
  const job = parsed.data as JobTemplate;
  const fault = faultOf(job);
  if (fault !== null) throw new Error(`${file}: ${fault}`);
  return job;
}

/** Reads every `*.yaml` of the folder; throws when one is wrong or two have one name. */
export async function loadJobLibrary(folder: string): Promise<JobLibrary> {
  const library = new Map<string, JobTemplate>();
  for (const file of (await readdir(folder)).filter((each) => each.endsWith('.yaml')).sort()) {
    const job = parseJobTemplate(await readFile(join(folder, file), 'utf8'), join(folder, file));
    if (library.has(job.template)) throw new Error(`${file}: the template ${job.template} is there already`);
    library.set(job.template, job);
  }
  return library;
}
