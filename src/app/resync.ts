import { definitionDigest } from '../model/build.ts';
import type { ForgeEvent } from '../model/forge-event.ts';
import type { PresubmitRecord } from '../model/presubmit.ts';
import { fullName, type Project } from '../model/project.ts';
import type { PullRequest } from '../model/pull-request.ts';
import type { PushRecord } from '../model/push.ts';
import { parsePresubmitId, parseSubjectId, subjectIdOf } from '../model/subject.ts';
import { readRecord } from './begin-pass.ts';
import type { AppContext } from './context.ts';
import { noteSeen } from './first-seen.ts';
import { tellForgottenLines } from './promote/tell-promotion.ts';
import { lookBackEvent } from './push/begin-pushes.ts';
import { tellForgottenReleases } from './release/tell-releases.ts';

/** As if the forge had told us: goes the same way as a delivery, under a name that the same state gives again. */
export function syntheticEvent(project: Project, number: number, stamp: string, now: number): ForgeEvent {
  const { id, owner, name, installation } = project;
  return {
    delivery: `resync-${id}-${number}-${stamp}`,
    name: 'resync',
    installation,
    repository: { id, owner, name },
    sender: null,
    receivedAt: now,
    detail: { kind: 'pull-request', number, head: null },
  };
}

/**
 * The forge's times have whole seconds, and a comment may become readable a little after its time is shown: what changed just
 * now is read again, by more than one resync, for any one may fail.
 */
const freshMs = 30 * 60_000;

function isFresh(pull: PullRequest, now: number): boolean {
  return now - pull.updatedAt < freshMs;
}

/** Its conflict may be over, which its pull request does not show. */
function mayHaveChanged(record: PresubmitRecord | null): boolean {
  return record?.change?.conflicts === true;
}

function isKnown(record: PresubmitRecord | null, pull: PullRequest, now: number): boolean {
  if (isFresh(pull, now) || mayHaveChanged(record)) return false;
  return record?.pull?.head === pull.head && record.pull.updatedAt === pull.updatedAt && record.pull.state === 'open';
}

async function loadRecord(context: AppContext, repository: number, number: number): Promise<PresubmitRecord | null> {
  const { document } = await context.ports.documents.load(subjectIdOf({ kind: 'presubmit', repository, number }));
  return document as PresubmitRecord | null;
}

/** As if somebody had spoken to a queue of which nothing is known here, though its branch has a ledger: all was lost. */
async function resyncQueues({ ports }: AppContext, project: Project): Promise<void> {
  const { documents, intake, signals, clock, landing } = ports;
  const ledgers = await landing.ledgers(project);
  // What was pushed is read from the branch itself: a lost delivery costs time alone.
  const known = (await documents.subjects()).flatMap((id) => {
    const subject = parseSubjectId(id);
    return subject?.kind === 'push' && subject.repository === project.id ? [subject.branch] : [];
  });
  for (const branch of new Set([project.defaultBranch, ...ledgers, ...known]))
    await signals.wake(subjectIdOf({ kind: 'push', repository: project.id, branch }));
  await signals.wake(subjectIdOf({ kind: 'tags', repository: project.id }));
  await signals.wake(subjectIdOf({ kind: 'periodic', repository: project.id, branch: project.defaultBranch }));
  for (const branch of ledgers) {
    const queue = subjectIdOf({ kind: 'queue', repository: project.id, branch });
    if ((await documents.load(queue)).document !== null) continue;
    const now = clock.now();
    const stamp = `queue-${definitionDigest([queue])}-${now}`;
    const hint = { command: 'hint', number: 0, head: null, by: null, permission: '', at: now, words: '' } as const;
    await intake.accept({ ...syntheticEvent(project, 0, stamp, now), detail: { kind: 'gate', ...hint } }, [queue]);
    await signals.wake(queue);
  }
}

/** A word to each pushed branch that is known: an old backup may know less than was done. */
async function lookBackAtPushes({ ports }: AppContext, project: Project): Promise<void> {
  const { documents, intake, signals, clock } = ports;
  for (const id of await documents.subjects()) {
    const subject = parseSubjectId(id);
    if (subject?.kind !== 'push' || subject.repository !== project.id) continue;
    const record = readRecord<PushRecord>((await documents.load(id)).document);
    if (record === null) continue;
    await intake.accept(lookBackEvent(record, clock.now()), [id]);
    await signals.wake(id);
  }
}

/** After a loss it is in the inbox before the resync ends, so that nothing of it lands unread; else it goes the way of a delivery. */
async function tellChange(
  { intake, signals }: AppContext['ports'],
  project: Project,
  event: ForgeEvent,
  number: number,
  isAfterLoss: boolean,
): Promise<boolean> {
  if (!isAfterLoss) return (await intake.accept(event)) === 'stored';
  const subject = subjectIdOf({ kind: 'presubmit', repository: project.id, number });
  const stored = await intake.accept(event, [subject]);
  await signals.wake(subject);
  return stored === 'stored';
}

async function resyncProject(context: AppContext, project: Project, isAfterLoss: boolean): Promise<number> {
  const { forge, intake, clock, documents } = context.ports;
  const open = await forge.openPullRequests(project);
  let found = 0;
  for (const pull of open) {
    const now = clock.now();
    const record = await loadRecord(context, project.id, pull.number);
    if (isKnown(record, pull, now)) continue;
    const fresh = isFresh(pull, now) || mayHaveChanged(record) ? `-${now}` : '';
    const event = syntheticEvent(project, pull.number, `${pull.head.slice(0, 12)}-${pull.updatedAt}${fresh}`, now);
    if (await tellChange(context.ports, project, event, pull.number, isAfterLoss)) found += 1;
  }
  const numbers = new Set(open.map((pull) => pull.number));
  for (const id of await documents.subjects()) {
    const subject = parsePresubmitId(id);
    if (subject?.repository !== project.id || numbers.has(subject.number)) continue;
    const record = await loadRecord(context, project.id, subject.number);
    if (record?.pull?.state !== 'open') continue;
    if (
      (await intake.accept(syntheticEvent(project, subject.number, `closed-${record.pull.updatedAt}`, clock.now()))) ===
      'stored'
    )
      found += 1;
  }
  return found;
}

/** Subjects of repositories that we may not see any more: their builds are stopped by their own pass. */
async function resyncVanished(context: AppContext, visible: ReadonlySet<number>): Promise<void> {
  const { documents, intake, clock } = context.ports;
  for (const id of await documents.subjects()) {
    const subject = parsePresubmitId(id);
    if (!subject || visible.has(subject.repository)) continue;
    const record = await loadRecord(context, subject.repository, subject.number);
    if (record === null || record.pull?.state !== 'open') continue;
    await intake.accept(
      syntheticEvent(record.project, subject.number, `gone-${record.pull.updatedAt}-${clock.now()}`, clock.now()),
    );
  }
}

/** Notes of which repositories it was looked in this life of the server for what an older state knows nothing of. */
async function noteResynced({ notes }: AppContext['ports'], life: string, { id }: Project): Promise<void> {
  const before = await resyncedIn({ notes }, life);
  await notes.write('resynced-projects', [life, ...new Set([...before, id])].join(' '));
}

/** Those repositories, by their ids. */
export async function resyncedIn(
  { notes }: Pick<AppContext['ports'], 'notes'>,
  life: string,
): Promise<ReadonlySet<number>> {
  const [of, ...ids] = ((await notes.read('resynced-projects')) ?? '').split(' ');
  return new Set(of === life ? ids.map(Number) : []);
}

/**
 * Reads every open pull request of every repository and plans what we missed: with webhooks switched off this alone gives
 * the same results, later (intake §2.8). One repository that cannot be read does not keep the others waiting. `isAfterLoss`: what
 * is known may be older than what was done. False: not everything could be read.
 */
export async function resyncAll(context: AppContext, { isAfterLoss = false } = {}): Promise<boolean> {
  const { forge, log, clock, notes } = context.ports;
  let failed = 0;
  let isWhole = true;
  const projects = (await forge.projects()).filter((project) => context.settings.allows(fullName(project)));
  await noteSeen(context.ports, projects, clock.now());
  await resyncVanished(context, new Set(projects.map((project) => project.id)));
  const life = isAfterLoss ? await notes.life() : null;
  for (const project of projects) {
    try {
      const found = await resyncProject(context, project, isAfterLoss);
      if (found > 0) log.info({ repository: fullName(project), found }, 'resync found changes');
      if (life !== null) await noteResynced(context.ports, life, project);
    } catch (cause) {
      failed += 1;
      log.warn({ repository: fullName(project), err: cause }, 'repository could not be resynced');
    }
    await tellForgottenLines(context, project, { isAfterLoss })
      .then(() => resyncQueues(context, project))
      .then(() => (isAfterLoss ? lookBackAtPushes(context, project) : undefined))
      // Last, so that what keeps releases from being found keeps nothing else.
      .then(() => tellForgottenReleases(context, project, { isAfterLoss }))
      .catch((err: unknown) => {
        isWhole = false;
        log.warn({ repository: fullName(project), err }, 'the queues of a repository could not be looked for');
      });
  }
  if (failed === 0) await notes.write('last-resync', String(clock.now()));
  return isWhole && failed === 0;
}
