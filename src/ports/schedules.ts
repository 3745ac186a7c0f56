import type { SubjectId } from '../model/subject.ts';

/** When a subject is to be woken, again and again. */
export interface WakeTimes {
  /** Tells it from others of the subject. */
  readonly key: string;
  /** Five plain fields: numbers, lists and `*`. */
  readonly cron: string;
  readonly timeZone: string;
}

/** Wake-ups by the clock. Like `Signals`: losing one costs time only, as the record of the subject says what is due. */
export interface Schedules {
  /** Makes these the times of a subject, and takes away those it had before. */
  set(subject: SubjectId, times: readonly WakeTimes[]): Promise<void>;
}
