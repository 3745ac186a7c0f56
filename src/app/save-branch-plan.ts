import type { BuildFacts } from '../core/presubmit/advance-build.ts';
import type { LineEntry } from '../model/line.ts';
import type { PromoteEffect } from '../model/promote-effect.ts';
import type { SubjectId } from '../model/subject.ts';
import { branchTopic } from '../model/topic.ts';
import type { AppContext } from './context.ts';
import type { Dispatcher } from './dispatch.ts';
import { describePromoteEffect } from './promote/perform-promotion.ts';

/** A plan for one branch of a project. */
export interface BranchPlan {
  /** Null: nothing is to be remembered. */
  readonly record: object | null;
  readonly effects: readonly PromoteEffect[];
  readonly reasons: readonly string[];
  readonly line: readonly Omit<LineEntry, 'subject'>[];
  readonly wakeAt: number | null;
}

/** Whose plan it is, and what it was made on. */
export interface PlannedBranch {
  readonly id: SubjectId;
  readonly subject: { readonly repository: number; readonly branch: string };
  /** Version of the document that it was made on. */
  readonly expected: number;
  /** Deliveries that it has answered. */
  readonly taken: readonly string[];
}

/** Saves it with its place in the line and its reasons; false: another pass was faster, and nothing was saved. */
export async function saveBranchPlan(
  { ports }: Pick<AppContext, 'ports'>,
  plan: BranchPlan,
  { id, subject, expected, taken }: PlannedBranch,
): Promise<boolean> {
  const { documents, clock, log } = ports;
  const { record, reasons, line, wakeAt } = plan;
  const effects = plan.effects.filter(({ kind }) => kind !== 'report').map(describePromoteEffect);
  const topics = [branchTopic(subject.repository, subject.branch)];
  const saved = await documents.save({
    subject: id,
    expected,
    document: record,
    index: { line, wakeAt, topics, settled: wakeAt === null },
    decision: reasons.length > 0 ? { at: clock.now(), reasons, effects } : null,
    taken,
  });
  if (saved === 'conflict') return false;
  if (reasons.length > 0) log.info({ subject: id, reasons, effects }, 'decided');
  return true;
}

/**
 * Has the lines served in which something of it waits; true when it was given a slot that it did not have when it was planned
 * (`seen`). One that it had and could not use yet, as its files could not be read, is no news: the sweep comes back to it.
 */
export async function serveBranch(
  dispatcher: Dispatcher,
  id: SubjectId,
  { line }: Pick<BranchPlan, 'line'>,
  seen: BuildFacts['line'],
): Promise<boolean> {
  const waiting = line.filter(({ state }) => state === 'waiting');
  let granted = false;
  for (const pool of new Set(waiting.map((entry) => entry.pool))) {
    const held = await dispatcher.serve(pool, id);
    granted ||= waiting.some(({ build }) => held.has(build) && seen.get(build)?.granted !== true);
  }
  return granted;
}
