import { type Sha, toSha } from '../../model/sha.ts';
import type { CandidateRequest } from '../../ports/landing.ts';
import type { MergeResult } from '../../ports/source.ts';
import { withTrailers } from './candidate-message.ts';
import { commitObject, laterOf, ourselvesAt, parseCommitText } from './commit-text.ts';
import { type MergePlace, mergeOnto } from './merge-change.ts';
import { mergeTrees } from './merge-trees.ts';
import { writeObject } from './write-object.ts';

/** More than any pull request has that people read commit by commit. */
const maxCommits = 500;

interface Pick {
  readonly commit: Sha;
  readonly on: Sha;
}

interface Picked {
  readonly commit: Sha;
  readonly tree: Sha;
}

const cure =
  'Rebase the branch by hand so that its commits are few and in one line, or have the project land by squash or merge';

type Refusal = { readonly kind: 'impossible'; readonly because: string };
type RebaseOutcome =
  | { readonly kind: 'made'; readonly commit: Sha; readonly tree: Sha }
  | { readonly kind: 'conflict'; readonly paths: readonly string[] }
  | { readonly kind: 'contained' }
  | Refusal;

/** Puts the commits between `from`, the merge base, and the head onto the parent, oldest first, without those that are empty there. */
export async function rebaseCommits(place: MergePlace, from: Sha, request: CandidateRequest): Promise<RebaseOutcome> {
  const picks = await commitsSince(place, from, request.head);
  if ('kind' in picks) return picks;
  const start = toSha((await place.objects.commit(request.parent)).tree);
  const picked: Picked[] = [];
  for (const pick of picks) {
    const onto = picked.at(-1)?.tree ?? start;
    const merged = await pickOnto(place, pick, onto);
    if (merged.kind === 'conflict') return merged;
    if (merged.tree !== onto) picked.push({ commit: pick.commit, tree: merged.tree });
  }
  const last = picked.at(-1);
  if (last === undefined || last.tree === start) return { kind: 'contained' };
  return { kind: 'made', commit: await writePicked(place, picked, request), tree: last.tree };
}

/** Oldest first. Without a merge among them the way to the merge base is one line. */
async function commitsSince({ objects }: MergePlace, from: Sha, head: Sha): Promise<readonly Pick[] | Refusal> {
  const picks: Pick[] = [];
  for (let commit = head; commit !== from; ) {
    const { parents } = await objects.commit(commit);
    const [on, second] = parents;
    if (on === undefined || second !== undefined)
      return { kind: 'impossible', because: `${commit} is a merge commit, which cannot be rebased. ${cure}` };
    if (picks.length === maxCommits)
      return { kind: 'impossible', because: `it has more than ${maxCommits} commits, which are not rebased. ${cure}` };
    picks.unshift({ commit, on: toSha(on) });
    commit = toSha(on);
  }
  return picks;
}

/** What a commit did to its parent, done to a tree. */
async function pickOnto(place: MergePlace, { commit, on }: Pick, onto: Sha): Promise<MergeResult> {
  const { tree, time } = await place.objects.commit(commit);
  const before = (await place.objects.commit(on)).tree;
  const simple = await mergeTrees(place, toSha(before), onto, toSha(tree));
  if (simple !== null) return { kind: 'merged', tree: simple };
  const committedAt = laterOf(time, 0);
  const author = ourselvesAt(committedAt);
  // A merge with a commit of that tree on the same parent is what a cherry-pick does.
  const stand = commitObject({ tree: onto, parents: [on], author, committedAt, encoding: null, message: noMessage });
  return mergeOnto(place.git, place.clone, await writeObject(place.clone, stand), commit);
}

const noMessage = Buffer.alloc(0);

async function writePicked({ objects, clone }: MergePlace, picked: readonly Picked[], request: CandidateRequest) {
  let on = request.parent;
  let { time } = await objects.commit(on);
  for (const [index, { commit, tree }] of picked.entries()) {
    const { author, encoding, message } = parseCommitText(await objects.commitText(commit));
    time = laterOf(time, (await objects.commit(commit)).time);
    const rebased = commitObject({
      tree,
      parents: [on],
      author: author ?? ourselvesAt(time),
      committedAt: time,
      encoding,
      message: withTrailers(message, request.trailers, index === picked.length - 1),
    });
    on = await writeObject(clone, rebased);
  }
  return on;
}
