import type { BranchKey, MadeCandidate, QueueRecord } from '../../../model/queue.ts';
import { runOf } from './advance-join.ts';

/** A commit of a branch on which jobs of a queue run, as of nobody's change; `number`: whose failure is asked about, 0: nobody's. */
export interface RanBeside {
  readonly branch: BranchKey;
  readonly number: number;
  readonly candidate: MadeCandidate;
  readonly isJoin: boolean;
}

/** All that a queue tests besides its items. */
export function ranBeside({ probes = [], join }: Pick<QueueRecord, 'probes' | 'join'>): readonly RanBeside[] {
  const asked = probes.map(({ branch, number, probe }) => ({ branch, number, candidate: probe, isJoin: false }));
  const run = join === undefined ? null : runOf(join);
  if (join === undefined || run === null) return asked;
  return [...asked, { branch: join.branch, number: 0, candidate: run.probe, isJoin: true }];
}
