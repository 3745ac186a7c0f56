import { definitionDigest } from '../../model/build.ts';
import type { Effect } from '../../model/effect.ts';
import type { Person } from '../../model/person.ts';
import type { Answering, ChangeRecord, JobRecord, PresubmitRecord, RetiredRequest } from '../../model/presubmit.ts';
import { cutText } from '../text/safe-markdown.ts';

/** A plan in the making: what the record becomes, what is asked of the world, and why. Lives within one call of `planPresubmit`. */
export interface Draft {
  record: PresubmitRecord;
  readonly effects: Effect[];
  readonly reasons: string[];
}

export function setChange(draft: Draft, change: ChangeRecord | null): void {
  draft.record = { ...draft.record, change };
}

export function jobRecordOf(draft: Draft, name: string): JobRecord | null {
  return draft.record.change?.jobs.find((job) => job.job === name) ?? null;
}

/** Puts a job's record in, replacing the one of that name and keeping the order of the first writing. */
export function putJob(draft: Draft, job: JobRecord): void {
  const change = draft.record.change;
  if (!change) throw new Error(`no change is known on which job ${job.job} could be recorded`);
  const there = change.jobs.some((other) => other.job === job.job);
  const jobs = there ? change.jobs.map((other) => (other.job === job.job ? job : other)) : [...change.jobs, job];
  setChange(draft, { ...change, jobs });
}

/** The definition of a record that only keeps a number: nothing was decided for the job yet. */
export const unjudged = '';

export function isJudged(job: JobRecord): boolean {
  return job.definition !== unjudged;
}

/** False for a job of which nothing is recorded. */
export function isUnfinished(job: JobRecord | null): boolean {
  return job?.status.kind === 'building' || job?.status.kind === 'blocked';
}

/** Takes one job's unfinished request out of what counts; it is stopped and concluded with the reason. */
export function retireJob(draft: Draft, job: JobRecord, because: string): void {
  const change = draft.record.change;
  if (!change || !isUnfinished(job)) return;
  const retired: RetiredRequest = { head: change.head, entry: change.baseRef, job, because };
  draft.record = { ...draft.record, retired: [...draft.record.retired, retired] };
  draft.reasons.push(`${job.job}: stopped, ${because}`);
}

/**
 * Keeps a request that has ended, or was skipped, until its check run is known to say so: whoever was to tell it may have died. Nothing else is
 * said of it than before.
 */
export function retireUntold(draft: Draft, job: JobRecord): void {
  const change = draft.record.change;
  if (!change || isUnfinished(job) || job.readBack) return;
  const retired: RetiredRequest = { head: change.head, entry: change.baseRef, job, because: null };
  draft.record = { ...draft.record, retired: [...draft.record.retired, retired] };
}

/**
 * Stops everything that is unfinished on the present head; it is told by what is retired, so the job itself is not told again;
 * what has ended keeps its result.
 */
export function retireUnfinished(draft: Draft, because: string): void {
  const change = draft.record.change;
  if (!change) return;
  for (const job of change.jobs) retireJob(draft, job, because);
  const jobs = change.jobs.map(
    (job): JobRecord =>
      isUnfinished(job)
        ? { ...job, because, readBack: true, status: { kind: 'ended', result: 'aborted', builds: [] } }
        : job,
  );
  setChange(draft, { ...change, planned: false, jobs });
}

/** Owes somebody an answer; it is given after the record was saved, and again if that could not be seen. */
export function owe(draft: Draft, answering: Answering): void {
  draft.record = {
    ...draft.record,
    outbox: [...draft.record.outbox.filter((other) => other.id !== answering.id), answering],
  };
}

/**
 * Owes somebody words. There is one reply for each person, edited in place: what was not yet given is kept before it. The id
 * changes with the text, so that a shorter one that was just given does not count as this one.
 */
export function oweReply(draft: Draft, to: Person, text: string): void {
  const isOurs = ({ effect }: Answering): boolean => effect.kind === 'reply' && effect.to.id === to.id;
  const earlier = draft.record.outbox.find(isOurs)?.effect;
  const before = earlier?.kind === 'reply' ? earlier.text : '';
  const whole = cutText(before === '' || before.includes(text) ? before || text : `${before}\n\n${text}`);
  draft.record = { ...draft.record, outbox: draft.record.outbox.filter((other) => !isOurs(other)) };
  owe(draft, { id: `reply/${to.id}/${definitionDigest(whole)}`, effect: { kind: 'reply', to, text: whole } });
}
