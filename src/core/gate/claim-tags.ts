import type { ProjectConfig } from '../../model/config.ts';
import type { Job } from '../../model/job.ts';
import type { QueueItem } from '../../model/queue.ts';
import { movingTags, tagKey } from '../promote/own-tags.ts';
import { inlineCode } from '../text/safe-markdown.ts';
import { branchOf, type GateDraft } from './draft.ts';
import type { QueueFacts, WantedTag } from './facts.ts';

/** Names a tag that a file of this branch names. */
export function claimKey({ branch, repository, tag }: WantedTag): string {
  return `${branch} ${tagKey(repository, tag)}`;
}

function isPublished({ content, pipelines }: Job): boolean {
  return content.template === 'upload-image' && (pipelines.includes('gate') || pipelines.includes('postsubmit'));
}

/** Tags that each landing of a branch with this file would move to itself. */
export function tagsWanted(jobs: readonly Job[], branch: string): readonly Omit<WantedTag, 'branch'>[] {
  const images = jobs.filter(isPublished).flatMap(({ content }) => ('images' in content ? content.images : []));
  return images.flatMap(({ name, tags, targets, repository }) => {
    if (repository === null) return [];
    const stages = targets.length > 0 ? targets : [null];
    return stages.flatMap((target) => movingTags({ name, target, tags }, branch).map((tag) => ({ repository, tag })));
  });
}

export type TagClaims =
  | { readonly kind: 'free' }
  /** Whose they are is not known yet. */
  | { readonly kind: 'unread' }
  | { readonly kind: 'taken'; readonly problems: readonly string[] };

/** Whether the tags that a change's own file gives to what lands are somebody else's (images.md §3.2); asks for what it lacks. */
export function judgeClaims(
  draft: GateDraft,
  facts: QueueFacts,
  { branch }: Pick<QueueItem, 'branch'>,
  config: Pick<ProjectConfig, 'jobs'>,
): TagClaims {
  const tags = tagsWanted(config.jobs, branchOf(draft.record, branch).branch);
  const wanted = tags.map((tag) => ({ branch, ...tag }));
  if (wanted.length === 0) return { kind: 'free' };
  // What is the branch's own by now only its ledger says.
  if (facts.branches.get(branch)?.reading?.ledger.kind !== 'whole') return { kind: 'unread' };
  const unknown = wanted.filter((tag) => !facts.claims.has(claimKey(tag)));
  draft.wants.tags.push(...unknown);
  if (unknown.length > 0) return { kind: 'unread' };
  const problems = new Set(wanted.flatMap((tag) => facts.claims.get(claimKey(tag)) ?? []));
  return problems.size === 0 ? { kind: 'free' } : { kind: 'taken', problems: [...problems].map(inlineCode) };
}
