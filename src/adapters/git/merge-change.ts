import { isUtf8 } from 'node:buffer';
import type { ChangedFiles } from '../../model/matcher.ts';
import { type Sha, toSha } from '../../model/sha.ts';
import type { MergeResult } from '../../ports/source.ts';
import { type Git, gitFailure } from './run-git.ts';

/** Merges as the checkout step does. No common history is a conflict without paths, as git refuses to merge it. */
export async function mergeOnto(git: Git, clone: string, base: Sha, head: Sha): Promise<MergeResult> {
  const options = ['--write-tree', '-z', '--name-only', '--no-messages'];
  const result = await git(clone, ['merge-tree', ...options, base, head]);
  if (/refusing to merge unrelated histories/.test(result.stderr)) return { kind: 'conflict', paths: [] };
  if (result.ended !== 'by-itself' || (result.code !== 0 && result.code !== 1)) {
    throw gitFailure(`merge ${head} onto ${base}`, result);
  }
  const [tree = '', ...paths] = splitNul(result.stdout).map(showName);
  if (result.code === 0) return { kind: 'merged', tree: toSha(tree) };
  return { kind: 'conflict', paths: [...new Set(paths)] };
}

/**
 * From the merge base to the head, every name before and after. Names that are no UTF-8 can be matched by no pattern,
 * so one of them makes the list unknown.
 */
export async function changedFiles(git: Git, clone: string, base: Sha, head: Sha): Promise<ChangedFiles> {
  const found = await git(clone, ['merge-base', base, head]);
  if (found.code === 1) return { known: false, because: `the head has no commit in common with its base ${base}` };
  if (found.code !== 0) throw gitFailure(`find the merge base of ${base} and ${head}`, found);
  const from = toSha(found.stdout.toString().trim());
  // Without rename detection a renamed file is one deleted and one added: both its names.
  const result = await git(clone, ['diff-tree', '-r', '-z', '--no-renames', '--name-only', from, head]);
  if (result.ended === 'output-too-large') return { known: false, because: 'the list of changed files is too long' };
  if (result.code !== 0) throw gitFailure(`compare ${from} with ${head}`, result);
  const names = splitNul(result.stdout);
  const foreign = names.find((name) => !isUtf8(name));
  if (foreign) return { known: false, because: `the name of a changed file is not UTF-8: ${showName(foreign)}` };
  return { known: true, paths: names.map(String) };
}

function splitNul(bytes: Buffer): Buffer[] {
  const parts: Buffer[] = [];
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf(0, start);
    const stop = end === -1 ? bytes.length : end;
    if (stop > start) parts.push(bytes.subarray(start, stop));
    start = stop + 1;
  }
  return parts;
}

/** The name itself where it is UTF-8, else with `\xNN` for what is not ASCII. */
function showName(name: Buffer): string {
  if (isUtf8(name)) return name.toString();
  return name
    .toString('latin1')
    .replace(/[^\x20-\x7e]/g, (sign) => `\\x${sign.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
