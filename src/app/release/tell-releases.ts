import { releaseWord } from '../../core/push/ask-releases.ts';
import { releaseCheckName } from '../../core/release/release-check.ts';
import { newestCheck } from '../../core/release/report-release.ts';
import { roleOf } from '../../core/version/branch-role.ts';
import type { ReleaseDetail } from '../../model/ledger.ts';
import type { Project } from '../../model/project.ts';
import type { ReleaseWish } from '../../model/release.ts';
import type { ReleaseRun } from '../../model/release-run.ts';
import type { Sha } from '../../model/sha.ts';
import { parseSubjectId, type SubjectId, subjectIdOf } from '../../model/subject.ts';
import { readRecord } from '../begin-pass.ts';
import type { AppContext } from '../context.ts';
import { versionsByDefault } from '../push/watched-branch.ts';
import { createConfigReader } from '../read-config.ts';
import { releasesInLedgers } from './known-releases.ts';

/** A word to a release that somebody asks for it, durable when it resolves. */
async function tellRelease(
  { ports }: Pick<AppContext, 'ports'>,
  project: Project,
  wish: ReleaseWish,
  more: Parameters<typeof releaseWord>[3] = {},
): Promise<void> {
  const { queue, event } = releaseWord(project, wish, ports.clock.now(), more);
  await ports.intake.accept(event, [queue]);
  await ports.signals.wake(queue);
}

/** Wakes the branches of which releases are made: what was pushed there is found again by looking. */
async function wakeReleaseBranches(context: AppContext, project: Project): Promise<void> {
  const { history, signals } = context.ports;
  const settings = await versionsByDefault(context, createConfigReader(context), project);
  if (settings === null) return;
  for (const branch of (await history.branches(project)).keys())
    if (roleOf(settings, branch, project.defaultBranch).kind !== 'other')
      await signals.wake(subjectIdOf({ kind: 'push', repository: project.id, branch }));
}

/** Of so many releases it is asked after a loss whether all of them was told. */
const mostLooks = 20;

function wishOf(detail: ReleaseDetail & { readonly branch: string }): ReleaseWish {
  const { branch, component, version, commit, by, tag } = detail;
  return { branch, component, version, commit, by, tag, ground: null, held: null, isVersion: tag === null };
}

/** The same to those that have ended and whose check run on the forge has not, where nothing is remembered of either. */
export async function tellUntoldReleases({ ports }: AppContext, project: Project): Promise<void> {
  const ended = (await releasesInLedgers({ ports }, project)).filter(({ kind }) => kind === 'released');
  for (const wish of ended.slice(-mostLooks).map(wishOf)) {
    const runs = await ports.forge.checkRuns(project, wish.commit);
    const own = runs.filter(({ name }) => name === releaseCheckName(wish));
    if (own.some(({ state }) => state.status !== 'completed')) await tellRelease({ ports }, project, wish);
  }
}

/** A word to each of the newest releases of which the forge shows a later check run than is known here: an old backup was put back. */
async function tellBackReleases({ ports }: AppContext, project: Project): Promise<void> {
  const known: { readonly id: SubjectId; readonly run: ReleaseRun }[] = [];
  for (const id of await ports.documents.subjects()) {
    const subject = parseSubjectId(id);
    if (subject?.kind !== 'release' || subject.repository !== project.id) continue;
    const run = readRecord<ReleaseRun>((await ports.documents.load(id)).document);
    if (run !== null) known.push({ id, run });
  }
  for (const { id, run } of known.sort((one, other) => other.run.at - one.run.at).slice(0, mostLooks)) {
    const { wish, revision } = run;
    const told = newestCheck(id, wish.commit, await ports.forge.checkRuns(project, wish.commit));
    if (told !== null && told.revision > revision) await tellRelease({ ports }, project, wish, { isBack: true });
  }
}

/** What is known here is of another commit, which asked for it since all was lost, and of which no ledger knows anything. */
function isElsewhere({ wish, stage: { kind } }: ReleaseRun, commit: Sha): boolean {
  return wish.commit !== commit && (kind === 'planned' || kind === 'held' || kind === 'failed');
}

/**
 * A word to each release that a ledger says was begun and not ended, and of which nothing is known here, or only of a commit that
 * asked since: all was lost. With `isAfterLoss` also to those of which less is known than was done.
 */
export async function tellForgottenReleases(
  context: AppContext,
  project: Project,
  { isAfterLoss = false } = {},
): Promise<void> {
  const { ports } = context;
  await wakeReleaseBranches(context, project);
  if (isAfterLoss) await tellBackReleases(context, project);
  const open = new Map<string, ReleaseWish>();
  for (const detail of await releasesInLedgers({ ports }, project)) {
    const { component, version, tag, kind } = detail;
    const key = JSON.stringify([component, version, tag]);
    if (kind === 'releasing') open.set(key, wishOf(detail));
    else open.delete(key);
  }
  for (const wish of open.values()) {
    const { queue } = releaseWord(project, wish, 0);
    const known = readRecord<ReleaseRun>((await ports.documents.load(queue)).document);
    if (known === null || isElsewhere(known, wish.commit))
      await tellRelease({ ports }, project, wish, { isRecorded: true });
  }
}
