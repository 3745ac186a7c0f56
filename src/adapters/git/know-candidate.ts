import { fullName, type Project } from '../../model/project.ts';
import { toSha } from '../../model/sha.ts';
import { bringCommit, candidateNamed, candidatePrefix } from './bring-commit.ts';
import type { Clone } from './clones.ts';
import { parseCommitText } from './commit-text.ts';
import { listRemoteRefs } from './fetch-commits.ts';

/** The change that our own last lines name; null: they name none. */
function changeIn(message: string): string | null {
  const last = message.trimEnd().split('\n\n').at(-1) ?? '';
  return /^Change: (.+)$/m.exec(last)?.[1] ?? null;
}

/** Whether this project made a commit with these 12 digits for this change (images.md §3.6); see the port. */
export async function knowsCandidate(clone: Clone, project: Project, number: number, digits: string): Promise<boolean> {
  if (!/^[0-9a-f]{12}$/.test(digits)) return false;
  const { git, folder, remote, objects } = clone;
  const known = await git(folder, ['rev-parse', '--verify', '--quiet', `${digits}^{commit}`]);
  if (known.code !== 0) {
    const shown = await listRemoteRefs(git, folder, await remote()(), [`${candidatePrefix}${digits}`]);
    const [name] = shown.keys();
    if (name === undefined) return false;
    if (!(await bringCommit(clone, remote(), candidateNamed(toSha(name.slice(candidatePrefix.length)))))) return false;
  }
  if (number === 0) return true;
  const commit = toSha((await git(folder, ['rev-parse', `${digits}^{commit}`])).stdout.toString().trim());
  const change = changeIn(parseCommitText(await objects.commitText(commit)).message.toString());
  return change === null || change.toLowerCase() === `${fullName(project)}#${number}`.toLowerCase();
}
