import { type Build, toBuildId } from '../../model/build.ts';
import type { LedgerEntry } from '../../model/ledger.ts';
import { podKeys } from '../../model/pod.ts';
import type { ImagePromotion, LandingPromotion, ListedUpload, Rebuild, RecordedImage } from '../../model/promotion.ts';
import { patience } from '../presubmit/advance-build.ts';
import type { PromoteDraft } from './draft.ts';
import type { PromoteFacts } from './facts.ts';
import { buildsIn } from './going-builds.ts';
import { jobsOfLine } from './line-of-promotion.ts';
import type { StandingLanding } from './own-tags.ts';
import { hasActivePod } from './promote-pod.ts';
import { advanceRebuild, builtImages } from './rebuild.ts';

/** A registry may not know for half a minute what it was given: only what stays away is lost. */
const lostAfter = 3;

function begin(landing: StandingLanding, because: string, lost: readonly string[] | null): Rebuild {
  const { sequence, number, commit, tree, resets, rebuilt } = landing;
  // Builds of another name than those before, of which nothing is remembered.
  const fresh = { jobs: null, request: 1 + resets + rebuilt, failedAt: null };
  return { sequence, number, commit, tree, because, lost, ...fresh };
}

/**
 * In mode `rebuild` the newest landing of which anything is published is built again: older ones would only be told that a newer
 * image is there.
 */
function newestOf(facts: PromoteFacts, standing: readonly StandingLanding[]): readonly Rebuild[] {
  const { skipped } = facts;
  const newest = standing.findLast(({ number, commit }) => number > 0 && !skipped?.has(commit));
  if (skipped === null || facts.settings?.mode !== 'rebuild' || !newest || newest.images.length > 0) return [];
  return [begin(newest, 'this project publishes what is built at the landed commit', null)];
}

function lostOf(standing: readonly StandingLanding[], landings: readonly LandingPromotion[]): readonly Rebuild[] {
  return landings.flatMap(({ sequence, images }) => {
    const lost = images.filter(({ state, trouble }) => state.kind === 'lost' && (trouble?.tries ?? 0) >= lostAfter);
    const landing = standing.find((each) => each.sequence === sequence);
    if (lost.length === 0 || !landing) return [];
    return [
      begin(landing, 'no registry has the digest that the gate built any more', [
        ...new Set(lost.map(({ name }) => name)),
      ]),
    ];
  });
}

function buildsOf({ jobs }: Rebuild): readonly Build[] {
  return (jobs ?? []).flatMap(buildsIn);
}

function hasStarted(rebuild: Rebuild): boolean {
  return buildsOf(rebuild).some(({ state }) => state.phase !== 'wanted');
}

/** Still of use: its landing stands, and no newer one took its place before it began. */
function isWanted(rebuild: Rebuild, wanted: readonly Rebuild[], standing: readonly StandingLanding[]): boolean {
  const stands = standing.some(({ sequence }) => sequence === rebuild.sequence);
  return stands && (hasStarted(rebuild) || wanted.some(({ sequence }) => sequence === rebuild.sequence));
}

/** Pods of builds that nothing waits for any more. */
function removeStrays(
  draft: PromoteDraft,
  facts: PromoteFacts,
  rebuilds: readonly Rebuild[],
  landings: readonly LandingPromotion[],
): void {
  // One that has ended is asked to go with its verdict, which may come to nothing.
  const promoting = landings.flatMap((landing) => (landing.pod && hasActivePod(landing) ? [landing.pod.build] : []));
  const asked = draft.effects.flatMap((act) =>
    act.kind === 'on' && act.effect.kind === 'remove' ? [act.effect.build] : [],
  );
  const known = new Set<string>([...[...rebuilds.flatMap(buildsOf), ...promoting].map(({ id }) => id), ...asked]);
  for (const pod of facts.pods ?? []) {
    if (pod.annotations[podKeys.subject] !== facts.subject || known.has(pod.name)) continue;
    draft.effects.push({ kind: 'on', number: 0, effect: { kind: 'remove', build: toBuildId(pod.name) } });
  }
}

/**
 * While nobody can trust the ledger nothing is known of what an earlier life began: its pods go. What this one began may end,
 * and stays with its result until the ledger is mended. Gives the builds that still need their slot.
 */
export function removeUnknown(draft: PromoteDraft, facts: PromoteFacts): ReadonlySet<string> {
  const builds = jobsOfLine(draft.record).flatMap(buildsIn);
  const known = new Set<string>(builds.map(({ id }) => id));
  if (facts.pods === null) return known;
  const own = facts.pods.filter(({ annotations }) => annotations[podKeys.subject] === facts.subject);
  for (const { name } of own.filter((pod) => !known.has(pod.name)))
    draft.effects.push({ kind: 'on', number: 0, effect: { kind: 'remove', build: toBuildId(name) } });
  const runs = own.filter(({ name, phase }) => known.has(name) && phase !== 'succeeded' && phase !== 'failed');
  // What is not there yet is asked for again, without another slot, once the ledger is mended; for no longer than it would be anyhow.
  const comes = builds.filter(
    ({ id, state }) =>
      state.phase === 'starting' && facts.now - state.since <= patience.startMs && !own.some(({ name }) => name === id),
  );
  return new Set([...runs.map(({ name }) => name), ...comes.map(({ id }) => id)]);
}

/**
 * True once the ledger says so of all of it: then it is promoted like what a gate uploaded. What it said before something else
 * was built in its place does not count any more.
 */
function isRecorded(entries: readonly LedgerEntry[], { commit }: Rebuild, images: readonly RecordedImage[]): boolean {
  const published = entries.flatMap(({ detail }) =>
    detail.kind === 'published' && detail.commit === commit ? detail.images : [],
  );
  return images.every(({ name, target, digest }) => {
    const newest = published.findLast((each) => each.name === name && each.target === target);
    return newest?.digest === digest;
  });
}

/** One entry a pass: the next stands on it. */
function record(draft: PromoteDraft, facts: PromoteFacts, rebuild: Rebuild, images: readonly RecordedImage[]): void {
  const { reading, now } = facts;
  if (reading?.ledger.kind !== 'whole' || draft.effects.some(({ kind }) => kind === 'append')) return;
  const { project, branch } = draft.record;
  const { number, commit, because } = rebuild;
  const sequence = reading.ledger.entries.length + 1;
  const detail = { kind: 'published', number, commit, because, images } as const;
  const entry = { schema: 1, sequence, repository: project.id, branch, at: now, detail } as const;
  draft.effects.push({ kind: 'append', ledger: reading.ledger.head, entry });
  draft.reasons.push(`#${number}: built again as ${images.map(({ digest }) => digest.slice(7, 19)).join(', ')}`);
}

interface Ended {
  readonly rebuild: Rebuild;
  readonly images: readonly RecordedImage[];
}

export interface Rebuilding {
  readonly rebuilds: readonly Rebuild[];
  /** Built and recorded, with what they built. */
  readonly ended: readonly Ended[];
}

/**
 * Builds again what has to be (images.md §2 `rebuild`, §3.1), and records in the ledger what came of it: only then it is
 * promoted, like what a gate uploaded.
 */
export function rebuildAll(
  draft: PromoteDraft,
  facts: PromoteFacts,
  standing: readonly StandingLanding[],
  landings: readonly LandingPromotion[],
): Rebuilding {
  const entries = facts.reading?.ledger.kind === 'whole' ? facts.reading.ledger.entries : [];
  const given = draft.record.rebuilds ?? [];
  const wanted = [...newestOf(facts, standing), ...lostOf(standing, landings)];
  const fresh = wanted.filter(({ sequence }) => !given.some((each) => each.sequence === sequence));
  const moved = [...given.filter((rebuild) => isWanted(rebuild, wanted, standing)), ...fresh].map((rebuild) =>
    advanceRebuild(draft, facts, rebuild),
  );
  const ended: Ended[] = [];
  const rebuilds = moved.flatMap(({ waits: _, ...rebuild }): readonly Rebuild[] => {
    const built = builtImages(draft, facts, rebuild);
    if (built === null) return [rebuild];
    if (built.kind === 'waits') return [{ ...rebuild, waits: built.because }];
    const { images } = built;
    const isOver = isRecorded(entries, rebuild, images);
    if (isOver) ended.push({ rebuild, images });
    else record(draft, facts, rebuild, images);
    return isOver ? [] : [rebuild];
  });
  removeStrays(draft, facts, rebuilds, landings);
  return { rebuilds, ended };
}

/** A build that gave the very digest that was lost has put it back: it is looked for anew. */
export function lookAnew({ ended }: Rebuilding, landing: LandingPromotion): LandingPromotion {
  const built = ended.flatMap(({ rebuild, images }) => (rebuild.sequence === landing.sequence ? images : []));
  const isBack = ({ state, digest }: ImagePromotion): boolean =>
    state.kind === 'lost' && built.some((image) => image.digest === digest);
  if (!landing.images.some(isBack)) return landing;
  const images = landing.images.map((image) =>
    isBack(image) ? { ...image, state: { kind: 'waiting' } as const, trouble: null } : image,
  );
  return { ...landing, images };
}

/** Where it waits, once more, and as what was built now: the tag that it had the first time is gone, or names this. */
export function listAnew({ ended }: Rebuilding, uploads: readonly ListedUpload[]): readonly ListedUpload[] {
  const fresh = ended.flatMap(({ rebuild: { number, sequence, commit }, images }) =>
    images.map(({ staged, digest }): ListedUpload => {
      return { ...staged, digest, number, candidate: commit.slice(0, 12), sequence, goneAt: null };
    }),
  );
  const isFresh = ({ repository, tag }: ListedUpload): boolean =>
    fresh.some((each) => each.repository === repository && each.tag === tag);
  return [...uploads.filter((upload) => !isFresh(upload)), ...fresh];
}

/** Landings of which nothing was uploaded yet, as what is told of them. */
export function unbuilt(
  rebuilds: readonly Rebuild[],
  standing: readonly StandingLanding[],
  told: readonly LandingPromotion[],
): readonly LandingPromotion[] {
  return rebuilds.flatMap(({ sequence, number, commit }) => {
    const landing = standing.find((each) => each.sequence === sequence);
    if (!landing || told.some((each) => each.sequence === sequence)) return [];
    return [{ sequence, number, commit, landedAt: landing.at, images: [], doneAt: null }];
  });
}
