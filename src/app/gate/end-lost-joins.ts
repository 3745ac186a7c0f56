import { joinCheckId, joinCheckName, joinReportIds } from '../../core/gate/join/report-join.ts';
import { joinedSince } from '../../core/push/lost-checks.ts';
import { isFinal, type ObservedCheckRun } from '../../model/check-run.ts';
import type { Join } from '../../model/join.ts';
import type { QueueRecord } from '../../model/queue.ts';
import type { Sha } from '../../model/sha.ts';
import type { SubjectId } from '../../model/subject.ts';
import type { AppContext } from '../context.ts';

/** So many commits beneath are looked at for what was begun there and lost. */
const mostLooks = 10;

function isOfJoin(id: SubjectId, commit: Sha, name: string, { externalId, name: said }: ObservedCheckRun): boolean {
  return said === name && externalId.startsWith(joinCheckId(id, { commit, turn: 1 }).replace(/1$/, ''));
}

/**
 * Where a join begins, those have their end that stand open beneath it: nobody remembers them, as an earlier state of ours began them
 * and was lost or put back (design.md §5). What cannot be read now is looked for when the next one begins.
 */
export async function endLostJoins(
  { ports }: Pick<AppContext, 'ports'>,
  id: SubjectId,
  before: Join | undefined,
  { join, branches }: Pick<QueueRecord, 'join' | 'branches'>,
): Promise<void> {
  const place = branches.find(({ key }) => key === join?.branch);
  if (join === undefined || place === undefined) return;
  if (before?.commit === join.commit && before.turn === join.turn) return;
  const { forge, landing, reporter, clock, log } = ports;
  const { project, branch } = place;
  const own = joinReportIds(id, join);
  try {
    for (const commit of [join.commit, ...(await landing.firstParents(project, join.commit, mostLooks))])
      for (const run of await forge.checkRuns(project, commit))
        if (!isFinal(run) && isOfJoin(id, commit, joinCheckName(branch), run) && !own.includes(run.externalId))
          await reporter.want(project, joinedSince(run, join.commit, clock.now()));
  } catch (err) {
    log.warn({ subject: id, commit: join.commit, err }, 'joins that were lost could not be looked for');
  }
}
