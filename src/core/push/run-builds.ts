import { type Build, buildIdFor } from '../../model/build.ts';
import type { Job } from '../../model/job.ts';
import type { PushRun } from '../../model/push.ts';
import { pointOf, pointsOf } from '../job-points.ts';
import type { TreeFacts } from '../presubmit/facts.ts';
import type { RunFacts } from './facts.ts';

/** What a check run of a run's commit is found by, beside its job (`BuildParts.entry`). */
export function entryOf({ entry }: Pick<PushRun, 'entry'>): string {
  return entry ?? 'push';
}

/** The first attempt of every Build of a job at a run's commit; the same run gives the same ids, after any loss. */
export function wantRunBuilds(
  facts: Pick<RunFacts, 'subject' | 'now'>,
  run: Pick<PushRun, 'commit' | 'entry' | 'request'>,
  job: Job,
  names: readonly string[],
  tree: TreeFacts,
): { readonly builds: readonly Build[] } | { readonly because: string } {
  const points = pointsOf(job, names, tree);
  if (points.kind === 'refused') return { because: points.because };
  const builds = points.points.map((point): Build => {
    const { name, definition } = job;
    const where = { subject: facts.subject, entry: entryOf(run), commit: run.commit };
    const parts = { ...where, job: name, point: pointOf(point), definition, request: run.request ?? 1, attempt: 1 };
    return { id: buildIdFor(parts), parts, trust: 'trusted', state: { phase: 'wanted', since: facts.now } };
  });
  return { builds };
}
