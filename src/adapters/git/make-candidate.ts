import type { Sha } from '../../model/sha.ts';
import { toSha } from '../../model/sha.ts';
import type { CandidateOutcome, CandidateRequest } from '../../ports/landing.ts';
import { toMessage } from './candidate-message.ts';
import { changedFiles } from './changed-files.ts';
import { commitObject, laterOf, ourselvesAt, parseCommitText } from './commit-text.ts';
import { findMergeBase } from './merge-base.ts';
import { type MergePlace, mergeFrom } from './merge-change.ts';
import { rebaseCommits } from './rebase-commits.ts';
import { writeObject } from './write-object.ts';

type Made = Pick<Extract<CandidateOutcome, { kind: 'made' }>, 'commit' | 'tree'>;

/**
 * Both commits must be here. Starts no process of git where nothing happened on the parent since they parted, else one
 * (for a rebase at most one for each commit): histories and trees are read through the object reader, commits are
 * written directly.
 */
export async function makeCandidate(place: MergePlace, request: CandidateRequest): Promise<CandidateOutcome> {
  const { objects, maxOutputBytes } = place;
  const from = await findMergeBase(place.git, objects, place.clone, request.parent, request.head);
  if (from === null) return { kind: 'conflict', paths: [] };
  if (from === request.head) return { kind: 'contained' };
  const outcome =
    request.method === 'rebase' ? await rebaseCommits(place, from, request) : await merge(place, from, request);
  if (outcome.kind !== 'made') return outcome;
  const { commit, tree } = outcome;
  const parentTree = await treeOf(place, request.parent);
  return { kind: 'made', commit, tree, changed: await changedFiles(objects, parentTree, tree, maxOutputBytes) };
}

export async function treeOf({ objects }: Pick<MergePlace, 'objects'>, commit: Sha): Promise<Sha> {
  return toSha((await objects.commit(commit)).tree);
}

async function merge(place: MergePlace, from: Sha, request: CandidateRequest) {
  const { parent, head } = request;
  const merged = await mergeFrom(place, from, parent, head);
  if (merged.kind === 'conflict') return merged;
  if (merged.tree === (await treeOf(place, parent))) return { kind: 'contained' } as const;
  return { kind: 'made', ...(await commitMerged(place, request, merged.tree)) } as const;
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
