import type { QueueRecord } from '../../model/queue.ts';
import { branchTopic, headTopic, type Topic } from '../../model/topic.ts';

/** What a queue waits to hear of: pushes, as something may land of which it knows no more; and what is reported on heads that were asked for. */
export function topicsOf({ items, asked, branches }: QueueRecord): readonly Topic[] {
  const waiting = [...items, ...asked];
  const repositories = new Map(branches.map(({ key, project }) => [key, project.id]));
  const heads = waiting.flatMap(({ branch, request }) => {
    const repository = repositories.get(branch);
    return repository === undefined ? [] : [headTopic(repository, request.head)];
  });
  const moves = branches.map(({ project, branch }) => branchTopic(project.id, branch));
  return [...new Set([...heads, ...moves])];
}
