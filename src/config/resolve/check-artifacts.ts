import { listOf, quote } from '../problems/finding.ts';
import { hasKnownPipelines, pipelinesOf, templateOf } from './job-template.ts';
import type { Entries, JobEntry, Report } from './read-entries.ts';

/** Whether what a job is to keep can be kept where it runs. Where it cannot, the file is refused: nobody waits for files in vain. */
export function checkArtifacts({ jobs, promotionMode }: Entries, report: Report): void {
  for (const entry of jobs) {
    const { name, written } = entry;
    if (!hasKnownPipelines(entry) || written?.artifacts === undefined || templateOf(written) !== 'run') continue;
    const fault = faultOf(entry, promotionMode);
    if (fault !== null) report({ path: ['jobs', name, 'artifacts'], at: 'key', ...fault });
  }
}

/** Whose code is approved or has landed: everything else meets no credential. */
const keeping: readonly string[] = ['gate', 'postsubmit', 'tag', 'release', 'periodic'];

type Fault = { readonly message: string; readonly hint: string };

function faultOf({ name, written, damaged }: JobEntry, promotionMode: Entries['promotionMode']): Fault | null {
  if (written === null) return null;
  const elsewhere = pipelinesOf(written).filter((pipeline) => !keeping.includes(pipeline));
  if (elsewhere.length > 0)
    return {
      message: `artifacts are kept on ${listOf(keeping, 'and')}, and ${quote(name)} runs on ${listOf(elsewhere, 'and')}`,
      hint: 'leave that out: a presubmit has no credential to keep anything with, and does it in one job',
    };
  if (promotionMode === 'rebuild')
    return {
      message: 'with `mode: rebuild` nothing waits in a registry, artifacts neither',
      hint: 'take another `promotion.mode`, or do it in one job',
    };
  if (written.matrix !== undefined && !damaged.has('matrix'))
    return {
      message: 'the builds of a matrix would keep the same files',
      hint: 'write a job for each value whose files are kept',
    };
  if (Object.keys(written.secrets ?? {}).length > 0)
    return {
      message: 'what a command with `secrets` leaves is not kept: it could hold them',
      hint: 'make what uses the secrets a job of its own',
    };
  if (name.split('/').every((part) => part !== '' && !/^\.+$/.test(part))) return null;
  return {
    message: `${quote(name)} cannot be the name of a folder, where its artifacts would lie`,
    hint: 'give the job another name',
  };
}
