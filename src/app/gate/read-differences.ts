import { differenceKey, type QueueFacts, type Wants } from '../../core/gate/facts.ts';
import type { QueueRecord } from '../../model/queue.ts';
import type { AppContext } from '../context.ts';

/** What is known with what differs between further commits; null for what could not be read now. */
export async function readDifferences(
  { ports: { history, log } }: AppContext,
  { branches }: Pick<QueueRecord, 'branches'>,
  known: QueueFacts['differences'],
  wanted: Wants['differences'],
): Promise<QueueFacts['differences']> {
  const differences = new Map(known);
  for (const each of wanted) {
    const { branch, from, to } = each;
    const project = branches.find(({ key }) => key === branch)?.project;
    const found = project === undefined ? null : history.changed(project, from, to);
    differences.set(
      differenceKey(each),
      await Promise.resolve(found).catch((err: unknown) => {
        log.warn({ repository: project?.id, from, to, err }, 'the files of two commits could not be compared');
        return null;
      }),
    );
  }
  return differences;
}
