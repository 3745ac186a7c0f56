import type { Sha } from './sha.ts';

declare const brand: unique symbol;

/** Something of a repository that events speak of and that a subject may wait to hear of. */
export type Topic = string & { readonly [brand]: 'topic' };

/** What is reported on one commit. */
export function headTopic(repository: number, head: Sha): Topic {
  return `${repository}/${head}` as Topic;
}

/** Where one branch is. */
export function branchTopic(repository: number, branch: string): Topic {
  return `${repository}/refs/heads/${branch}` as Topic;
}
