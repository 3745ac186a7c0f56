import type { MadeCandidate, QueueRecord } from '../../../src/model/queue.ts';
import type { Watched } from '../ground-truth.ts';
import { checkOpen } from './check-join.ts';

/** Nothing is known of it yet: no job that counts has failed, and one has not ended. */
function isUndecided({ jobs, broken, spent }: MadeCandidate): boolean {
  if (spent || broken !== null) return false;
  if (jobs === null) return true;
  const voting = jobs.filter(({ required }) => required).map(({ status }) => status);
  const hasFailed = voting.some(
    ({ kind, ...rest }) => kind === 'ended' && 'result' in rest && rest.result !== 'success',
  );
  return !hasFailed && voting.some(({ kind }) => kind === 'blocked' || kind === 'building');
}

/** I3 (scheduling.md §4): best first, no more candidates are tested at once than there are slots, whoever of them is held meanwhile. */
export function checkSlots({ sim }: Pick<Watched, 'sim'>, subject: string, document: unknown): void {
  const { bestFirst } = sim.knobs.queues ?? {};
  // Null where nothing is to be remembered of a subject any more.
  const record = (document ?? {}) as Partial<QueueRecord>;
  const { schedule, items } = record;
  if (!bestFirst || schedule === undefined || items === undefined) return;
  checkOpen({ sim }, subject, record);
  const made = items.flatMap(({ candidate, hedges = [] }) =>
    candidate?.kind === 'made' ? [candidate, ...hedges] : hedges,
  );
  for (const { guess } of made) if (guess?.heads) sim.note(`tested: ${guess.heads.length + 1} by one build`);
  const tested = made.filter(isUndecided).length;
  if (tested > bestFirst.slots)
    sim.violate('I3', `${subject}: ${tested} are tested at once in ${bestFirst.slots} slots`);
  else if (tested === bestFirst.slots) sim.note('slots: all are taken');
}
