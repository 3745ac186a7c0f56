import { changeIdOf } from '../../core/gate/draft.ts';
import type { QueueFacts } from '../../core/gate/facts.ts';
import type { QueueRecord } from '../../model/queue.ts';
import { subjectIdOf } from '../../model/subject.ts';
import type { AppContext } from '../context.ts';

/**
 * Presubmits of what just entered stop where the branch's file says so (gate.md §2 `supersedes`). A signal that is lost costs
 * seconds: each asks by itself while its builds go on.
 */
export async function wakeSuperseded(
  { ports }: Pick<AppContext, 'ports'>,
  before: Pick<QueueRecord, 'items'>,
  { items, branches: all }: Pick<QueueRecord, 'items' | 'branches'>,
  { branches }: Pick<QueueFacts, 'branches'>,
): Promise<void> {
  const known = new Set(before.items.map(changeIdOf));
  for (const item of items) {
    if (known.has(changeIdOf(item)) || branches.get(item.branch)?.settings?.supersedesPresubmit !== true) continue;
    const repository = all.find(({ key }) => key === item.branch)?.project.id;
    if (repository === undefined) continue;
    await ports.signals
      .wake(subjectIdOf({ kind: 'presubmit', repository, number: item.number }))
      .catch((err: unknown) => ports.log.debug({ number: item.number, err }, 'nobody woken'));
  }
}
