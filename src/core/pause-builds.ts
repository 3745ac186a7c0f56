import { type Build, buildIdFor } from '../model/build.ts';
import type { JobRecord } from '../model/presubmit.ts';
import type { PromoteEffect } from '../model/promote-effect.ts';
import { patience } from './presubmit/advance-build.ts';
import { settle } from './presubmit/advance-jobs.ts';
import { finished } from './presubmit/judgement.ts';

/** Why builds stop of a repository that the App may not see now, for people. */
export const whyPaused = 'Sluice may not see the repository at the moment: the App is suspended or was taken away';

/** When builds stop, and which of their pods had ended by then. */
export interface Pause {
  readonly now: number;
  readonly ended: ReadonlySet<string>;
}

/**
 * Stops what runs; it is built anew, as another attempt, once the repository is to be seen again (commands.md §2). What has ended
 * keeps its pod, whose result counts then.
 */
export function pauseBuild(effects: PromoteEffect[], build: Build, { now, ended }: Pause): Build {
  const { state, parts, id } = build;
  if (state.phase !== 'starting' && state.phase !== 'running') return build;
  // It has run, and is not begun once more should its pod be gone by then: its slot is another's.
  if (ended.has(id))
    return state.phase === 'running' ? build : { ...build, state: { phase: 'running', since: state.since } };
  effects.push({ kind: 'on', number: 0, effect: { kind: 'remove', build: id } });
  if (parts.attempt >= patience.attempts) return { ...build, state: finished('aborted', whyPaused, now) };
  const next = { ...parts, attempt: parts.attempt + 1 };
  return { ...build, id: buildIdFor(next), parts: next, state: { phase: 'wanted', since: now } };
}

/** The same of all builds of jobs. */
export function pauseJobs(effects: PromoteEffect[], jobs: readonly JobRecord[], at: Pause): readonly JobRecord[] {
  return jobs.map((job) => {
    if (job.status.kind !== 'building') return job;
    return { ...job, status: settle(job.status.builds.map((build) => pauseBuild(effects, build, at))) };
  });
}
