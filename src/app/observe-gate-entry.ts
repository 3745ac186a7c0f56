import type { PresubmitRecord } from '../model/presubmit.ts';
import { branchKeyOf, type QueueRecord } from '../model/queue.ts';
import type { AppContext } from './context.ts';
import { queueOf } from './gate/queue-of.ts';
import type { ConfigReader } from './read-config.ts';

/** Documents are written by us alone; one of another schema says nothing here. */
function itemsOf(document: unknown): QueueRecord['items'] {
  const isQueue = typeof document === 'object' && document !== null && 'schema' in document && document.schema === 1;
  return isQueue ? (document as QueueRecord).items : [];
}

/**
 * Whether presubmits that go on are to stop, as their change is in the gate with this very head and the branch's file says
 * `gate.supersedes: [presubmit]` (gate.md §2). Asked only while any goes on.
 */
export async function isSuperseded(
  { ports }: AppContext,
  reader: ConfigReader,
  { project, number, change, gated }: PresubmitRecord,
): Promise<boolean> {
  const unfinished = change?.jobs.find(({ status }) => status.kind === 'building' || status.kind === 'blocked');
  if (!gated || !change || unfinished === undefined || change.superseded) return false;
  const state = await reader.configAt(project, unfinished.tree.base);
  if (state.kind !== 'valid' || !state.config.gate.supersedesPresubmit) return false;
  const place = { project, branch: change.baseRef };
  const { document } = await ports.documents.load(queueOf(place, state.config.gate));
  const branch = branchKeyOf(project.id, change.baseRef);
  return itemsOf(document).some(
    (item) => item.number === number && item.branch === branch && item.request.head === change.head,
  );
}
