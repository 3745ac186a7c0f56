import type { Remote } from './fetch-commits.ts';
import { credentialVariables } from './git-environment.ts';
import type { Git, GitResult } from './run-git.ts';

/** What became of one ref. */
export interface PushedRef {
  readonly ref: string;
  readonly outcome: 'pushed' | 'there-already' | 'rejected';
  /** Git's summary, with the reason in brackets. */
  readonly summary: string;
}

export interface PushResult {
  readonly result: GitResult;
  readonly refs: readonly PushedRef[];
}

/** Pushes in one go; how it ended is for the caller to judge. `options` are git's, refspecs are full. */
export async function pushRefs(
  git: Git,
  clone: string,
  remote: Remote,
  options: readonly string[],
  refspecs: readonly string[],
): Promise<PushResult> {
  const all = ['--porcelain', '--no-verify', '--no-signed', '--recurse-submodules=no', ...options];
  const call = { env: credentialVariables(remote.url, remote.token), timeoutMs: remote.timeoutMs };
  const result = await git(clone, ['push', ...all, '--', remote.url.href, ...refspecs], call);
  return { result, refs: parsePorcelain(result.stdout.toString()) };
}

const outcomes: Readonly<Record<string, PushedRef['outcome']>> = { '!': 'rejected', '=': 'there-already' };

/** `<flag>\t<from>:<to>\t<summary>`; other flags tell how it was pushed. */
function parsePorcelain(text: string): PushedRef[] {
  return text.split('\n').flatMap((line) => {
    const [, flag, ref, summary] = /^([ +\-*!=])\t[^\t]*:([^\t:]+)\t(.*)$/.exec(line) ?? [];
    if (flag === undefined || ref === undefined || summary === undefined) return [];
    return [{ ref, outcome: outcomes[flag] ?? 'pushed', summary }];
  });
}

/** True when git ended well and every one of these refs is where it was pushed to. */
export function isPushed({ result, refs }: PushResult, wanted: readonly string[]): boolean {
  const done = new Set(refs.filter(({ outcome }) => outcome !== 'rejected').map(({ ref }) => ref));
  return result.code === 0 && result.ended === 'by-itself' && wanted.every((ref) => done.has(ref));
}

/** What the remote and git said of it, in one line. */
export function wordsOf({ result, refs }: PushResult): string {
  const said = result.stderr
    .split('\n')
    .filter((line) => !/^error: failed to push some refs|^Everything up-to-date|^hint:/.test(line))
    .map((line) => line.replace(/^remote: ?(?:error: )?/, '').trim());
  const reasons = refs.filter(({ outcome }) => outcome === 'rejected').map(({ ref, summary }) => `${ref}: ${summary}`);
  const words = [...said, ...reasons].filter((line) => line !== '');
  // Whatever a hook prints is shown to people: no control signs.
  return [...new Set(words)].join('; ').replace(/\p{Cc}+/gu, ' ');
}
