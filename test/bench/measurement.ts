import type { Progress } from './progress.ts';
import type { Result } from './result.ts';

export interface BenchOptions {
  readonly quick: boolean;
  readonly executor: 'fake' | 'kubernetes';
  readonly processes: 'all' | 'split';
  /** Of pull-to-pod: only these; empty: all. */
  readonly rates: readonly string[];
  /** Also sample where the working process spends its time. */
  readonly profile: boolean;
  readonly progress: Progress;
}

/** One thing that is measured, under the name by which it is asked for. */
export interface Measurement {
  readonly name: string;
  run(options: BenchOptions): Promise<Result>;
}
