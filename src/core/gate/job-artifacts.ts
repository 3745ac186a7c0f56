import { type Build, buildIdFor, definitionDigest } from '../../model/build.ts';
import type { Job } from '../../model/job.ts';
import type { TakenFiles } from '../../model/order.ts';
import type { JobRecord } from '../../model/presubmit.ts';
import type { PromotionSettings, UploadPlace } from '../../model/promotion.ts';
import type { Sha } from '../../model/sha.ts';
import { changeTag, stagedRepository } from '../promote/places.ts';
import { inlineCode } from '../text/safe-markdown.ts';

/**
 * Where what a candidate's job is to keep waits, as its images do: named like these, it is cleared away like these (images.md §3.6).
 * `of` tells one run at the commit from another; left out: there is but one.
 */
export function keepPlaceOf(
  { name, content }: Job,
  settings: PromotionSettings,
  { number, commit, of }: { readonly number: number; readonly commit: Sha; readonly of?: string },
): UploadPlace | null {
  if (content.template !== 'run' || content.artifacts === undefined) return null;
  const repository = stagedRepository(content.artifacts.repository, settings);
  return {
    repository,
    tag: changeTag(number, commit, ['artifacts', ...(of === undefined ? [] : [of]), name].join('-')),
  };
}

function keptBy({ job, status }: JobRecord): readonly TakenFiles[] {
  if (status.kind !== 'ended' || status.result !== 'success') return [];
  return status.builds.flatMap(({ state }) => {
    const kept = state.phase === 'finished' ? state.outcome.image : null;
    if (!kept?.uploaded) return [];
    return [{ job, from: { repository: kept.uploaded.repository, digest: kept.digest }, bytes: kept.bytes }];
  });
}

export type TakeDecision =
  | { readonly kind: 'takes'; readonly artifacts: readonly TakenFiles[] }
  | { readonly kind: 'missing'; readonly because: string };

/**
 * What a job gets: the files that the jobs which it needs kept of this very candidate, and of no other, once all of them have
 * ended. `jobOf` tells what a record's job is to keep.
 */
export function decideTakes(
  job: Job,
  jobs: readonly JobRecord[],
  jobOf: (record: JobRecord) => Job | null,
): TakeDecision {
  if (job.content.template !== 'run') return { kind: 'takes', artifacts: [] };
  const artifacts: TakenFiles[] = [];
  for (const { job: needed } of job.needs) {
    const record = jobs.find((other) => other.job === needed);
    const content = record === undefined ? undefined : jobOf(record)?.content;
    if (record?.status.kind !== 'ended' || content?.template !== 'run' || content.artifacts === undefined) continue;
    const kept = keptBy(record);
    const because = `it gets what ${inlineCode(needed)} keeps, and that job has kept nothing here`;
    if (kept.length === 0) return { kind: 'missing', because };
    artifacts.push(...kept);
  }
  return { kind: 'takes', artifacts };
}

/** Builds that get exactly these files: others make other Builds of them. */
export function taking(builds: readonly Build[], artifacts: readonly TakenFiles[]): readonly Build[] {
  if (artifacts.length === 0) return builds;
  const takes = `artifacts ${definitionDigest(artifacts.map(({ job, from }) => [job, from.digest]))}`;
  return builds.map((build) => {
    const parts = { ...build.parts, takes };
    return { ...build, id: buildIdFor(parts), parts };
  });
}
