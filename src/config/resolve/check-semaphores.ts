import { quote } from '../problems/finding.ts';
import { semaphoreOf } from './job-template.ts';
import type { JobEntry, Report } from './read-entries.ts';

/** Jobs that share a semaphore must say the same of it, and wait in one line: each pool has its own. */
export function checkSemaphores(jobs: readonly JobEntry[], report: Report): void {
  const first = new Map<string, { readonly job: string; readonly max: number; readonly pool: string }>();
  for (const { name: job, written, damaged } of jobs) {
    const semaphore = written === null || damaged.has('semaphore') ? null : semaphoreOf(written);
    if (written === null || semaphore === null) continue;
    const { name, max } = semaphore;
    const { pool } = written;
    const other = first.get(name);
    if (other === undefined) {
      first.set(name, { job, max, pool });
      continue;
    }
    const path = ['jobs', job, 'semaphore'];
    if (other.max !== max) {
      const message = `the semaphore ${quote(name)} lets ${max} run here, and ${other.max} in ${quote(other.job)}`;
      report({ path, at: 'value', message, hint: `write { name: ${name}, max: N } with the same number in both` });
    }
    if (other.pool !== pool && !damaged.has('pool')) {
      const message = `the semaphore ${quote(name)} is shared with ${quote(other.job)}, which runs in the pool ${quote(other.pool)}`;
      report({ path, at: 'value', message, hint: 'let both run in one pool, or give each a semaphore of its own' });
    }
  }
}
