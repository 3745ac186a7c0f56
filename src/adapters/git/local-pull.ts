import { isSha, type Sha } from '../../model/sha.ts';
import type { LocalClone } from './local-clone.ts';

/** A pull request's head and the branch it would most likely land on, both in our repository. */
export interface FetchedPull {
  readonly head: Sha;
  readonly baseRef: string;
  readonly base: Sha;
}

export type FetchPullOutcome =
  | { readonly kind: 'fetched'; readonly pull: FetchedPull }
  /** In words of git or ours. */
  | { readonly kind: 'failed'; readonly because: string };

/**
 * Fetches `refs/pull/N/head` and the default branch from `origin`, with the person's own git. Their clone keeps its refs and
 * gains no object.
 */
export async function fetchPull(clone: LocalClone, number: number): Promise<FetchPullOutcome> {
  const pullRef = `refs/pull/${number}/head`;
  const listed = await clone.user(['ls-remote', '--symref', '--', 'origin', 'HEAD', pullRef]);
  if (listed.code !== 0) return failed(`origin gives no answer: ${listed.stderr.trim()}`);
  const baseRef = /^ref: refs\/heads\/(.+)\tHEAD$/m.exec(listed.stdout)?.[1];
  const base = idOf(listed.stdout, 'HEAD');
  const head = idOf(listed.stdout, pullRef);
  if (head === null) return failed(`origin has no ${pullRef}: there is no pull request ${number}`);
  if (baseRef === undefined || base === null) return failed('origin does not say which branch is its default one');
  // An empty refmap keeps git from moving the person's remote-tracking branches along.
  const quiet = ['--quiet', '--no-tags', '--no-write-fetch-head', '--no-auto-maintenance', '--no-recurse-submodules'];
  const refs = [pullRef, `refs/heads/${baseRef}`];
  const fetched = await clone.user(['fetch', ...quiet, '--refmap=', '--', 'origin', ...refs], clone.userEnvironment);
  if (fetched.code !== 0) return failed(`fetching from origin failed: ${fetched.stderr.trim()}`);
  if (!(await clone.has([head, base]))) return failed('origin moved while it was fetched from; try again');
  return { kind: 'fetched', pull: { head, baseRef, base } };
}

function failed(because: string): FetchPullOutcome {
  return { kind: 'failed', because };
}

function idOf(listing: string, ref: string): Sha | null {
  for (const line of listing.split('\n')) {
    const [id = '', name] = line.split('\t');
    if (name === ref && isSha(id)) return id;
  }
  return null;
}
