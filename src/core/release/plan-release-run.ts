import { toBuildId } from '../../model/build.ts';
import { podKeys } from '../../model/pod.ts';
import type { PromoteEffect } from '../../model/promote-effect.ts';
import type { ReleasedImage } from '../../model/release.ts';
import type { ReleaseRun, ReleaseStage } from '../../model/release-run.ts';
import { patientWait } from '../patient-wait.ts';
import { treeKey } from '../presubmit/facts.ts';
import { lookKey } from '../promote/facts.ts';
import { lineOf } from '../promote/line-of-promotion.ts';
import { readChangeTag } from '../promote/places.ts';
import { advanceRun, buildsOf } from '../push/advance-run.ts';
import { treeOfRun } from '../push/begin-run.ts';
import { imagesOfRun } from '../push/publish-run.ts';
import { beginRelease, toReleased } from './begin-release.ts';
import type { ReleaseDraft, ReleaseFacts, ReleasePlan } from './facts.ts';
import { type Published, publishRelease, recordedRelease, stageRelease } from './publish-release.ts';
import { isRaised, raiseNext } from './raise-next.ts';
import { releaseCheckId, tellRelease } from './report-release.ts';
import { takeWishes } from './take-wishes.ts';

const soonMs = 15_000;
/** What is held until something else changes is looked at so often. */
const heldMs = 60_000;
/** A registry may not show what was pushed to it for so long (intake-faults-attacks.md F26); what it lacks then is lost. */
const lagMs = 60_000;

type WithImages = Extract<ReleaseStage, { images: readonly ReleasedImage[] }>;

function inTrouble(record: ReleaseRun, because: string, now: number): ReleaseRun {
  return { ...record, trouble: { because, since: record.trouble?.since ?? now } };
}

function whatFailed({ run }: ReleaseRun): string | null {
  const failed = (run?.jobs ?? []).filter(({ status }) => status.kind === 'ended' && status.result !== 'success');
  if (failed.length === 0) return null;
  return failed
    .map(({ job, status }) => `${job} ended with ${status.kind === 'ended' ? status.result : ''}`)
    .join(', ');
}

function advanceBuilding(draft: ReleaseDraft, facts: ReleaseFacts, given: ReleaseRun): ReleaseRun {
  if (given.run === null) return given;
  const pinned = treeOfRun(given.run);
  const tree = facts.trees.get(treeKey(pinned));
  if (tree === undefined) {
    draft.wants.trees.push(pinned);
    return given;
  }
  const run = advanceRun(draft, facts, given.run);
  const record = { ...given, run };
  const built = imagesOfRun(draft, facts, run);
  if (built === 'waits') return record;
  const because = whatFailed(record);
  if (because !== null) return { ...record, stage: { kind: 'failed', because } };
  if (run.shadow) return { ...record, stage: { kind: 'published', images: [] } };
  const own = built === 'nothing' ? [] : built.images.map((image) => toReleased(record, image, tree));
  const images = [...record.given, ...own];
  return { ...record, stage: { kind: 'built', images } };
}

function isLostLong({ trouble }: ReleaseRun, because: string, now: number): boolean {
  return trouble?.because === because && now - trouble.since > lagMs;
}

/** What of a try at publishing stays the same whatever is tried. */
function after(draft: ReleaseDraft, facts: ReleaseFacts, record: ReleaseRun, came: Published): ReleaseRun {
  if (came.kind === 'trouble') {
    draft.reasons.push(`${record.wish.version}: ${came.because}`);
    return inTrouble(record, came.because, facts.now);
  }
  if (came.kind === 'lost' && !isLostLong(record, came.because, facts.now)) {
    draft.reasons.push(`${record.wish.version}: ${came.because}, or not to be seen yet`);
    const { trouble } = record;
    return {
      ...record,
      trouble: trouble?.because === came.because ? trouble : { because: came.because, since: facts.now },
    };
  }
  if (came.kind === 'failed' || came.kind === 'lost') {
    draft.reasons.push(`${record.wish.version}: ${came.because}`);
    return { ...record, stage: { kind: 'failed', because: came.because }, trouble: null };
  }
  return came.kind === 'waits' ? record : { ...record, trouble: null };
}

function advanceBuilt(draft: ReleaseDraft, facts: ReleaseFacts, record: ReleaseRun, { images }: WithImages) {
  const entries = facts.reading?.ledger.kind === 'whole' ? facts.reading.ledger.entries : [];
  const recorded = recordedRelease(entries, record);
  if (recorded !== null && recorded.commit === record.wish.commit)
    return { ...record, stage: { kind: 'publishing', images: recorded.images }, trouble: null } satisfies ReleaseRun;
  if (recorded !== null)
    return after(draft, facts, record, {
      kind: 'failed',
      because: `version already released from ${recorded.commit.slice(0, 12)}`,
    });
  const came = stageRelease(draft, facts, record, images);
  if (came.kind !== 'lost' || record.given.length === 0) return after(draft, facts, record, came);
  draft.reasons.push(`${record.wish.version}: ${came.because}: it is built again`);
  return { ...record, stage: { kind: 'planned' }, given: [], run: null, isLost: true } satisfies ReleaseRun;
}

function advancePublishing(draft: ReleaseDraft, facts: ReleaseFacts, record: ReleaseRun) {
  if (facts.reading?.ledger.kind !== 'whole')
    return inTrouble(record, 'the ledger of the branch cannot be read', facts.now);
  const recorded = recordedRelease(facts.reading.ledger.entries, record);
  if (recorded === null)
    return after(draft, facts, record, { kind: 'failed', because: 'the ledger does not know it any more' });
  const came = publishRelease(draft, facts, record, recorded);
  if (came.kind !== 'done') return after(draft, facts, record, came);
  draft.reasons.push(`${record.wish.version}: released from ${record.wish.commit.slice(0, 12)}`);
  return { ...record, stage: { kind: 'published', images: recorded.images }, trouble: null } satisfies ReleaseRun;
}

function step(draft: ReleaseDraft, facts: ReleaseFacts, record: ReleaseRun): ReleaseRun {
  const { stage } = record;
  switch (stage.kind) {
    case 'planned':
      return beginRelease(draft, facts, record);
    case 'held':
      return stage.hasButton ? record : beginRelease(draft, facts, record);
    case 'building':
      return advanceBuilding(draft, facts, record);
    case 'built':
      return advanceBuilt(draft, facts, record, stage);
    case 'publishing':
      return advancePublishing(draft, facts, record);
    case 'published':
    case 'failed':
      return record.run === null ? record : { ...record, run: advanceRun(draft, facts, record.run) };
  }
}

/** Under our own tags, which keep digests from being collected until theirs are set; true once all are gone, or left for good. */
function clear(draft: ReleaseDraft, facts: ReleaseFacts, images: readonly ReleasedImage[]): boolean {
  // What the gate uploaded is taken away by the line that promotes it.
  const own = images.filter(({ staged }) => readChangeTag(staged.tag)?.number === 0);
  const left = own.filter(({ staged }) => !facts.untagged.has(lookKey(staged.repository, staged.tag)));
  for (const { staged, digest } of left) draft.effects.push({ kind: 'untag', ...staged, digest });
  return left.length === 0;
}

function end(draft: ReleaseDraft, facts: ReleaseFacts, record: ReleaseRun): ReleaseRun {
  const { stage, endedAt } = record;
  if (endedAt !== null) return record;
  const isOver =
    stage.kind === 'failed' ||
    (stage.kind === 'held' && stage.hasButton) ||
    (stage.kind === 'published' && clear(draft, facts, stage.images) && isRaised(record));
  return isOver ? { ...record, endedAt: facts.now } : record;
}

function removeStrays(draft: ReleaseDraft, facts: ReleaseFacts, { run }: ReleaseRun): void {
  const known = new Set<string>((run?.jobs ?? []).flatMap(buildsOf).map(({ id }) => id));
  for (const { annotations, name } of facts.pods ?? [])
    if (annotations[podKeys.subject] === facts.subject && !known.has(name))
      draft.effects.push({ kind: 'on', number: 0, effect: { kind: 'remove', build: toBuildId(name) } });
}

/** What is to go on under a check run that was concluded, as it was given up while its release was asked for from elsewhere, has a new one. */
function toldAnew({ subject, told }: ReleaseFacts, record: ReleaseRun): ReleaseRun {
  const isBefore = record.endedAt === null && record.run === null && record.stage.kind !== 'published';
  return isBefore && told.has(releaseCheckId(subject, record)) ? { ...record, revision: record.revision + 1 } : record;
}

/** What is held waits for people, for days; whoever changes something by which it is judged is heard of at once. */
function wakeAt({ endedAt, stage, at }: ReleaseRun, isTold: boolean, now: number): number | null {
  if (endedAt !== null) return isTold ? null : now + soonMs;
  return now + (stage.kind === 'held' ? patientWait(now - at, heldMs) : soonMs);
}

/**
 * One pass over a release (versions.md §6): judged, built at its own commit or taken from what the gate built there, written into
 * the ledger, published, and written down again as done. Level-triggered and pure: cut off between any two steps, ledger and
 * registry say what is missing. Where something must be looked at first (`wants`) the plan does not count.
 */
export function planReleaseRun(given: ReleaseRun, facts: ReleaseFacts): ReleasePlan {
  const effects: PromoteEffect[] = [];
  const draft: ReleaseDraft = {
    record: { project: given.project, branch: given.wish.branch },
    effects,
    reasons: [],
    wants: { trees: [], indexes: [], looks: [], judged: [], next: [] },
  };
  const taken = takeWishes(draft, facts, given);
  // By the ledger of another branch nothing is judged: it is read with the next pass.
  const stepped = taken.wish.branch === given.wish.branch ? step(draft, facts, taken) : taken;
  const record = toldAnew(facts, end(draft, facts, raiseNext(draft, facts, stepped)));
  removeStrays(draft, facts, record);
  const isTold = tellRelease(draft, facts, record);
  return {
    record,
    effects,
    reasons: draft.reasons,
    wants: draft.wants,
    line: lineOf(record.run?.jobs ?? [], record.project.id),
    wakeAt: wakeAt(record, isTold, facts.now),
  };
}
