import { madeOf } from '../../core/gate/made-of.ts';
import type { Project } from '../../model/project.ts';
import type { QueueRecord } from '../../model/queue.ts';
import type { Sha } from '../../model/sha.ts';
import { isQueue, parseSubjectId } from '../../model/subject.ts';
import type { AppContext } from '../context.ts';

async function queuesOf(context: AppContext): Promise<readonly QueueRecord[]> {
  const { documents } = context.ports;
  const records: QueueRecord[] = [];
  for (const id of await documents.subjects()) {
    if (!isQueue(parseSubjectId(id))) continue;
    const { document } = await documents.load(id);
    if (document !== null) records.push(document as QueueRecord);
  }
  return records;
}

function commitsIn(record: QueueRecord): readonly Sha[] {
  const candidates = [
    ...record.items.flatMap(madeOf),
    ...record.stopping.map(({ candidate }) => candidate),
    ...record.leaving.map(({ candidate }) => candidate),
  ];
  const made = candidates.flatMap((candidate) => (candidate?.kind === 'made' ? [candidate.commit] : []));
  // What another candidate may have the verdict of is compared with it.
  return [...made, ...(record.passed ?? []).map(({ verdict }) => verdict.commit)];
}

/** Takes away the candidates that no queue holds any more (L5). One project that cannot be swept does not keep the others. */
export async function sweepAllCandidates(context: AppContext): Promise<void> {
  const { landing, log } = context.ports;
  const projects = new Map<number, Project>();
  for (const { branches } of await queuesOf(context))
    for (const { project } of branches) projects.set(project.id, project);
  const keep = async (): Promise<ReadonlySet<Sha>> => new Set((await queuesOf(context)).flatMap(commitsIn));
  for (const project of projects.values()) {
    try {
      const swept = await landing.sweep(project, keep);
      if (swept > 0) log.info({ repository: project.id, swept }, 'candidates swept');
    } catch (cause) {
      log.warn({ repository: project.id, err: cause }, 'candidates could not be swept');
    }
  }
}
