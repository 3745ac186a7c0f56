import { listOf, type Path, quote } from '../problems/finding.ts';
import { nearestName } from '../problems/nearest-name.ts';
import type { WrittenJob } from '../schema/job.ts';
import { hasKnownPipelines, needsOf, pipelinesOf, schedulesOf } from './job-template.ts';
import type { Entries, JobEntry, Report } from './read-entries.ts';
import { reportRepeated } from './report-repeated.ts';

/** What is wrong with `needs`; `jobs` are all jobs, the default ones included. */
export function checkNeeds(entries: Entries, jobs: readonly JobEntry[], report: Report): void {
  const known = new Map(
    jobs.filter((job) => !job.isRemoved).map((job) => [job.name, hasKnownPipelines(job) ? job.written : null]),
  );
  const names = [...known.keys()];
  for (const entry of entries.jobs) {
    const { name, written } = entry;
    if (written === null) continue;
    const needs = needsOf(written);
    reportRepeated(
      needs.map((need) => need.job),
      ['jobs', name, 'needs'],
      report,
    );
    for (const [index, { job, soft }] of needs.entries()) {
      const path = Array.isArray(written.needs) ? ['jobs', name, 'needs', index] : ['jobs', name, 'needs'];
      if (!known.has(job)) reportUnknown(job, names, path, report);
      else if (!soft && hasKnownPipelines(entry)) checkShared(name, written, job, known.get(job) ?? null, path, report);
    }
  }
  reportCycles(entries, known, report);
}

function reportUnknown(need: string, names: readonly string[], path: Path, report: Report): void {
  const hint = (): string => {
    const near = nearestName(need, names);
    return near === null ? `jobs are ${listOf(names.slice(0, 20), 'and')}` : `did you mean \`${near}\`?`;
  };
  report({ path, at: 'value', message: `there is no job ${quote(need)}`, hint });
}

// A hard need that is absent in one of the pipelines could never be met there.
function checkShared(
  name: string,
  job: WrittenJob,
  need: string,
  needed: WrittenJob | null,
  path: Path,
  report: Report,
): void {
  if (needed === null) return;
  const theirs = pipelinesOf(needed);
  const absent = pipelinesOf(job).filter((pipeline) => !theirs.includes(pipeline));
  if (absent.length === 0) checkTimes(name, job, need, needed, path, report);
  if (absent.length === 0) return;
  const message = `${quote(need)} does not run on ${listOf(absent)}, where ${quote(name)} does`;
  report({ path, at: 'value', message, hint: `let it run there, or write { job: ${need}, soft: true }` });
}

// Jobs of one schedule are one run; those of another are never there.
function checkTimes(name: string, job: WrittenJob, need: string, needed: WrittenJob, path: Path, report: Report): void {
  const theirs = schedulesOf(needed).map((schedule) => JSON.stringify(schedule));
  const alone = schedulesOf(job).find((schedule) => !theirs.includes(JSON.stringify(schedule)));
  if (alone === undefined) return;
  const message = `${quote(need)} does not run at ${quote(alone.cron)} with the same settings, where ${quote(name)} does`;
  report({ path, at: 'value', message, hint: `write the same \`on\` there, or write { job: ${need}, soft: true }` });
}

function reportCycles(entries: Entries, known: ReadonlyMap<string, WrittenJob | null>, report: Report): void {
  const done = new Set<string>();
  for (const { name } of entries.jobs) {
    const cycle = findCycle(name, known, done);
    if (cycle === null) continue;
    const message = `the jobs wait for each other: ${shortened(cycle).join(' → ')}`;
    report({ path: ['jobs', cycle[0] ?? name, 'needs'], at: 'value', message, hint: 'take one of these needs away' });
  }
}

function shortened(cycle: readonly string[]): string[] {
  const first = cycle[0] ?? '';
  return cycle.length > 10 ? [...cycle.slice(0, 8), '…', first] : [...cycle, first];
}

// Depth first with a stack of its own: a chain of needs may be as long as the file.
function findCycle(start: string, known: ReadonlyMap<string, WrittenJob | null>, done: Set<string>): string[] | null {
  const trail: { name: string; rest: string[] }[] = [];
  const enter = (name: string): void => {
    const job = known.get(name);
    trail.push({ name, rest: job ? needsOf(job).map((need) => need.job) : [] });
  };
  if (!done.has(start)) enter(start);
  for (let top = trail.at(-1); top !== undefined; top = trail.at(-1)) {
    const next = top.rest.shift();
    if (next === undefined) {
      done.add(top.name);
      trail.pop();
      continue;
    }
    const at = trail.findIndex((step) => step.name === next);
    if (at !== -1) {
      const cycle = trail.slice(at).map((step) => step.name);
      for (const step of trail) done.add(step.name);
      return cycle;
    }
    if (!done.has(next)) enter(next);
  }
  return null;
}
