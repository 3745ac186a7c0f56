import type { GateSettings } from '../../model/gate-settings.ts';
import { type BranchKey, branchKeyOf, type QueueBranch } from '../../model/queue.ts';
import { type QueueSubject, type SharedQueueSubject, type SubjectId, subjectIdOf } from '../../model/subject.ts';

/** The queue that a branch has by its own settings: one of its own, or one that projects share by a name (gate.md §2). */
export function queueOf(
  { project, branch }: Pick<QueueBranch, 'project' | 'branch'>,
  settings: GateSettings,
): SubjectId {
  const { queue: name } = settings;
  if (name === null) return subjectIdOf({ kind: 'queue', repository: project.id, branch });
  return subjectIdOf({ kind: 'shared-queue', installation: project.installation, name, branch });
}

/** The branch of a queue that words to one of its repositories speak of. */
export function branchFor({ branch }: QueueSubject | SharedQueueSubject, repository: number): BranchKey {
  return branchKeyOf(repository, branch);
}
