import type { Sha } from '../../model/sha.ts';
import { isSha } from '../../model/sha.ts';
import { askRefs } from './ask-refs.ts';
import { arrivingBytes } from './clone-folder.ts';
import { credentialVariables } from './git-environment.ts';
import { type Git, type GitResult, gitFailure } from './run-git.ts';

/** Where and how to fetch. */
export interface Remote {
  readonly url: URL;
  readonly token: string | null;
  readonly timeoutMs: number;
  readonly maxPackBytes: number;
}

/** Where these refs point on the remote now; a ref that is not there is not in the map. Throws when the remote gives no answer. */
export async function readRemoteRefs(git: Git, clone: string, remote: Remote, refs: readonly string[]) {
  const found = (await askRefs(remote, refs)) ?? (await listByGit(git, clone, remote, refs));
  // A pattern also matches longer names that end in it, and a prefix longer ones that begin so.
  return new Map([...found].filter(([name]) => refs.includes(name)));
}

/** The refs of the remote that begin with one of these, as `refs/heads/`; throws as `readRemoteRefs` does. */
export async function listRemoteRefs(git: Git, clone: string, remote: Remote, prefixes: readonly string[]) {
  const patterns = prefixes.map((prefix) => `${prefix}*`);
  const found = (await askRefs(remote, prefixes)) ?? (await listByGit(git, clone, remote, patterns));
  return new Map([...found].filter(([name]) => prefixes.some((prefix) => name.startsWith(prefix))));
}

async function listByGit(git: Git, clone: string, remote: Remote, patterns: readonly string[]) {
  const env = credentialVariables(remote.url, remote.token);
  const call = { env, timeoutMs: remote.timeoutMs };
  const result = await git(clone, ['ls-remote', '--quiet', '--', remote.url.href, ...patterns], call);
  if (result.code !== 0) throw gitFailure(`read the refs of ${remote.url.href}`, result);
  const found = new Map<string, Sha>();
  for (const line of result.stdout.toString().split('\n')) {
    const [id, name] = line.split('\t');
    if (id !== undefined && name !== undefined && isSha(id)) found.set(name, id);
  }
  return found;
}

/** `refused`: the remote says that it has no such commit or ref. Anything else that fails throws. */
export async function fetchRefspecs(git: Git, clone: string, remote: Remote, refspecs: readonly string[]) {
  const options = ['--quiet', '--no-tags', '--no-write-fetch-head', '--no-auto-maintenance', '--no-recurse-submodules'];
  const watch = watchSize(clone, remote.maxPackBytes);
  const call = {
    env: credentialVariables(remote.url, remote.token),
    timeoutMs: remote.timeoutMs,
    signal: watch.signal,
  };
  const result = await git(clone, ['fetch', ...options, '--', remote.url.href, ...refspecs], call).finally(watch.end);
  if (result.code === 0) return 'fetched';
  if (watch.signal.aborted) throw new Error(`cannot fetch from ${remote.url.href}`, { cause: watch.signal.reason });
  if (isRefused(result)) return 'refused';
  // Another process is storing the same ref: the objects came first, and the caller looks whether they are there.
  if (/cannot lock ref|Unable to create '.*\.lock'/.test(result.stderr)) return 'fetched';
  throw gitFailure(`fetch ${refspecs.join(' ')} from ${remote.url.href}`, result);
}

function isRefused(result: GitResult): boolean {
  return /not our ref|unadvertised object|couldn't find remote ref|no such remote ref/i.test(result.stderr);
}

/** Aborts its signal when the packs that arrive grow over the limit. */
function watchSize(clone: string, maxBytes: number) {
  const abort = new AbortController();
  const judge = (bytes: number) => {
    if (bytes > maxBytes) abort.abort(new Error(`it sends more than the ${maxBytes} bytes allowed`));
  };
  const timer = setInterval(() => {
    arrivingBytes(clone).then(judge, (cause) => abort.abort(new Error(`cannot watch the size of ${clone}`, { cause })));
  }, 200);
  return { signal: abort.signal, end: () => clearInterval(timer) };
}
