import { planTag } from '../../core/postsubmit/plan-tag.ts';
import type { JudgedRelease } from '../../core/release/facts.ts';
import { gatedImages } from '../../core/release/gated-images.ts';
import { imagesOf } from '../../core/select-jobs.ts';
import { definitionDigest } from '../../model/build.ts';
import type { ObservedCheckRun } from '../../model/check-run.ts';
import type { ProjectConfig } from '../../model/config.ts';
import type { BranchReading } from '../../model/landing.ts';
import type { ReleaseRun } from '../../model/release-run.ts';
import type { Sha } from '../../model/sha.ts';
import type { AppContext } from '../context.ts';
import { releasesInLedgers } from './known-releases.ts';

/** Digest of what a release is built with. */
export function configurationOf({ jobs }: ProjectConfig): string {
  return definitionDigest(jobs.map(({ name, definition }) => [name, definition]));
}

/** What a tag of a project without versions comes to: built at its commit, with tags from its name (versions.md §5). */
export async function judgePlain(
  context: AppContext,
  { project, wish }: ReleaseRun,
  config: ProjectConfig,
  tree: Sha,
  reading: BranchReading,
  own: readonly ObservedCheckRun[],
): Promise<JudgedRelease> {
  const { version: tag, commit } = wish;
  const known = (await releasesInLedgers(context, project)).find((detail) => detail.tag === tag);
  const jobs = config.jobs.filter(({ pipelines }) => pipelines.includes('tag'));
  const planned = planTag(
    {
      tag,
      change: 'created',
      commit,
      tree,
      jobs,
      settings: null,
      defaultBranch: project.defaultBranch,
      branches: [],
      reading: { kind: 'absent' },
      changed: { known: true, paths: [] },
      records: [],
      tags: [],
      published: [],
      released: [],
      initiator: { whyNot: null },
    },
    null,
  );
  const images = [...new Set(jobs.filter(({ content }) => content.template === 'upload-image').flatMap(imagesOf))];
  const kind = known === undefined ? 'build' : 'confirm';
  return {
    kind: 'judged',
    tree,
    decided: { row: 'V26', kind, because: `release ${tag} from ${commit.slice(0, 12)}` },
    planned,
    moving: {},
    movable: {},
    gated: gatedImages(commit, images, reading),
    configuration: configurationOf(config),
    shadow: config.mode === 'shadow',
    raises: false,
    recordedOn: known?.branch ?? null,
    own,
    lacks: null,
  };
}
