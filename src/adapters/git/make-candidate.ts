import type { Sha } from '../../model/sha.ts';
import { toSha } from '../../model/sha.ts';
import type { CandidateOutcome, CandidateRequest } from '../../ports/landing.ts';
import type { MergeResult } from '../../ports/source.ts';
import { toMessage } from './candidate-message.ts';
import { changedFiles } from './changed-files.ts';
import { commitObject, laterOf, ourselvesAt, parseCommitText } from './commit-text.ts';
import { findMergeBase, findOnlyMergeBase } from './merge-base.ts';
import { type MergePlace, mergeOnto } from './merge-change.ts';
import { mergeTrees } from './merge-trees.ts';
import { rebaseCommits } from './rebase-commits.ts';
import { writeObject } from './write-object.ts';

type Made = Pick<Extract<CandidateOutcome, { kind: 'made' }>, 'commit' | 'tree'>;

/**
 * Both commits must be here. Starts no process of git where both sides changed different files, else one (for a rebase at
 * most one for each commit): histories and trees are read through the object reader, new objects are written directly.
 */
export async function makeCandidate(place: MergePlace, request: CandidateRequest): Promise<CandidateOutcome> {
  const { git, objects, clone, maxOutputBytes } = place;
  const { parent, head, method } = request;
  const only = await findOnlyMergeBase(objects, parent, head);
  const from = only ?? (await findMergeBase(git, objects, clone, parent, head));
  if (from === null) return { kind: 'conflict', paths: [] };
  if (from === head) return { kind: 'contained' };
  const outcome = method === 'rebase' ? await rebaseCommits(place, from, request) : await merge(place, only, request);
  if (outcome.kind !== 'made') return outcome;
  const { commit, tree } = outcome;
  const parentTree = await treeOf(place, parent);
  return { kind: 'made', commit, tree, changed: await changedFiles(objects, parentTree, tree, maxOutputBytes) };
}

export async function treeOf({ objects }: Pick<MergePlace, 'objects'>, commit: Sha): Promise<Sha> {
  return toSha((await objects.commit(commit)).tree);
}

/** `only`: their merge base, where there is but one. */
async function merge(place: MergePlace, only: Sha | null, request: CandidateRequest) {
  const { parent, head } = request;
  const merged = await mergeCommits(place, only, parent, head);
  if (merged.kind === 'conflict') return merged;
  if (merged.tree === (await treeOf(place, parent))) return { kind: 'contained' } as const;
  return { kind: 'made', ...(await commitMerged(place, request, merged.tree)) } as const;
}

async function mergeCommits(place: MergePlace, only: Sha | null, parent: Sha, head: Sha): Promise<MergeResult> {
  if (only === null) return mergeOnto(place.git, place.clone, parent, head);
  const [base, ours, theirs] = await Promise.all([only, parent, head].map((commit) => treeOf(place, commit)));
  const tree = base && ours && theirs ? await mergeTrees(place, base, ours, theirs) : null;
  return tree === null ? mergeOnto(place.git, place.clone, parent, head) : { kind: 'merged', tree };
}

async function commitMerged({ objects, clone }: MergePlace, request: CandidateRequest, tree: Sha): Promise<Made> {
  const { parent, head, method } = request;
  const [on, of] = await Promise.all([objects.commit(parent), objects.commit(head)]);
  const committedAt = laterOf(on.time, of.time);
  const ourselves = ourselvesAt(committedAt);
  const squashed = method === 'squash' ? parseCommitText(await objects.commitText(head)).author : null;
  const commit = commitObject({
    tree,
    parents: method === 'squash' ? [parent] : [parent, head],
    author: squashed ?? ourselves,
    committedAt,
    encoding: null,
    message: toMessage(request.message),
  });
  return { commit: await writeObject(clone, commit), tree };
}
