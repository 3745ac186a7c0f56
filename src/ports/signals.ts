import type { SubjectId } from '../model/subject.ts';

/** Wake-ups: at least one pass follows each; several may become one. Losing one costs time only. */
export interface Signals {
  wake(subject: SubjectId): Promise<void>;
  /** Calls `pass` for each signalled subject, never twice at once for the same one. Returns how to end it, after what runs. */
  listen(pass: (subject: SubjectId) => Promise<void>, concurrency: number): () => Promise<void>;
}
