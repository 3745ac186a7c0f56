import type { ProjectConfig } from '../../model/config.ts';
import type { Job } from '../../model/job.ts';
import type { QueueItem } from '../../model/queue.ts';
import { movingTags, tagKey } from '../promote/own-tags.ts';
import { inlineCode } from '../text/safe-markdown.ts';
import { imagesOfComponent } from '../version/component-images.ts';
import { branchOf, type GateDraft } from './draft.ts';
import type { QueueFacts, WantedTag } from './facts.ts';

/** Names a tag that a file of this branch names. */
export function claimKey({ branch, repository, tag }: WantedTag): string {
  return `${branch} ${tagKey(repository, tag)}`;
}

function isPublished({ content, pipelines }: Job): boolean {
  return content.template === 'upload-image' && (pipelines.includes('gate') || pipelines.includes('postsubmit'));
}

/** Tags that each landing of a branch with this file would move to itself: of an image with a version, those of its dev builds. */
export function tagsWanted(
  { jobs, version }: Pick<ProjectConfig, 'jobs' | 'version'>,
  branch: string,
): readonly Omit<WantedTag, 'branch'>[] {
  const images = jobs.filter(isPublished).flatMap(({ content }) => ('images' in content ? content.images : []));
  const all = version?.components ?? [];
  const versioned = new Set(all.flatMap((component) => imagesOfComponent(component, all, images)));
  return images.flatMap((image) => {
    const { name, targets, repository } = image;
    if (repository === null) return [];
    const stages = targets.length > 0 ? targets : [null];
    const tags = version !== null && versioned.has(image) ? version.dev.tags : image.tags;
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
  config: Pick<ProjectConfig, 'jobs' | 'version'>,
): TagClaims {
  const tags = tagsWanted(config, branchOf(draft.record, branch).branch);
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
