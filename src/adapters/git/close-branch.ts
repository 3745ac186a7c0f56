import type { Sha } from '../../model/sha.ts';
import type { CloseOutcome } from '../../ports/landing.ts';
import { demandCommit } from './bring-commit.ts';
import type { Clone } from './clones.ts';
import { type Remote, readRemoteRefs } from './fetch-commits.ts';
import { judgeLanding } from './judge-landing.ts';
import { pushRefs } from './push-refs.ts';
import { branchRef } from './read-branch.ts';

/** Takes a branch away and keeps its commit under another ref, in one atomic push that names where both are; see `Landing.close`. */
export async function closeBranch(
  clone: Clone,
  remote: Remote,
  branch: string,
  at: Sha,
  kept: string,
): Promise<CloseOutcome> {
  const ref = branchRef(branch);
  const there = await readRemoteRefs(clone.git, clone.folder, remote, [ref, kept]);
  const [tip, before] = [there.get(ref), there.get(kept)];
  if (tip === undefined)
    return before === at ? { kind: 'closed' } : { kind: 'refused', because: 'somebody took it away' };
  if (tip !== at) return { kind: 'refused', because: 'it was pushed to since' };
  if (before !== undefined)
    return { kind: 'refused', because: `it was closed before (${kept}), and somebody brought it back` };
  await demandCommit(clone, at);
  const options = ['--atomic', `--force-with-lease=${ref}:${at}`, `--force-with-lease=${kept}:`];
  const pushed = await pushRefs(clone.git, clone.folder, remote, options, [`${at}:${kept}`, `:${ref}`]);
  const outcome = judgeLanding(pushed, [ref, kept], at);
  if (outcome.kind === 'landed') return { kind: 'closed' };
  if (outcome.kind === 'unknown') throw new Error(`cannot close the branch ${branch}: ${outcome.because}`);
  return { kind: 'refused', because: outcome.because };
}
