import type { RecordedFlake } from '../../model/flake.ts';
import type { LedgerEntry } from '../../model/ledger.ts';

/** One landing whose job failed before it passed on the very same tree. */
export interface FlakeEvidence extends RecordedFlake {
  readonly number: number;
  readonly commit: string;
  readonly at: number;
}

/** How often one job of a branch failed for no reason, of what its ledger says (scheduling.md §4 "measured per job from same-tree reruns"). */
export interface JobFlakes {
  readonly job: string;
  /** Runs that counted for a landing. */
  readonly passed: number;
  /** Failures on trees on which the same job passed afterwards. */
  readonly flaked: number;
  /** Of all these runs, 0 to 1. */
  readonly rate: number;
  /** Newest first, at most five. */
  readonly evidence: readonly FlakeEvidence[];
}

const mostEvidence = 5;

/** The jobs of a ledger that flaked since then (ms; null: ever), the worst first; a job that never did is not among them. */
export function flakesOf(entries: readonly LedgerEntry[], since: number | null): readonly JobFlakes[] {
  const passed = new Map<string, number>();
  const evidence = new Map<string, FlakeEvidence[]>();
  for (const { detail, at } of entries) {
    if (detail.kind !== 'landed' || (since !== null && at < since)) continue;
    const { number, commit, verdict } = detail;
    for (const { name, conclusion } of verdict.checks)
      if (conclusion === 'success') passed.set(name, (passed.get(name) ?? 0) + 1);
    for (const flake of verdict.flakes ?? [])
      evidence.set(flake.job, [{ ...flake, number, commit, at }, ...(evidence.get(flake.job) ?? [])]);
  }
  const all = [...evidence].map(([job, found]): JobFlakes => {
    const flaked = found.reduce((sum, { failures }) => sum + failures, 0);
    const runs = (passed.get(job) ?? 0) + flaked;
    return { job, passed: passed.get(job) ?? 0, flaked, rate: flaked / runs, evidence: found.slice(0, mostEvidence) };
  });
  return all.sort((one, other) => other.rate - one.rate || other.flaked - one.flaked);
}
