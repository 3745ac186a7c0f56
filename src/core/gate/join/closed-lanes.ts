import type { Join } from '../../../model/join.ts';
import type { QueueRecord } from '../../../model/queue.ts';

type Record = Pick<QueueRecord, 'join'>;

/** Jobs that were seen failing twice on the branch and not passing there since; empty: none. */
export function redJobsOf({ join }: Record): readonly string[] {
  if (join?.phase.kind === 'searching') return join.phase.jobs;
  return join?.phase.kind === 'red' ? join.phase.red.jobs : [];
}

/** While the branch is red nothing lands that was tested as another tree: that is how it may have come to be. */
export function areLanesClosed(record: Record): boolean {
  return redJobsOf(record).length > 0;
}

/** Begins the sentence that says that lanes are closed. */
export const closedBegins = 'Lanes are closed while the branch is red';

function sinceWhat({ phase }: Join): string {
  if (phase.kind !== 'red') return 'which landing brought that is being looked for';
  const { culprit } = phase.red;
  switch (culprit.kind) {
    case 'landing':
      return `it does since #${culprit.number} landed`;
    case 'push':
      return `it does since somebody pushed ${culprit.commit.slice(0, 12)}`;
    case 'before':
      return `it does on ${culprit.commit.slice(0, 12)} as well, the oldest commit that was looked at`;
    case 'unknown':
      return 'since when could not be found out';
  }
}

/** That, why, and until when, in one sentence; null: they are open, or there are none. */
export function describeClosed(record: Record): string | null {
  const { join } = record;
  const jobs = redJobsOf(record);
  if (join === undefined || jobs.length === 0) return null;
  const fails = `${jobs.join(', ')} ${jobs.length === 1 ? 'fails' : 'fail'} on ${join.commit.slice(0, 12)}`;
  const until = jobs.length === 1 ? 'that job is' : 'those jobs are';
  return `${closedBegins}: ${fails}, and ${sinceWhat(join)}. Each change is tested on all that landed, until ${until} seen to pass there.`;
}
