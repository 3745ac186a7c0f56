import { type Build, buildIdFor } from '../../model/build.ts';
import type { Job } from '../../model/job.ts';
import type { JobRecord } from '../../model/presubmit.ts';
import type { RecordedImage } from '../../model/promotion.ts';
import type { MadeCandidate } from '../../model/queue.ts';
import type { BuildPlace } from '../presubmit/advance-build.ts';
import { jobAt } from '../presubmit/advance-jobs.ts';
import { imagesOfJob } from '../promote/collect-images.ts';
import { standingLandings } from '../promote/own-tags.ts';
import { selectImages } from '../select-jobs.ts';
import { inlineCode } from '../text/safe-markdown.ts';
import type { GateDraft } from './draft.ts';
import type { QueueFacts } from './facts.ts';
import type { Tested } from './gate-jobs.ts';
import { knownAs } from './made-of.ts';

/** What `{{ images.NAME.staged }}` stands for in one candidate (images.md §2). */
export type StagedAnswer =
  | { readonly kind: 'found'; readonly image: string }
  /** It is being built, or what would tell is to be read or written first. */
  | { readonly kind: 'waits' }
  | { readonly kind: 'missing'; readonly because: string };

/** After so long a landed image is taken from where people pull it: where it waited for that, it is cleared away. */
const stagedMs = 60 * 60_000;

/** The image of this file in which the job runs, by name; null: one of elsewhere, or none. */
export function stagedNameOf({ content }: Pick<Job, 'content'>): string | null {
  if (content.template !== 'run') return null;
  return /^\s*\{\{\s*images\.([a-z0-9][a-z0-9._-]*)\.staged\s*\}\}\s*$/.exec(content.image)?.[1] ?? null;
}

type Holding = 'waits' | RecordedImage | null;

/** What one job of a candidate has of the image; null: nothing, nor will it have. */
function heldBy(draft: GateDraft, facts: QueueFacts, of: Chained, record: JobRecord, name: string): Holding {
  const { status } = record;
  if (status.kind === 'skipped') return null;
  const job = jobAt(facts, record);
  if (job === null) return 'waits';
  if (job.content.template !== 'upload-image') return null;
  const names = selectImages(job, { kind: 'automatic' }, of.candidate.changed).map((image) => image.name);
  if (!names.includes(name)) return null;
  if (status.kind !== 'ended') return 'waits';
  const collected = imagesOfJob(job, record, facts.indexes);
  draft.wants.indexes.push(...collected.indexes.map((index) => ({ ...index, branch: of.branch })));
  const found = collected.images.find((image) => image.name === name);
  return found ?? (collected.waits !== null || collected.indexes.length > 0 ? 'waits' : null);
}

/** A candidate among those that stand on each other. */
type Chained = Pick<Tested, 'branch'> & { readonly candidate: MadeCandidate };

/** What a candidate has of the image, before it is asked what those ahead of it have. */
function heldIn(
  draft: GateDraft,
  facts: QueueFacts,
  of: Chained,
  jobs: readonly JobRecord[] | null,
  name: string,
): Holding {
  // What is tested of it is not decided yet.
  if (jobs === null) return of.candidate.broken === null ? 'waits' : null;
  const all = jobs.map((record) => heldBy(draft, facts, of, record, name));
  return all.find((each) => each !== null && each !== 'waits') ?? (all.includes('waits') ? 'waits' : null);
}

/** The candidate that this one stands on; null: it stands on what has landed. */
function beneath({ record }: GateDraft, { branch, candidate }: Chained): Chained | null {
  const parent = candidate.parents[branch];
  for (const item of record.items.filter((other) => other.branch === branch)) {
    const found = knownAs(item).find(({ commit }) => commit === parent);
    if (found) return { branch, candidate: found };
  }
  return null;
}

const reference = ({ repository }: { readonly repository: string }, { digest }: RecordedImage): string =>
  `${repository}@${digest}`;

/** The newest landing that the branch holds and that recorded the image. */
function landedImage(facts: QueueFacts, { branch }: Pick<Tested, 'branch'>, name: string): StagedAnswer {
  const known = facts.branches.get(branch);
  if (known?.reading?.ledger.kind !== 'whole') return { kind: 'waits' };
  const standing = known.reading.ledger.entries;
  const landings = standingLandings(standing).filter(({ sequence }) => known.standing.has(sequence));
  for (const { at, images } of landings.toReversed()) {
    const found = images.find((image) => image.name === name);
    if (found) return { kind: 'found', image: reference(facts.now - at < stagedMs ? found.staged : found, found) };
  }
  const because = `it runs in the image ${inlineCode(name)} as the gate uploaded it, and there is none: neither this change nor one ahead of it builds it, and no landed one did; land a change that builds it first`;
  return { kind: 'missing', because };
}

/**
 * In which image, by digest, a job with this placeholder runs: its own candidate's; where that does not build it, that of the
 * nearest candidate beneath that does; else that of the newest landing.
 */
export function resolveStaged(
  draft: GateDraft,
  facts: QueueFacts,
  of: Chained,
  jobs: readonly JobRecord[],
  name: string,
): StagedAnswer {
  const seen = new Set<string>();
  let held = heldIn(draft, facts, of, jobs, name);
  for (let at: Chained | null = of; held === null; ) {
    seen.add(at.candidate.commit);
    at = beneath(draft, at);
    if (at === null || seen.has(at.candidate.commit)) return landedImage(facts, of, name);
    held = at.candidate.verdict?.images?.find((image) => image.name === name) ?? null;
    held ??= at.candidate.verdict === null ? heldIn(draft, facts, at, at.candidate.jobs, name) : null;
  }
  return held === 'waits' ? { kind: 'waits' } : { kind: 'found', image: reference(held.staged, held) };
}

/** Builds that run in exactly this image: another image makes other Builds of them. */
export function runningIn(builds: readonly Build[], image: string): readonly Build[] {
  return builds.map((build) => {
    const parts = { ...build.parts, runsIn: image };
    return { ...build, id: buildIdFor(parts), parts };
  });
}

/** The place of a Build with the image that it was decided to run in. */
export function withImageOf<Place extends BuildPlace | null>(place: Place, { parts: { runsIn } }: Build): Place {
  if (place === null || runsIn === undefined || place.job.content.template !== 'run') return place;
  return { ...place, job: { ...place.job, content: { ...place.job.content, image: runsIn } } };
}
