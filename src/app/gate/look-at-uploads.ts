import type { QueueFacts, Wants } from '../../core/gate/facts.ts';
import type { QueueBranch } from '../../model/queue.ts';
import type { AppContext } from '../context.ts';
import { lookAtAll } from '../promote/look-at-registry.ts';
import { callerOf } from '../promote/promote-caller.ts';

/** What is known with what registries say of further images, each asked in the name of its branch. */
export async function lookAtUploads(
  context: AppContext,
  branches: readonly QueueBranch[],
  known: QueueFacts['looks'],
  wanted: Wants['looks'],
): Promise<QueueFacts['looks']> {
  let looks = known;
  for (const branch of branches) {
    const own = wanted.filter((each) => each.branch === branch.key);
    if (own.length > 0) looks = await lookAtAll(context, callerOf(branch), looks, own);
  }
  return looks;
}
