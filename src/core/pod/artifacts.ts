import type { JobContent, KeptFiles } from '../../model/job.ts';
import type { BuildOrder } from '../../model/order.ts';
import { inlineCode } from '../text/safe-markdown.ts';

/** What this order's job is to keep; null: nothing. */
export function keptOf({ job: { content } }: Pick<BuildOrder, 'job'>): KeptFiles | null {
  return content.template === 'run' ? (content.artifacts ?? null) : null;
}

/** The same where nothing is kept. */
export function withoutArtifacts(content: JobContent): JobContent {
  if (content.template !== 'run' || content.artifacts === undefined) return content;
  const { artifacts: _, ...rest } = content;
  return rest;
}

/** Whether its pod keeps files once its command has succeeded. */
export function keepsFiles(order: BuildOrder): boolean {
  return keptOf(order) !== null;
}

/** Whether its pod is brought files before its command starts. */
export function takesFiles({ takes }: BuildOrder): boolean {
  return takes !== undefined && takes.artifacts.length > 0;
}

/** Why this order may neither keep nor take, as a sentence for the author; null: it may, or does not want to (intake A15, A26). */
export function whyNoArtifacts(order: BuildOrder): string | null {
  const { job, build, upload } = order;
  const name = inlineCode(job.name);
  const isUntrusted = build.trust === 'untrusted';
  if (keepsFiles(order) && isUntrusted)
    return `the job ${name} keeps artifacts, and nobody approved this code: let it run in the gate alone`;
  if (takesFiles(order) && isUntrusted)
    return `the job ${name} gets artifacts, which are never given to code that nobody approved`;
  if (keepsFiles(order) && upload === undefined)
    return `the job ${name} keeps artifacts, and there is no place for them here: the server alone keeps what a job made, in the gate and of what landed, and with \`promotion: { mode: rebuild }\` nothing`;
  return null;
}
