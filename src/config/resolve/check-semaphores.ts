import { quote } from '../problems/finding.ts';
import type { WrittenJob } from '../schema/job.ts';
import { isQueuing, pipelinesOf, semaphoreOf } from './job-template.ts';
import type { JobEntry, Report } from './read-entries.ts';

function checkConcurrency(name: string, written: WrittenJob, report: Report): void {
  const { concurrency, semaphore } = written;
  if (concurrency === undefined) return;
  const path = ['jobs', name, 'concurrency'];
  const hasGroup = typeof concurrency === 'string' || concurrency.group !== undefined;
  if (hasGroup && semaphore !== undefined)
    report({
      path,
      at: 'key',
      message: 'the job is in a group and has a `semaphore` besides',
      hint: 'keep one of them: `semaphore` counts builds, a group counts jobs',
    });
  if (typeof concurrency === 'object' && !hasGroup && concurrency.max !== undefined)
    report({
      path,
      at: 'value',
      message: '`max` counts the jobs of a group, and none is named',
      hint: 'add `group: NAME`',
    });
  if (isQueuing(written) && !pipelinesOf(written).includes('postsubmit'))
    report({
      path,
      at: 'value',
      message: '`onNew` says what a newer push does, and the job does not run after a push',
      hint: 'remove it, or add `on: [postsubmit]`',
    });
}

/** Jobs that share a semaphore or a group must say the same of it, and wait in one line: each pool has its own. */
export function checkSemaphores(jobs: readonly JobEntry[], report: Report): void {
  const first = new Map<string, { readonly job: string; readonly max: number; readonly pool: string }>();
  for (const { name: job, written, damaged } of jobs) {
    if (written === null || damaged.has('semaphore') || damaged.has('concurrency')) continue;
    checkConcurrency(job, written, report);
    const semaphore = semaphoreOf(written);
    if (semaphore === null) continue;
    const { name, max, counts } = semaphore;
    const { pool } = written;
    const other = first.get(`${counts} ${name}`);
    if (other === undefined) {
      first.set(`${counts} ${name}`, { job, max, pool });
      continue;
    }
    const [what, key] = counts === 'jobs' ? (['group', 'group'] as const) : (['semaphore', 'name'] as const);
    const path = ['jobs', job, counts === 'jobs' ? 'concurrency' : 'semaphore'];
    if (other.max !== max) {
      const message = `the ${what} ${quote(name)} lets ${max} run here, and ${other.max} in ${quote(other.job)}`;
      report({ path, at: 'value', message, hint: `write { ${key}: ${name}, max: N } with the same number in both` });
    }
    if (other.pool !== pool && !damaged.has('pool')) {
      const message = `the ${what} ${quote(name)} is shared with ${quote(other.job)}, which runs in the pool ${quote(other.pool)}`;
      report({ path, at: 'value', message, hint: `let both run in one pool, or give each a ${what} of its own` });
    }
  }
}
