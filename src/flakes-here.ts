import type { FlakesView, FlakesWish } from './cli/queue-view.ts';
import { flakesOf } from './core/gate/flakes.ts';
import type { KnownQueue } from './known-subjects.ts';
import { withLedgers } from './ledgers-of-queues.ts';
import type { Machine } from './machine.ts';
import { fullName } from './model/project.ts';
import type { Landing } from './ports/landing.ts';
import { usualData } from './server-redis.ts';

/** The flaky jobs of these queues, the worst first. A ledger that cannot be had is named, never left out in silence. */
export async function flakesIn(
  queues: readonly KnownQueue[],
  since: number | null,
  read: Landing['read'],
): Promise<FlakesView> {
  const jobs: FlakesView['jobs'][number][] = [];
  const unread: FlakesView['unread'][number][] = [];
  for (const { project, branch } of queues.flatMap(({ record }) => record.branches)) {
    const place = { repository: fullName(project), branch };
    try {
      const { ledger } = await read(project, branch);
      if (ledger.kind === 'broken') unread.push({ ...place, because: `it cannot be trusted: ${ledger.because}` });
      else jobs.push(...flakesOf(ledger.entries, since).map((job) => ({ ...place, ...job })));
    } catch (cause) {
      unread.push({ ...place, because: cause instanceof Error ? cause.message : String(cause) });
    }
  }
  return { jobs: jobs.sort((one, other) => other.rate - one.rate), unread };
}

/** The same of a server's queues, with the ledger key that is kept here. Throws a usage error where no queue is meant. */
export async function flakesHere(wish: FlakesWish, machine: Machine, data = usualData): Promise<FlakesView> {
  return withLedgers(wish, machine, data, (queues, _documents, read) => flakesIn(queues, wish.since, read));
}
