import { definitionDigest } from '../../model/build.ts';
import type { ForgeEvent } from '../../model/forge-event.ts';
import type { Project } from '../../model/project.ts';
import type { PushedRelease, PushRun } from '../../model/push.ts';
import { type ReleaseWish, releaseNameOf } from '../../model/release.ts';
import type { ReleaseRun } from '../../model/release-run.ts';
import { type SubjectId, subjectIdOf } from '../../model/subject.ts';
import type { PushDraft } from './draft.ts';
import type { PushedFacts } from './facts.ts';

/** So long the forge has to tell who pushed what git shows already (ms). */
const tellingMs = 20_000;
/** So long a release has to hear of it (ms); then another commit has taken its place. */
const hearingMs = 600_000;

/** For so long the same wish is the same word (ms): then it is heard again, as the first may have come to nothing. */
const wordMs = 600_000;

/** The word to a release that somebody asks for it; the same wish again is the same word for a while. `more`: of the word's detail. */
export function releaseWord(
  { id, owner, name, installation }: Project,
  wish: ReleaseWish,
  now: number,
  more: { readonly isBack?: true; readonly isRecorded?: true } = {},
): { readonly queue: SubjectId; readonly event: ForgeEvent } {
  const queue = subjectIdOf({ kind: 'release', repository: id, name: releaseNameOf(wish) });
  const event: ForgeEvent = {
    delivery: `release-${definitionDigest([queue, { ...wish, ...more }, Math.floor(now / wordMs)])}`,
    name: 'release.asked',
    installation,
    repository: { id, owner, name },
    sender: wish.by,
    receivedAt: now,
    detail: { kind: 'release', wish, ...more },
  };
  return { queue, event };
}

type Known = Pick<ReleaseRun, 'wish' | 'stage' | 'endedAt' | 'row'>;

function endOf({ stage, wish: { commit, version } }: Known): PushedRelease['ended'] {
  const from = `${version} from ${commit.slice(0, 12)}`;
  if (stage.kind === 'published') return { kind: 'published', because: `released ${from}` };
  if (stage.kind === 'failed') return { kind: 'failed', because: `${version}: ${stage.because}` };
  return stage.kind === 'held' ? { kind: 'held', because: `${version}: ${stage.because}` } : null;
}

/** What became of what was asked for: null: it is under way; 'unknown': it is to be asked for. */
function becameOf(
  { wish: { commit, version }, askedAt }: PushedRelease,
  known: Known | undefined,
  now: number,
): PushedRelease['ended'] | 'unknown' {
  if (known === undefined) return 'unknown';
  const { stage, wish } = known;
  if (wish.commit === commit || stage.kind === 'published') return known.endedAt === null ? null : endOf(known);
  // What is in no ledger yet makes room for this commit.
  const isOpen = stage.kind === 'planned' || stage.kind === 'held' || stage.kind === 'failed';
  if (isOpen && (askedAt === undefined || now - askedAt < hearingMs)) return 'unknown';
  if (isOpen) return { kind: 'failed', because: `${version} is asked for from ${wish.commit.slice(0, 12)} since` };
  return { kind: 'failed', because: `${version} is being released from ${wish.commit.slice(0, 12)}` };
}

/** Who pushed it may be told after the push itself was found. */
function withPusher({ brought }: PushedFacts, release: PushedRelease): PushedRelease {
  const by = brought.get(release.wish.commit);
  return by === undefined || release.wish.by !== null ? release : { wish: { ...release.wish, by }, ended: null };
}

/** What is below or beside something that no ledger knows of waits until a person has put that right, be it for ever. */
function isContradicted({ stage, row }: Known): boolean {
  return stage.kind === 'held' && !stage.hasButton && row === 'V14';
}

/**
 * Asks for the first that has not ended; what only waits for a button, or is contradicted, keeps none of the others waiting
 * (versions.md V19).
 */
export function askReleases(draft: PushDraft, facts: PushedFacts, run: PushRun): PushRun {
  if (run.releases === undefined) return run;
  let isTurn = true;
  const releases = run.releases.map((given): PushedRelease => {
    const release = withPusher(facts, given);
    if (release.ended !== null || !isTurn) return release;
    const known = facts.releases.get(releaseNameOf(release.wish));
    const came = release === given ? becameOf(release, known, facts.now) : 'unknown';
    isTurn = came !== 'unknown' && (came !== null || (known !== undefined && isContradicted(known)));
    if (came !== 'unknown') return { ...release, ended: came };
    if (release.wish.by === null && facts.now - run.at < tellingMs) return release;
    const effect = { kind: 'tell', ...releaseWord(draft.record.project, release.wish, facts.now) } as const;
    draft.effects.push({ kind: 'on', number: 0, effect });
    return { ...release, askedAt: release.askedAt ?? facts.now };
  });
  return { ...run, releases, endedAt: releases.some(({ ended }) => ended === null) ? null : run.endedAt };
}

/** Whether something that it released, or asked to be, is under way. */
export function isReleasing({ releases = [] }: PushRun): boolean {
  return releases.some(({ ended }) => ended === null);
}
