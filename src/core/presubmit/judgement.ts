import type { BuildPhase, BuildResult, BuiltImage } from '../../model/build.ts';

/** What a pod's state says of its Build (core/pod/judge-pod.ts). */
export type PodJudgement =
  | { readonly kind: 'going'; readonly phase: 'starting' | 'running'; readonly since: number }
  | {
      readonly kind: 'ended';
      readonly result: BuildResult;
      readonly because: string;
      /** Our own fault, worth another attempt. */
      readonly retry: boolean;
      readonly image: BuiltImage | null;
      readonly startedAt: number | null;
      readonly finishedAt: number;
    };

export type Finished = Extract<BuildPhase, { phase: 'finished' }>;

export function finished(result: BuildResult, because: string, now: number, startedAt: number | null = null): Finished {
  const outcome = { image: null, tail: '', annotation: null };
  return { phase: 'finished', result, because, startedAt, finishedAt: now, outcome };
}
