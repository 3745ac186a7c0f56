import type { PromoteEffect } from '../../model/promote-effect.ts';
import type { PromoteRecord } from '../../model/promotion.ts';
import { type Pause, pauseBuild, pauseJobs } from '../pause-builds.ts';

/** Stops what a promote line builds again, and the pods that promote; what is missing is found by looking, as ever. */
export function pausePromotion(effects: PromoteEffect[], record: PromoteRecord, at: Pause): PromoteRecord {
  const landings = record.landings.map((landing) => {
    const { pod } = landing;
    return pod === undefined ? landing : { ...landing, pod: { ...pod, build: pauseBuild(effects, pod.build, at) } };
  });
  const { rebuilds } = record;
  if (rebuilds === undefined) return { ...record, landings };
  const paused = rebuilds.map((rebuild) => {
    return rebuild.jobs === null ? rebuild : { ...rebuild, jobs: pauseJobs(effects, rebuild.jobs, at) };
  });
  return { ...record, landings, rebuilds: paused };
}
