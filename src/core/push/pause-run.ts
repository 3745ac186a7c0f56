import type { PromoteEffect } from '../../model/promote-effect.ts';
import type { PushRun } from '../../model/push.ts';
import { pauseJobs } from '../pause-builds.ts';

/** Stops what runs of a push, a release or a nightly; it goes on from there once its repository is to be seen again. */
export function pauseRun(effects: PromoteEffect[], run: PushRun, now: number): PushRun {
  return { ...run, jobs: pauseJobs(effects, run.jobs, now) };
}
