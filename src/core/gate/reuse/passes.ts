import type { BuildId } from '../../../model/build.ts';
import type { JobRecord } from '../../../model/presubmit.ts';
import type { MadeCandidate } from '../../../model/queue.ts';
import type { PassedBefore, RecordedVerdict } from '../../../model/verdict.ts';
import { shownBuildOf } from '../made-of.ts';

/** So many are remembered at most; an older one is tested again. */
const mostPasses = 50;

type Passes = readonly PassedBefore[];

function hasFailed({ status }: JobRecord): boolean {
  return status.kind === 'ended' && status.result !== 'success' && status.result !== 'aborted';
}

/** All of it passed, or was skipped for certain; an optional job that failed, or was barred by one, is no pass. */
function isClean({ status }: JobRecord): boolean {
  return status.kind === 'skipped' ? status.definite === true : status.kind === 'ended' && status.result === 'success';
}

function buildsOf(jobs: readonly JobRecord[]): Readonly<Record<string, BuildId>> {
  return Object.fromEntries(
    jobs.flatMap((record) => {
      const build = shownBuildOf(record);
      return build === null ? [] : [[record.job, build] as const];
    }),
  );
}

/** Whether every build of it is of the class that its key names: the gate's own are `approved`. */
function isApproved({ status }: JobRecord): boolean {
  return !('builds' in status) || status.builds.every(({ trust }) => trust === 'approved');
}

/** With this verdict of builds of its own, if another candidate may take it: nothing in it failed, and it has a key. */
export function withPass(
  passes: Passes,
  number: number,
  { key, shape, jobs }: Pick<MadeCandidate, 'key' | 'shape' | 'jobs'>,
  verdict: RecordedVerdict,
): Passes {
  const isWhole = jobs !== null && jobs.length > 0 && jobs.every((job) => isClean(job) && isApproved(job));
  if (key === undefined || !isWhole) return passes;
  const others = passes.filter((pass) => pass.key !== key);
  const named = shape === undefined ? { key } : { key, shape };
  return [...others, { ...named, number, verdict, builds: buildsOf(jobs) }].slice(-mostPasses);
}

/** Without what a failure on the same tree speaks against: one of the two had no reason, and nobody knows which. */
export function withoutDoubted(passes: Passes, { key, jobs }: Pick<MadeCandidate, 'key' | 'jobs'>): Passes {
  if (key === undefined || !(jobs ?? []).some(hasFailed)) return passes;
  return passes.filter((pass) => pass.key !== key);
}

/** Without what is too old to count. */
export function withoutOld(
  passes: Passes,
  { now, reuseMs }: { readonly now: number; readonly reuseMs: number },
): Passes {
  return passes.filter(({ verdict }) => now - verdict.at < reuseMs);
}
