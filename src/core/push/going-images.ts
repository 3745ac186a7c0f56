import type { LedgerEntry } from '../../model/ledger.ts';
import type { PushRun } from '../../model/push.ts';
import type { Sha } from '../../model/sha.ts';

/** A push whose images are still built, or built and not in the ledger yet. */
export interface GoingImages {
  readonly commit: Sha;
  /** Of its images. */
  readonly names: readonly string[];
}

/** Names of images with a tag; a target stands behind a slash. */
function taggedOf(byImage: Readonly<Record<string, readonly string[]>>): readonly string[] {
  return Object.entries(byImage).flatMap(([key, tags]) => (tags.length > 0 ? [key, key.replace(/\/[^/]*$/, '')] : []));
}

/** Images that runs of a branch will publish unless they fail; what failed already, and what the ledger holds, is none of them. */
export function goingImages(runs: readonly PushRun[], entries: readonly LedgerEntry[]): readonly GoingImages[] {
  const recorded = new Set(entries.flatMap(({ detail }) => (detail.kind === 'pushed' ? [detail.commit] : [])));
  return runs.flatMap(({ commit, jobs, tags, endedAt, shadow }): GoingImages[] => {
    if (endedAt !== null || shadow || recorded.has(commit)) return [];
    if (jobs.some(({ status }) => status.kind === 'ended' && status.result !== 'success')) return [];
    const names = new Set(Object.values(tags).flatMap(taggedOf));
    return names.size === 0 ? [] : [{ commit, names: [...names] }];
  });
}
