import { definitionDigest } from '../model/build.ts';
import type { Job } from '../model/job.ts';
import type { Sibling } from '../model/order.ts';
import type { Project } from '../model/project.ts';
import { branchKeyOf, type Parents } from '../model/queue.ts';
import type { Sha } from '../model/sha.ts';
import type { TrustClass } from '../model/trust.ts';
import { siblingKey, whyNotSibling } from './pod/siblings.ts';
import { inlineCode } from './text/safe-markdown.ts';

/** What was looked at of a project that images name as sibling. */
export interface SiblingFacts {
  readonly project: Project;
  /** Tips by branch, of the base branch's namesake and of the default branch; null: there is no such branch. */
  readonly tips: ReadonlyMap<string, Sha | null>;
}

/** By `siblingKey`; null: the App sees no project of that name; left out: it could not be looked at. */
export type KnownSiblings = ReadonlyMap<string, SiblingFacts | null>;

/** For whom siblings are decided. */
export interface SiblingQuestion {
  readonly own: Project;
  /** Of the change; the sibling's branch of that name is taken where there is one, else its default branch. */
  readonly baseRef: string;
  readonly trust: TrustClass;
  /** The ground of a candidate in the gate; null in presubmit. */
  readonly parents: Parents | null;
}

export type SiblingAnswer =
  | { readonly kind: 'decided'; readonly siblings: readonly Sibling[] }
  | { readonly kind: 'refused'; readonly because: string }
  /** Nothing can be said now: it is to be looked at again. */
  | { readonly kind: 'unread'; readonly because: string };

/** Names of the siblings of all of a job's images, each once. */
export function siblingNamesOf(job: Pick<Job, 'content'>): readonly string[] {
  const names = 'images' in job.content ? job.content.images.flatMap(({ siblings }) => siblings) : [];
  return [...new Map(names.map((name) => [siblingKey(name), name])).values()];
}

/**
 * The commits of a job's siblings, decided once and kept in its record: in the gate the one that the candidate's ground names
 * for that project, else the tip of its branch as it is known now.
 */
export function decideSiblings(
  job: Pick<Job, 'content'>,
  known: KnownSiblings,
  question: SiblingQuestion,
): SiblingAnswer {
  const siblings: Sibling[] = [];
  for (const name of siblingNamesOf(job)) {
    const answer = decideOne(name, known.get(siblingKey(name)), question);
    if (answer.kind !== 'decided') return answer;
    siblings.push(...answer.siblings);
  }
  return { kind: 'decided', siblings };
}

function decideOne(name: string, facts: SiblingFacts | null | undefined, question: SiblingQuestion): SiblingAnswer {
  const shown = inlineCode(name);
  if (facts === undefined) return { kind: 'unread', because: `the sibling ${shown} could not be looked at` };
  if (facts === null) {
    const cure = 'install it there, or correct the name in `siblings`';
    return { kind: 'refused', because: `the App sees no repository ${shown}, which is named as sibling: ${cure}` };
  }
  const { project, tips } = facts;
  const because = whyNotSibling(question.own, project, question.trust);
  if (because !== null) return { kind: 'refused', because };
  const sameBranch = tips.get(question.baseRef);
  if (sameBranch === undefined) return { kind: 'unread', because: `the branches of ${shown} could not be read` };
  const branch = sameBranch === null ? project.defaultBranch : question.baseRef;
  const commit = question.parents?.[branchKeyOf(project.id, branch)] ?? tips.get(branch);
  if (commit === undefined) return { kind: 'unread', because: `the branch ${branch} of ${shown} could not be read` };
  if (commit === null) return { kind: 'refused', because: `the sibling ${shown} has no branch ${inlineCode(branch)}` };
  return { kind: 'decided', siblings: [{ project, commit, ref: null }] };
}

/** What tells builds with these siblings from builds with other commits of them; null where there are none. */
export function siblingsDigest(siblings: readonly Sibling[] | undefined): string | null {
  if (siblings === undefined || siblings.length === 0) return null;
  return definitionDigest(siblings.map(({ project, commit }) => [project.id, commit]).sort());
}
