import type { Path } from '../problems/finding.ts';
import type { WrittenJob } from '../schema/job.ts';
import { placeholdersOf, stagedImageOf } from '../schema/templates.ts';
import { pipelinesOf, templateOf } from './job-template.ts';
import type { Report } from './read-entries.ts';

/** Whether what says that it reads nothing but its tree can be held to that (scheduling.md §5). */
export function checkReusable(job: WrittenJob, path: Path, report: Report): void {
  if (!job.reusable) return;
  const fault = (message: string, hint: string): void =>
    report({ path: [...path, 'reusable'], at: 'key', message, hint });
  if (!pipelinesOf(job).includes('gate'))
    fault('`reusable` is for jobs of the gate', 'remove it, or write `on: [gate]`');
  if (templateOf(job) !== 'run') return;
  if (Object.keys(job.secrets ?? {}).length > 0)
    fault('what a command with `secrets` comes to depends on more than its tree', 'remove `reusable`, or the secrets');
  const { image } = job;
  const isStaged = image !== undefined && placeholdersOf(image).some((name) => stagedImageOf(name) !== null);
  if (image !== undefined && !isStaged && !/@sha256:[0-9a-f]{64}$/.test(image))
    fault(
      'what is behind the tag of `image` may change, and with it what the command comes to',
      'write `image` with its digest, as NAME@sha256:…, or remove `reusable`',
    );
}
