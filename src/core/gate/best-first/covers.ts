import type { ChainLink } from '../../../model/best-first.ts';
import type { JobRecord } from '../../../model/presubmit.ts';
import type { MadeCandidate, QueueItem } from '../../../model/queue.ts';
import { knownAs } from '../made-of.ts';
import type { UnitId } from '../schedule/unit.ts';

/** What is inside of a candidate and has not landed, as it was made there; null: its item knows of no such commit. */
export function insideAs(item: QueueItem, { commit }: ChainLink): MadeCandidate | null {
  return knownAs(item).find((made) => made.commit === commit) ?? null;
}

function isSelected({ status }: JobRecord): boolean {
  return status.kind !== 'skipped' || status.definite !== true;
}

/** Whether this job of the tested tree stands for that one of what is inside: the same job, at least of the same images. */
function standsFor(tested: JobRecord, own: JobRecord): boolean {
  if (tested.job !== own.job || tested.definition !== own.definition) return false;
  const { images } = tested;
  if (images !== undefined && !own.images?.every((name) => images.includes(name))) return false;
  const { status } = tested;
  return status.kind === 'ended' && (status.result === 'success' || !own.required);
}

/**
 * True when every job and image that was selected for what is inside passed on the tested tree (gate.md §6 Prefix landing). What is
 * not decided of it yet may be more than ran there.
 */
export function isCovered(inside: Pick<MadeCandidate, 'jobs'>, tested: Pick<MadeCandidate, 'jobs'>): boolean {
  if (inside.jobs === null) return false;
  const ran = tested.jobs ?? [];
  return inside.jobs.filter(isSelected).every((own) => ran.some((job) => standsFor(job, own)));
}

/** Of a candidate that passed, whom its verdict speaks of besides its own change; `itemOf`: undefined where it is not in the queue. */
export function coveredBy(
  candidate: MadeCandidate,
  itemOf: (unit: UnitId) => QueueItem | undefined,
): readonly UnitId[] {
  const { under = [], alone } = candidate.guess ?? {};
  if (alone) return [];
  return under.flatMap((link) => {
    const item = itemOf(link.unit);
    const inside = item && insideAs(item, link);
    return inside && inside.method === candidate.method && isCovered(inside, candidate) ? [link.unit] : [];
  });
}
