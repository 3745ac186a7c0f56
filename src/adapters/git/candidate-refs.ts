import { isSha, type Sha } from '../../model/sha.ts';
import { candidatePrefix, candidateRef } from './bring-commit.ts';
import type { Clone } from './clones.ts';
import { listRemoteRefs, type Remote, readRemoteRefs } from './fetch-commits.ts';
import { isPushed, type PushResult, pushRefs, wordsOf } from './push-refs.ts';

/** As many names as a command line surely takes. */
const sweptAtOnce = 5_000;

function pushFailure(attempt: string, push: PushResult): Error {
  const { ended, code } = push.result;
  return new Error(
    `cannot ${attempt}: git push ended with ${ended === 'by-itself' ? `code ${code}` : ended}: ${wordsOf(push)}`,
  );
}

/** Shows these commits, each under the ref that bears its name; throws unless all are there afterwards. */
export async function publishCandidates(clone: Clone, remote: Remote, commits: readonly Sha[]): Promise<void> {
  const refs = [...new Set(commits)].map((commit) => ({ commit, ref: candidateRef(commit) }));
  // Forced: whatever else stands under the name of a commit is put right.
  const refspecs = refs.map(({ commit, ref }) => `+${commit}:${ref}`);
  const push = await pushRefs(clone.git, clone.folder, remote, [], refspecs);
  if (
    isPushed(
      push,
      refs.map(({ ref }) => ref),
    )
  )
    return;
  // Another worker may have shown one of them in the same moment.
  const there = await readRemoteRefs(
    clone.git,
    clone.folder,
    remote,
    refs.map(({ ref }) => ref),
  );
  if (!refs.every(({ commit, ref }) => there.get(ref) === commit)) throw pushFailure('publish candidates', push);
}

/** Takes away every candidate ref that names none of these; gives how many it took. */
export async function sweepCandidates(
  clone: Clone,
  remote: Remote,
  keep: () => Promise<ReadonlySet<Sha>>,
): Promise<number> {
  const found = await listRemoteRefs(clone.git, clone.folder, remote, [candidatePrefix]);
  if (found.size === 0) return 0;
  const kept = await keep();
  const isKept = (name: string): boolean => isSha(name) && kept.has(name);
  const swept = [...found.keys()].filter((ref) => !isKept(ref.slice(candidatePrefix.length)));
  const now = swept.slice(0, sweptAtOnce);
  if (now.length === 0) return 0;
  const push = await pushRefs(
    clone.git,
    clone.folder,
    remote,
    [],
    now.map((ref) => `:${ref}`),
  );
  if (!isPushed(push, now)) throw pushFailure('take candidates away', push);
  return now.length;
}
