import type { ForgeEvent } from '../../model/forge-event.ts';
import type { BranchReading } from '../../model/landing.ts';
import type { PushRecord } from '../../model/push.ts';
import { isSha, type Sha } from '../../model/sha.ts';

const none = /^0+$/;

interface ToldPush {
  readonly before: Sha;
  readonly after: Sha;
}

/** Pushes of people that the forge told of, each from where to where, oldest first. */
export function toldPushes(inbox: readonly ForgeEvent[], landed: ReadonlyMap<Sha, Sha>): readonly ToldPush[] {
  return inbox.flatMap(({ detail }) => {
    if (detail.kind !== 'push' || !isSha(detail.before) || none.test(detail.before)) return [];
    if (detail.before === detail.after) return [];
    return landed.has(detail.after) ? [] : [{ before: detail.before, after: detail.after }];
  });
}

/** What stood beneath each landing of a ledger when it landed. */
export function landedOn(reading: BranchReading | null): ReadonlyMap<Sha, Sha> {
  const entries = reading?.ledger.kind === 'whole' ? reading.ledger.entries : [];
  return new Map(entries.flatMap(({ detail }) => (detail.kind === 'landed' ? [[detail.commit, detail.from]] : [])));
}

/** What somebody pushed last, as far as the ledger tells: what our own landings at the tip stand on. */
export function beneathLandings(landed: ReadonlyMap<Sha, Sha>, tip: Sha): Sha {
  let at = tip;
  const passed = new Set<Sha>();
  for (let on = landed.get(at); on !== undefined && !passed.has(at); on = landed.get(at)) {
    passed.add(at);
    at = on;
  }
  return at;
}

/** What the branch pointed at before the pushes that led to `seen`, or to what our own landings there stand on; null: none was told. */
function toldBefore(told: readonly ToldPush[], landed: ReadonlyMap<Sha, Sha>, seen: Sha): Sha | null {
  const last = beneathLandings(landed, seen);
  let left = told;
  let earlier: readonly ToldPush[] = [];
  let found: Sha | null = null;
  for (let at = last; ; ) {
    // It may have been there more than once: the newest that is not told of yet led there. Else the word of what did is lost, and
    // what was told before came before it.
    const push: ToldPush | undefined = left.findLast(({ after }) => after === at) ?? earlier.at(-1);
    if (push === undefined) return found;
    earlier = left.slice(0, left.indexOf(push));
    left = left.filter((each) => each !== push);
    at = push.before;
    // Where it went and came back, from there on.
    if (at !== last) found = at;
  }
}

/** Where the branch was told to have gone from where it was seen, and is again: somebody took it back, which nobody told; null: nowhere. */
function leftFor(told: readonly ToldPush[], landed: ReadonlyMap<Sha, Sha>, seen: Sha, tip: Sha | null): Sha | null {
  const at = beneathLandings(landed, seen);
  if (tip === null || beneathLandings(landed, tip) !== at) return null;
  return told.findLast(({ before }) => before === at)?.after ?? null;
}

/** Where it was told to have gone from a commit before it was told to have come back to it, whatever lies between; null: it was not. */
function cameBackFrom(told: readonly ToldPush[], seen: Sha): Sha | null {
  let left = told;
  for (let at = seen; ; ) {
    const push = left.findLast(({ after }) => after === at);
    if (push === undefined) return null;
    if (push.before === seen) return push.after;
    left = left.filter((each) => each !== push);
    at = push.before;
  }
}

/**
 * A record that was begun as the forge told that the branch had left `seen`, and that found it back there before it was judged, is
 * judged from where it had gone once both were told: each push that is told of is answered (commands.md §6).
 */
function sinceRound(record: PushRecord, inbox: readonly ForgeEvent[], reading: BranchReading | null): PushRecord {
  const { seen, from, runs, told: words = [] } = record;
  if (from !== seen || runs.length > 0 || reading === null || reading.tip === null) return record;
  const landed = landedOn(reading);
  if (beneathLandings(landed, reading.tip) !== seen) return record;
  const before = words.flatMap((word) => (word.before === null ? [] : [{ before: word.before, after: word.after }]));
  const left = cameBackFrom([...before, ...toldPushes(inbox, landed)], seen);
  return left === null ? record : { ...record, seen: left, from: left };
}

/** The same record from before what the forge told of since, where it is not known whether the last push was ever judged. */
export function sinceTold(record: PushRecord, inbox: readonly ForgeEvent[], reading: BranchReading | null): PushRecord {
  if (record.isUntold !== true) return sinceRound(record, inbox, reading);
  const landed = landedOn(reading);
  const told = toldPushes(inbox, landed);
  const before = toldBefore(told, landed, record.seen);
  // Where that is where it is now, what came between is told of as well.
  const seen = leftFor(told, landed, before ?? record.seen, reading?.tip ?? null) ?? before;
  if (seen === null) return record;
  const { isUntold: _was, isUnsure: _is, ...rest } = record;
  return { ...rest, seen, from: seen };
}
