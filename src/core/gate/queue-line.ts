import type { Build } from '../../model/build.ts';
import type { LineEntry } from '../../model/line.ts';
import type { JobRecord } from '../../model/presubmit.ts';
import type { MadeCandidate, QueueItem, QueueRecord } from '../../model/queue.ts';
import { slotOfBuild } from '../line/slot.ts';
import { branchOf, type GateDraft } from './draft.ts';
import type { QueueFacts } from './facts.ts';
import { ranBeside } from './join/ran-beside.ts';
import { jobsOf, madeOf } from './made-of.ts';

function candidatesIn(
  record: QueueRecord,
): readonly { candidate: MadeCandidate; number: number; repository: number; author: number; lane: string }[] {
  const queued = record.items.flatMap((item) => {
    const { number, branch, view, lane } = item;
    const repository = branchOf(record, branch).project.id;
    return madeOf(item).map((candidate) => ({ candidate, number, repository, author: view.pull.author.id, lane }));
  });
  const stopping = record.stopping.map(({ candidate, number, branch, author = 0 }) => {
    const repository = branchOf(record, branch).project.id;
    return { candidate, number, repository, author, lane: 'normal' };
  });
  const probes = ranBeside(record).map(({ candidate, number, branch, isJoin }) => {
    const repository = branchOf(record, branch).project.id;
    return { candidate, number, repository, author: 0, lane: isJoin ? 'join' : 'normal' };
  });
  return [...queued, ...stopping, ...probes];
}

/** Behind all that people wait for, presubmits too: a join. */
const priorities: Readonly<Record<string, number>> = { hotfix: 10, normal: 50, bulk: 90, join: 200 };

function unfinished(jobs: readonly JobRecord[]): { job: JobRecord; build: Build }[] {
  return jobs.flatMap((job) =>
    'builds' in job.status
      ? job.status.builds.filter(({ state }) => state.phase !== 'finished').map((build) => ({ job, build }))
      : [],
  );
}

/** Where the queue's builds stand in the wanted line: before presubmits, as somebody waits to land. */
export function queueLine(record: QueueRecord): Omit<LineEntry, 'subject'>[] {
  return candidatesIn(record).flatMap(({ candidate, repository, author, lane }) =>
    unfinished(jobsOf(candidate)).map(({ job, build }) => ({
      build: build.id,
      ...slotOfBuild(job, build),
      priority: priorities[lane] ?? 50,
      since: 'since' in build.state ? build.state.since : 0,
      repository,
      author,
      state: build.state.phase === 'wanted' ? ('waiting' as const) : ('active' as const),
    })),
  );
}

/** Requests that were lost with Redis come in one by one, and their builds with them. */
const graceMs = 3 * 60_000;

/**
 * What is tested of it is still to be said. One that is held, waits for another or for what cannot be read (a ledger that
 * nobody can trust) may go without for long, and takes its pods up anew.
 */
function isUndecided(item: QueueItem, now: number): boolean {
  const { candidate, parked, enteredAt } = item;
  if (parked !== null) return false;
  if (candidate === null) return now - enteredAt < graceMs;
  if (candidate.kind === 'unmade') return true;
  return madeOf(item).some(({ jobs, broken, madeAt = 0 }) => {
    const isOpen = jobs === null && broken === null;
    return isOpen && now - Math.max(enteredAt, madeAt) < graceMs;
  });
}

/** Pods of this queue that no Build of the record names: what is left of earlier lives is removed, once it is known that it is. */
export function removeStrays(draft: GateDraft, facts: QueueFacts): void {
  const { begunAt = 0, items } = draft.record;
  if (items.some((item) => isUndecided(item, facts.now)) || facts.now - begunAt < graceMs) return;
  const known = new Set<string>(
    candidatesIn(draft.record).flatMap(({ candidate }) =>
      jobsOf(candidate).flatMap(({ status }) => ('builds' in status ? status.builds.map(({ id }) => id) : [])),
    ),
  );
  const [branch] = draft.record.branches;
  for (const pod of facts.pods ?? []) {
    if (!branch || pod.annotations['sluice.dev/subject'] !== facts.subject || known.has(pod.name)) continue;
    const effect = { kind: 'remove', build: pod.name as Build['id'] } as const;
    draft.effects.push({ kind: 'on', project: branch.project, number: 0, effect });
  }
}
