import type { LedgerEntry } from '../../model/ledger.ts';
import type { LandingPromotion, PromoteRecord, Rebuild } from '../../model/promotion.ts';
import type { Digest, Sha } from '../../model/sha.ts';
import { advanceLanding, type LandingGround } from './advance-landing.ts';
import type { PromoteDraft } from './draft.ts';
import type { PromoteFacts, PromotePlan } from './facts.ts';
import { buildsIn, stillGoing, withGoing } from './going-builds.ts';
import { keepUploads, listMs } from './keep-uploads.ts';
import { jobsOfLine, lineOf } from './line-of-promotion.ts';
import { fallenDigests, type MovedTag, movedByOthers } from './moved-tags.ts';
import {
  claimsOf,
  newestStanding,
  type OwnTag,
  ownTags,
  pushesGone,
  type StandingLanding,
  standingLandings,
} from './own-tags.ts';
import { hasActivePod, isPodDone } from './promote-pod.ts';
import { beginsAgainAt } from './rebuild.ts';
import { listAnew, lookAnew, rebuildAll, removeUnknown, unbuilt } from './rebuild-all.ts';
import { reportPromotion } from './report-promotion.ts';
import { sweepMs, triesAgainAt } from './trouble.ts';

/** Of so many landings all tags are looked after, of older ones those that move. */
const recent = 50;
/** A sweep looks at the tags of so many of them that do not move: of all of them within about an hour. */
const turnOf = 3;

interface Ground extends Omit<LandingGround, 'isTaken'> {
  /** All that the branch says are its own, those that a later branch of its line has included. */
  readonly claimed: ReadonlyMap<string, OwnTag>;
  readonly landings: readonly StandingLanding[];
  readonly recent: ReadonlySet<number>;
}

function whyFrozen(entries: readonly LedgerEntry[]): string | null {
  const last = entries.findLast(({ detail }) => detail.kind === 'frozen' || detail.kind === 'thawed');
  return last?.detail.kind === 'frozen' ? last.detail.because : null;
}

/** The branch does not hold what the ledger says it does, or holds again what was taken back: that is recorded before any tag moves. */
function recordReset(draft: PromoteDraft, facts: PromoteFacts, tip: Sha, entries: readonly LedgerEntry[]): boolean {
  const isKnown = newestStanding(entries) === facts.standing && `${pushesGone(entries)}` === `${facts.gone}`;
  if (isKnown || facts.reading?.ledger.kind !== 'whole') return false;
  const { project, branch } = draft.record;
  const gone = facts.gone.length === 0 ? {} : { gone: facts.gone };
  const detail = { kind: 'reset', standing: facts.standing, tip, ...gone } as const;
  const entry = {
    schema: 1,
    sequence: entries.length + 1,
    repository: project.id,
    branch,
    at: facts.now,
    detail,
  } as const;
  draft.effects.push({ kind: 'append', ledger: facts.reading.ledger.head, entry });
  draft.reasons.push(`the branch was moved to ${tip.slice(0, 12)}: it holds landings up to number ${facts.standing}`);
  return true;
}

function nextWake(draft: PromoteDraft, facts: PromoteFacts, landings: readonly LandingPromotion[]): number | null {
  const { now } = facts;
  if (draft.effects.some(({ kind }) => kind !== 'report')) return now + 15_000;
  const open = landings.filter(({ doneAt }) => doneAt === null);
  const tries = open.flatMap(({ images }) => images.flatMap(({ trouble }) => (trouble ? [triesAgainAt(trouble)] : [])));
  const waits = open.some(({ images }) =>
    images.some(({ state, trouble }) => (state.kind === 'waiting' || state.kind === 'copied') && !trouble),
  );
  if (open.some((landing) => isPodDone(landing, now))) return now + 2_000;
  // Where no job publishes what landed, nothing comes of waiting.
  const isUnderWay = ({ failedAt, jobs }: Rebuild): boolean => failedAt === null && jobs?.length !== 0;
  const builds = landings.some(hasActivePod) || (draft.record.rebuilds ?? []).some(isUnderWay);
  const clearing = draft.record.uploads.filter(({ kept }) => kept === undefined);
  const done = new Set(landings.flatMap(({ doneAt, sequence }) => (doneAt === null ? [] : [sequence])));
  const times = [
    ...(builds || draft.record.going !== undefined ? [now + 15_000] : []),
    ...tries,
    ...(draft.record.rebuilds ?? []).flatMap((rebuild) => beginsAgainAt(rebuild) ?? []),
    ...(waits ? [now + 15_000] : []),
    // The queue's own document may name for a moment more what has just landed.
    ...(clearing.some(({ sequence }) => sequence !== null && done.has(sequence)) ? [now + 30_000] : []),
    ...(landings.length > 0 || clearing.length > 0 ? [draft.record.sweptAt + sweepMs] : []),
    ...(facts.waiting.length > 0 ? [(draft.record.listedAt ?? now) + listMs] : []),
  ];
  return times.length === 0 ? null : Math.max(now + 1_000, Math.min(...times));
}

/** Those whose turn it is, each in some sweep. */
function turnIn(sequences: readonly number[], sweeps: number): readonly number[] {
  const from = (sweeps * turnOf) % Math.max(1, Math.ceil(sequences.length / turnOf) * turnOf);
  return sequences.slice(from, from + turnOf);
}

function groundOf(entries: readonly LedgerEntry[], record: PromoteRecord, facts: PromoteFacts): Ground {
  const landings = standingLandings(entries);
  const claimed = ownTags(landings, record.branch);
  const tags = new Map([...claimed].filter(([key]) => !facts.passed?.has(key)));
  const moving = [...tags.values()].filter(({ isMoving }) => isMoving);
  const withImages = landings.flatMap(({ images, sequence }) => (images.length > 0 ? [sequence] : []));
  const newest = withImages.slice(-recent);
  return {
    landings,
    claimed,
    tags,
    movers: new Set(moving.map(({ sequence }) => sequence)),
    recent: new Set(newest),
    turn: new Set(turnIn(newest, record.sweeps ?? 0)),
    frozen: whyFrozen(entries),
    sweeps: facts.now - record.sweptAt >= sweepMs,
  };
}

/** True for what may still have something to do. */
function concerns(
  { images, sequence }: StandingLanding,
  record: PromoteRecord,
  { movers, recent: newest }: Ground,
): boolean {
  if (images.length === 0) return false;
  const isOpen = record.landings.some((each) => each.sequence === sequence && each.doneAt === null);
  return isOpen || movers.has(sequence) || newest.has(sequence);
}

function isLacking({ wants }: PromoteDraft): boolean {
  return Object.values(wants).some((lacking) => lacking.length > 0);
}

/** Tags that would be of this landing, had no branch of a later version them, each with that branch. */
function passedOf(
  claimed: ReadonlyMap<string, OwnTag>,
  passed: ReadonlyMap<string, string>,
  { sequence }: LandingPromotion,
): ReadonlyMap<string, string> {
  return new Map([...passed].filter(([key]) => claimed.get(key)?.sequence === sequence));
}

function testedOf(standing: readonly StandingLanding[], { sequence }: LandingPromotion): readonly Digest[] {
  return standing.find((each) => each.sequence === sequence)?.tested ?? [];
}

/** The builds that keep their slots while nothing is promoted: what has begun may end. */
function heldBy(draft: PromoteDraft, facts: PromoteFacts): ReadonlySet<string> {
  const needed = removeUnknown(draft, facts);
  const going = stillGoing(facts, draft.record, draft.record);
  draft.record = withGoing(draft.record, going);
  return new Set<string>([...needed, ...going.flatMap(buildsIn).map(({ id }) => id)]);
}

/**
 * One pass over a promote line (images.md §3): every tag that the branch owns names the digest recorded for the newest landing
 * that has one, and what was uploaded for a change goes once that is so. Level-triggered and pure; where something must be
 * looked at first (`wants`) the plan does not count.
 */
export function planPromotion(record: PromoteRecord, facts: PromoteFacts): PromotePlan {
  const draft: PromoteDraft = {
    record,
    effects: [],
    reasons: [],
    wants: { looks: [], tags: [], listings: [], candidates: [], trees: [], indexes: [] },
  };
  const { reading } = facts;
  let movedAway: readonly MovedTag[] = [];
  const finish = (wakeAt: number | null, held?: ReadonlySet<string>): PromotePlan => ({
    record: draft.record,
    moved: movedAway,
    effects: draft.effects,
    reasons: draft.reasons,
    wants: draft.wants,
    line: lineOf([...jobsOfLine(draft.record), ...(draft.record.going ?? [])], record.project.id).filter(
      ({ build }) => held === undefined || held.has(build),
    ),
    wakeAt,
  });
  // Nothing is promoted before the ledger is known up to the branch's tip.
  if (reading === null) return finish(facts.now + 30_000);
  if (reading.ledger.kind !== 'whole') return finish(facts.now + 30_000, heldBy(draft, facts));
  const { tip } = reading;
  const { entries } = reading.ledger;
  if (tip === null) {
    // A branch that is gone holds nothing that others want; but no tag goes back to an older one of its line.
    const left = claimsOf(ownTags(standingLandings(entries), record.branch));
    draft.record = { ...record, claims: [], ...(left.length > 0 ? { left } : {}) };
    const held = heldBy(draft, facts);
    return finish(held.size > 0 ? facts.now + 30_000 : null, held);
  }
  if (recordReset(draft, facts, tip, entries)) return finish(facts.now + 1_000);
  // Whether an older tag would be set is not known before that.
  if (facts.passed === null) return finish(facts.now + 30_000);
  const ground = groundOf(entries, record, facts);
  const moved: (LandingPromotion | null)[] = [];
  let isTaken = false;
  for (const landing of ground.landings.filter((each) => concerns(each, record, ground))) {
    const next = advanceLanding(draft, facts, landing, { ...ground, isTaken });
    isTaken ||= next !== null && hasActivePod(next);
    moved.push(next);
  }
  const seen = moved.filter((landing) => landing !== null);
  const kept = keepUploads(draft, facts, seen);
  const rebuilding = rebuildAll(draft, facts, ground.landings, seen);
  const { rebuilds } = rebuilding;
  const landings = seen.map((landing) => lookAnew(rebuilding, landing));
  const uploads = listAnew(rebuilding, kept);
  if (isLacking(draft)) return finish(null);
  const { left: _, ...present } = withGoing(draft.record, stillGoing(facts, record, { landings, rebuilds }));
  draft.record = {
    ...present,
    landings,
    claims: claimsOf(ground.claimed),
    uploads,
    rebuilds,
    ...(ground.sweeps ? { sweptAt: facts.now, sweeps: (record.sweeps ?? 0) + 1 } : {}),
  };
  movedAway = movedByOthers(record, { landings }, facts.looks, fallenDigests(entries, ground.landings));
  for (const { repository, tag, by } of movedAway)
    draft.reasons.push(`${repository}:${tag} was ${by ? `moved to ${by} by somebody` : 'taken away'}: it is put back`);
  for (const landing of [...landings, ...unbuilt(rebuilds, ground.landings, landings)])
    reportPromotion(draft, facts, landing, {
      frozen: ground.frozen,
      rebuild: rebuilds.find(({ sequence }) => sequence === landing.sequence) ?? null,
      tested: testedOf(ground.landings, landing),
      passed: passedOf(ground.claimed, facts.passed, landing),
    });
  return finish(nextWake(draft, facts, landings));
}
