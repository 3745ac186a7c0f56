declare const brand: unique symbol;

/** What one pass decides about; one versioned document each (design.md §2). */
export type SubjectId = string & { readonly [brand]: 'subject' };

export type PresubmitSubject = { readonly kind: 'presubmit'; readonly repository: number; readonly number: number };
/** One project's queue of one base branch. */
export type QueueSubject = { readonly kind: 'queue'; readonly repository: number; readonly branch: string };
/** One queue that projects of an installation share by its name, for branches of one name (gate.md §2). */
export type SharedQueueSubject = {
  readonly kind: 'shared-queue';
  readonly installation: number;
  readonly name: string;
  readonly branch: string;
};
/** The promote line of one project's branch: it owns that branch's tags. */
export type PromoteSubject = { readonly kind: 'promote'; readonly repository: number; readonly branch: string };
/** A branch that is pushed to: what is built of it without the gate. */
export type PushSubject = { readonly kind: 'push'; readonly repository: number; readonly branch: string };
/** One release of a project, whichever branches, tags and people ask for it (versions.md §6.2). */
export type ReleaseSubject = { readonly kind: 'release'; readonly repository: number; readonly name: string };
/** The git tags of a project: what each that is set, or found, asks for. */
export type TagsSubject = { readonly kind: 'tags'; readonly repository: number };
/** What a branch runs by the clock, as its file says; the default branch alone. */
export type PeriodicSubject = { readonly kind: 'periodic'; readonly repository: number; readonly branch: string };
export type Subject =
  | PresubmitSubject
  | QueueSubject
  | SharedQueueSubject
  | PromoteSubject
  | PushSubject
  | ReleaseSubject
  | TagsSubject
  | PeriodicSubject;

export function subjectIdOf(subject: Subject): SubjectId {
  if (subject.kind === 'shared-queue') {
    const { kind, installation, name, branch } = subject;
    return [kind, installation, encodeURIComponent(name), encodeURIComponent(branch)].join('/') as SubjectId;
  }
  return `${subject.kind}/${subject.repository}/${restOf(subject)}` as SubjectId;
}

function restOf(subject: Exclude<Subject, SharedQueueSubject>): string {
  if (subject.kind === 'presubmit') return String(subject.number);
  if (subject.kind === 'tags') return 'all';
  return encodeURIComponent(subject.kind === 'release' ? subject.name : subject.branch);
}

/** Null for text that `subjectIdOf` cannot have made. */
export function parseSubjectId(text: string): Subject | null {
  const shared = /^shared-queue\/(\d{1,15})\/([\w.!~*'()%-]{1,300})\/([\w.!~*'()%-]{1,800})$/.exec(text);
  if (shared) return sharedSubject(Number(shared[1]), shared[2] ?? '', shared[3] ?? '');
  const match = /^(presubmit|queue|promote|push|release|tags|periodic)\/(\d{1,15})\/([\w.!~*'()%-]{1,800})$/.exec(text);
  if (!match) return null;
  const [, kind, repository, rest = ''] = match;
  if (kind === 'queue' || kind === 'promote' || kind === 'push' || kind === 'periodic')
    return branchSubject(kind, Number(repository), rest);
  if (kind === 'tags') return rest === 'all' ? { kind, repository: Number(repository) } : null;
  if (kind === 'release') return releaseSubject(Number(repository), rest);
  return /^\d{1,10}$/.test(rest) ? { kind: 'presubmit', repository: Number(repository), number: Number(rest) } : null;
}

function decoded(text: string): string | null {
  try {
    const plain = decodeURIComponent(text);
    return encodeURIComponent(plain) === text ? plain : null;
  } catch {
    // Not an encoding of anything.
    return null;
  }
}

function branchSubject(
  kind: 'queue' | 'promote' | 'push' | 'periodic',
  repository: number,
  encoded: string,
): QueueSubject | PromoteSubject | PushSubject | PeriodicSubject | null {
  const branch = decoded(encoded);
  return branch === null ? null : { kind, repository, branch };
}

function releaseSubject(repository: number, encoded: string): ReleaseSubject | null {
  const name = decoded(encoded);
  return name === null ? null : { kind: 'release', repository, name };
}

function sharedSubject(installation: number, encodedName: string, encodedBranch: string): SharedQueueSubject | null {
  const [name, branch] = [decoded(encodedName), decoded(encodedBranch)];
  return name === null || branch === null ? null : { kind: 'shared-queue', installation, name, branch };
}

/** True for what holds a `QueueRecord`. */
export function isQueue(subject: Subject | null): subject is QueueSubject | SharedQueueSubject {
  return subject?.kind === 'queue' || subject?.kind === 'shared-queue';
}

/** The same for one that must be a pull request's. */
export function parsePresubmitId(text: string): PresubmitSubject | null {
  const subject = parseSubjectId(text);
  return subject?.kind === 'presubmit' ? subject : null;
}
