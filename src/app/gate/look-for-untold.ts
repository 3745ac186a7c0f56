import type { QueueFacts } from '../../core/gate/facts.ts';
import type { LedgerEntry } from '../../model/ledger.ts';
import type { QueueBranch } from '../../model/queue.ts';
import { subjectIdOf } from '../../model/subject.ts';
import type { AppContext } from '../context.ts';
import { syntheticEvent } from '../resync.ts';

const lookedAt = 5;

/** What landed as another commit is not marked by the forge: where nobody lives who knew that it was still to be closed, it is. */
async function closeLanded({ ports }: AppContext, branch: QueueBranch, { detail }: LedgerEntry): Promise<void> {
  if (detail.kind !== 'landed' || detail.method === 'merge') return;
  const { project } = branch;
  const view = await ports.gateForge.gateView(project, detail.number);
  const { state, head, baseRef } = view?.pull ?? {};
  if (state === 'open' && head === detail.head && baseRef === branch.branch)
    await ports.gateForge.close(project, detail.number);
}

/**
 * What landed right before a loss may never have been told, nor its pull request closed: the last of these branches are looked
 * at once more. Throws where that cannot be done now.
 */
export async function lookForUntold(
  context: AppContext,
  branches: readonly QueueBranch[],
  facts: QueueFacts,
): Promise<void> {
  const { intake, signals, clock } = context.ports;
  for (const branch of branches) {
    const { reading, standing } = facts.branches.get(branch.key) ?? {};
    const entries = reading?.ledger.kind === 'whole' ? reading.ledger.entries : [];
    const landed = entries.flatMap((entry) => (entry.detail.kind === 'landed' ? [entry] : []));
    const numbers = landed.flatMap(({ detail }) => (detail.kind === 'landed' ? [detail.number] : []));
    for (const number of new Set(numbers.slice(-lookedAt))) {
      const { project } = branch;
      const subject = subjectIdOf({ kind: 'presubmit', repository: project.id, number });
      await intake.accept(syntheticEvent(project, number, `untold-${clock.now()}`, clock.now()), [subject]);
      await signals.wake(subject);
    }
    for (const entry of landed.slice(-lookedAt))
      if (standing?.has(entry.sequence)) await closeLanded(context, branch, entry);
  }
}
