declare const brand: unique symbol;

/** What one pass decides about; one versioned document each (design.md §2). */
export type SubjectId = string & { readonly [brand]: 'subject' };

export type PresubmitSubject = { readonly kind: 'presubmit'; readonly repository: number; readonly number: number };
/** One project's queue of one base branch. */
export type QueueSubject = { readonly kind: 'queue'; readonly repository: number; readonly branch: string };
export type Subject = PresubmitSubject | QueueSubject;

export function subjectIdOf(subject: Subject): SubjectId {
  const rest = subject.kind === 'queue' ? encodeURIComponent(subject.branch) : subject.number;
  return `${subject.kind}/${subject.repository}/${rest}` as SubjectId;
}

/** Null for text that `subjectIdOf` cannot have made. */
export function parseSubjectId(text: string): Subject | null {
  const match = /^(presubmit|queue)\/(\d{1,15})\/([\w.!~*'()%-]{1,800})$/.exec(text);
  if (!match) return null;
  const [, kind, repository, rest = ''] = match;
  if (kind === 'queue') return queueSubject(Number(repository), rest);
  return /^\d{1,10}$/.test(rest) ? { kind: 'presubmit', repository: Number(repository), number: Number(rest) } : null;
}

function queueSubject(repository: number, encoded: string): QueueSubject | null {
  try {
    const branch = decodeURIComponent(encoded);
    return encodeURIComponent(branch) === encoded ? { kind: 'queue', repository, branch } : null;
  } catch {
    // Not an encoding of anything.
    return null;
  }
}

/** The same for one that must be a pull request's. */
export function parsePresubmitId(text: string): PresubmitSubject | null {
  const subject = parseSubjectId(text);
  return subject?.kind === 'presubmit' ? subject : null;
}
