import type { GreenJoin } from '../../../model/join.ts';
import type { LedgerDetail } from '../../../model/ledger.ts';
import type { BranchKey, QueueRecord } from '../../../model/queue.ts';
import type { Sha } from '../../../model/sha.ts';
import type { QueueFacts } from '../facts.ts';

type Landed = Extract<LedgerDetail, { kind: 'landed' }>;

/** A landing that the branch still holds, with its number in the ledger. */
export type LandedOne = Landed & { readonly sequence: number };

/** Of a branch, oldest first; null: its ledger could not be read. */
export function landingsOn(facts: Pick<QueueFacts, 'branches'>, branch: BranchKey): readonly LandedOne[] | null {
  const found = facts.branches.get(branch);
  const ledger = found?.reading?.ledger;
  if (found === undefined || ledger?.kind !== 'whole') return null;
  return ledger.entries.flatMap(({ detail, sequence }) =>
    detail.kind === 'landed' && found.standing.has(sequence) ? [{ ...detail, sequence }] : [],
  );
}

/** It landed on the strength of what passed as another tree (scheduling.md §5 "closure"). */
export function isByClosure({ verdict }: Landed): boolean {
  return verdict.reused?.tree !== undefined;
}

/** Every job of the gate passed on the very tree that landed: what was skipped there was tested on another one, or never. */
function isWhole(landed: Landed): boolean {
  const { verdict } = landed;
  const isAll = verdict.checks.length > 0 && verdict.checks.every(({ conclusion }) => conclusion === 'success');
  return isAll && !isByClosure(landed);
}

/** What landed since the branch was green as a whole, by a join or by a landing; `below`: that commit; null: none is known. */
export interface SinceGreen {
  readonly below: Sha | null;
  readonly landings: readonly LandedOne[];
}

export function sinceGreen(landings: readonly LandedOne[], joined: GreenJoin | undefined): SinceGreen {
  const whole = landings.findLastIndex(isWhole);
  const held = landings.findIndex(({ sequence }) => sequence === joined?.sequence);
  // A join of what a reset took back says nothing of what is there now.
  const isHeld = joined !== undefined && (joined.sequence === 0 || held >= 0);
  if (isHeld && held >= whole) return { below: joined.commit, landings: landings.slice(held + 1) };
  return { below: landings[whole]?.commit ?? null, landings: landings.slice(whole + 1) };
}

/** Jobs that were seen passing on the very tree of the tip, as it landed; empty: none. */
export function passedOnTip(landings: readonly LandedOne[], tip: Sha | null): readonly string[] {
  const last = landings.findLast(({ commit }) => commit === tip);
  if (last === undefined || isByClosure(last)) return [];
  return last.verdict.checks.flatMap(({ name, conclusion }) => (conclusion === 'success' ? [name] : []));
}

/** How old a join may be (ms), for a queue that lands in lanes; 0: there are to be none; null: that is not known now. */
export function joinAge(
  record: Pick<QueueRecord, 'branches'>,
  facts: Pick<QueueFacts, 'branches' | 'subject'>,
): number | null {
  const [branch, ...others] = record.branches;
  if (branch === undefined || others.length > 0 || facts.subject.startsWith('shared-queue/')) return 0;
  const settings = facts.branches.get(branch.key)?.settings;
  if (!settings) return null;
  const { scheduler, landing } = settings;
  if (scheduler.kind !== 'best-first' || scheduler.lanes !== 'closure' || landing !== 'push') return 0;
  return scheduler.joinMs ?? 0;
}
