import type { PeriodicRecord } from './model/periodic.ts';
import type { PresubmitRecord } from './model/presubmit.ts';
import { fullName } from './model/project.ts';
import type { PushRecord } from './model/push.ts';
import type { QueueRecord } from './model/queue.ts';
import type { ReleaseRun } from './model/release-run.ts';
import { isQueue, parseSubjectId, type SubjectId } from './model/subject.ts';
import type { DocumentStore } from './ports/store.ts';

export interface KnownQueue {
  readonly subject: SubjectId;
  readonly record: QueueRecord;
  /** Of all projects that share it, joined by `+`, which no name holds. */
  readonly repository: string;
  readonly branch: string;
}

export interface KnownChange {
  readonly subject: SubjectId;
  readonly record: PresubmitRecord;
  readonly repository: string;
}

/** Every document that a server keeps; those of another version are left out. */
export interface Known {
  /** By repository and branch. */
  readonly queues: readonly KnownQueue[];
  readonly changes: readonly KnownChange[];
  /** Branches that were pushed to. */
  readonly pushed: readonly PushRecord[];
  /** What branches run by the clock. */
  readonly periodic: readonly PeriodicRecord[];
  readonly releases: readonly ReleaseRun[];
}

function isOfThisVersion(document: unknown): boolean {
  return typeof document === 'object' && document !== null && 'schema' in document && document.schema === 1;
}

function byText(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

/** A branch's own queue that holds nothing, as it shares another one now. */
function isShadowed({ subject, record }: KnownQueue, queues: readonly KnownQueue[]): boolean {
  if (record.items.length + record.asked.length > 0 || parseSubjectId(subject)?.kind !== 'queue') return false;
  const key = record.branches[0]?.key;
  return queues.some(
    (other) => other.subject !== subject && other.record.branches.some((branch) => branch.key === key),
  );
}

function toQueue(subject: SubjectId, record: QueueRecord): readonly KnownQueue[] {
  const [first] = record.branches;
  const repository = record.branches.map(({ project }) => fullName(project)).join('+');
  return first ? [{ subject, record, repository, branch: first.branch }] : [];
}

function ordered(queues: readonly KnownQueue[]): readonly KnownQueue[] {
  return queues
    .filter((queue) => !isShadowed(queue, queues))
    .sort((one, other) => byText(one.repository, other.repository) || byText(one.branch, other.branch));
}

export async function readKnown(documents: Pick<DocumentStore, 'subjects' | 'load'>): Promise<Known> {
  const queues: KnownQueue[] = [];
  const changes: KnownChange[] = [];
  const pushed: PushRecord[] = [];
  const releases: ReleaseRun[] = [];
  const periodic: PeriodicRecord[] = [];
  for (const subject of await documents.subjects()) {
    const { document } = await documents.load(subject);
    const parsed = parseSubjectId(subject);
    if (parsed === null || !isOfThisVersion(document)) continue;
    if (parsed.kind === 'presubmit') {
      const record = document as PresubmitRecord;
      changes.push({ subject, record, repository: fullName(record.project) });
    } else if (isQueue(parsed)) queues.push(...toQueue(subject, document as QueueRecord));
    else if (parsed.kind === 'release') releases.push(document as ReleaseRun);
    else if (parsed.kind === 'push') pushed.push(document as PushRecord);
    else if (parsed.kind === 'periodic') periodic.push(document as PeriodicRecord);
  }
  return { queues: ordered(queues), changes, pushed, periodic, releases };
}

/** The queues alone, and of each repository the newest change that is known, in which is what was last read of it. */
export async function readQueues(
  documents: Pick<DocumentStore, 'subjects' | 'load'>,
): Promise<{ readonly queues: readonly KnownQueue[]; readonly newest: ReadonlyMap<number, PresubmitRecord> }> {
  const queues: KnownQueue[] = [];
  const numbers = new Map<number, { readonly subject: SubjectId; readonly number: number }>();
  for (const subject of await documents.subjects()) {
    const parsed = parseSubjectId(subject);
    if (parsed?.kind === 'presubmit') {
      const { repository, number } = parsed;
      if (number > (numbers.get(repository)?.number ?? 0)) numbers.set(repository, { subject, number });
    } else if (isQueue(parsed)) {
      const { document } = await documents.load(subject);
      if (isOfThisVersion(document)) queues.push(...toQueue(subject, document as QueueRecord));
    }
  }
  const newest = new Map<number, PresubmitRecord>();
  for (const [repository, { subject }] of numbers) {
    const { document } = await documents.load(subject);
    if (isOfThisVersion(document)) newest.set(repository, document as PresubmitRecord);
  }
  return { queues: ordered(queues), newest };
}

/** Whether a queue or change is of this repository; names are compared as the forge does, without regard to case. */
export function isOfRepository({ repository }: { readonly repository: string }, wanted: string): boolean {
  return repository.toLowerCase().split('+').includes(wanted.toLowerCase());
}
