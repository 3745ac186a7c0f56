declare const brand: unique symbol;

/** What one pass decides about; one versioned document each (design.md §2). */
export type SubjectId = string & { readonly [brand]: 'subject' };

export type Subject = { readonly kind: 'presubmit'; readonly repository: number; readonly number: number };

export function subjectIdOf(subject: Subject): SubjectId {
  return `${subject.kind}/${subject.repository}/${subject.number}` as SubjectId;
}

/** Null for text that `subjectIdOf` cannot have made. */
export function parseSubjectId(text: string): Subject | null {
  const match = /^presubmit\/(\d{1,15})\/(\d{1,10})$/.exec(text);
  return match ? { kind: 'presubmit', repository: Number(match[1]), number: Number(match[2]) } : null;
}
