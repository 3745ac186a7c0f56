import type { PromoteEffect } from '../../model/promote-effect.ts';
import type { PushRun } from '../../model/push.ts';
import { type Pause, pauseJobs } from '../pause-builds.ts';

/** Stops what runs of a push, a release or a nightly; it goes on from there once its repository is to be seen again. */
export function pauseRun(effects: PromoteEffect[], run: PushRun, at: Pause): PushRun {
  return { ...run, jobs: pauseJobs(effects, run.jobs, at) };
}
