import { jobsOf, madeOf } from '../../core/gate/made-of.ts';
import { type PromoteFacts, type QueuedUpload, queuedKey } from '../../core/promote/facts.ts';
import type { JobRecord } from '../../model/presubmit.ts';
import type { PromoteRecord } from '../../model/promotion.ts';
import { branchKeyOf, type MadeCandidate, type QueueRecord } from '../../model/queue.ts';
import { isQueue, parseSubjectId } from '../../model/subject.ts';
import type { AppContext } from '../context.ts';

function uploadsOf(jobs: readonly JobRecord[]): readonly Omit<QueuedUpload, 'number' | 'candidate'>[] {
  const builds = jobs.flatMap(({ status }) => ('builds' in status ? status.builds : []));
  return builds.flatMap(({ state }) => {
    const image = state.phase === 'finished' ? state.outcome.image : null;
    if (!image?.uploaded) return [];
    const { repository, tag } = image.uploaded;
    return [{ repository, tag, digest: image.digest }];
  });
}

/** What the candidates of a queue uploaded for one branch: the whole of several platforms included, once it is recorded. */
export function uploadsIn(record: QueueRecord, branch: string): readonly QueuedUpload[] {
  const made = (number: number, candidate: unknown): readonly { number: number; candidate: MadeCandidate }[] =>
    (candidate as MadeCandidate | null)?.kind === 'made' ? [{ number, candidate: candidate as MadeCandidate }] : [];
  const all = [
    ...record.items.flatMap((item) =>
      item.branch === branch ? madeOf(item).flatMap((candidate) => made(item.number, candidate)) : [],
    ),
    ...record.stopping.flatMap((stopped) => (stopped.branch === branch ? made(stopped.number, stopped.candidate) : [])),
    ...record.leaving.flatMap(({ change, candidate }) =>
      change.branch === branch ? made(change.number, candidate) : [],
    ),
  ];
  return all.flatMap(({ number, candidate }) => {
    const { commit, verdict } = candidate;
    const whole = (verdict?.images ?? []).map(({ staged, digest }) => ({ ...staged, digest }));
    return [...uploadsOf(jobsOf(candidate)), ...whole].map((upload) => ({
      ...upload,
      number,
      candidate: commit.slice(0, 12),
    }));
  });
}

function candidatesIn({ items }: QueueRecord, branch: string): readonly string[] {
  return items.flatMap((item) =>
    item.branch === branch
      ? madeOf(item).map(({ commit }) => queuedKey({ number: item.number, candidate: commit.slice(0, 12) }))
      : [],
  );
}

/** The same, of whichever queue has this branch, with the candidates that stand in it. */
export async function queuedUploads(
  { ports }: AppContext,
  { project, branch }: PromoteRecord,
): Promise<Pick<PromoteFacts, 'queued' | 'candidates'>> {
  const { documents } = ports;
  const queues = (await documents.subjects()).filter((id) => {
    const subject = parseSubjectId(id);
    if (!isQueue(subject) || subject.branch !== branch) return false;
    return subject.kind === 'shared-queue' || subject.repository === project.id;
  });
  const found = await Promise.all(queues.map((id) => documents.load(id)));
  const records = found.flatMap(({ document }) => (document === null ? [] : [document as QueueRecord]));
  const key = branchKeyOf(project.id, branch);
  return {
    queued: records.flatMap((record) => uploadsIn(record, key)),
    candidates: new Set(records.flatMap((record) => candidatesIn(record, key))),
  };
}
