import { planPresubmit } from '../core/presubmit/plan.ts';
import { emptyRecord } from '../core/presubmit/take-facts.ts';
import type { ForgeEvent } from '../model/forge-event.ts';
import type { PresubmitRecord } from '../model/presubmit.ts';
import { isQueue, type PresubmitSubject, parseSubjectId, type SubjectId } from '../model/subject.ts';
import type { StoredDocument } from '../ports/store.ts';
import { readRecord } from './begin-pass.ts';
import type { AppContext } from './context.ts';
import type { Dispatcher } from './dispatch.ts';
import type { ElsewhereReader } from './gate/read-elsewhere.ts';
import { reconcileQueue } from './gate/reconcile-queue.ts';
import type { UnheardReader } from './gate/unheard.ts';
import { countFinished, countStarted } from './measure.ts';
import { observePresubmit, type PresubmitReaders } from './observe-presubmit.ts';
import { nothingPerformed, type Performed, performEffects } from './perform.ts';
import { reconcilePeriodic } from './periodic/reconcile-periodic.ts';
import type { Copier } from './promote/copier.ts';
import type { LandingNames } from './promote/name-landings.ts';
import { reconcilePromotion } from './promote/reconcile-promotion.ts';
import { reconcilePushes } from './push/reconcile-pushes.ts';
import { reconcileRelease } from './release/reconcile-release.ts';
import { reconcileTags } from './release/reconcile-tags.ts';
import { savePlan } from './save-plan.ts';
import type { Unseen } from './unseen.ts';

/** What all passes of a worker share. */
export interface PassTools extends PresubmitReaders {
  readonly unseen: Unseen;
  readonly dispatcher: Dispatcher;
  readonly elsewhere: ElsewhereReader;
  readonly unheard: UnheardReader;
  readonly copier: Copier;
  readonly names: LandingNames;
}

const rounds = 6;

async function begin({ memory }: PassTools, subject: PresubmitSubject): Promise<PresubmitRecord | null> {
  const project = await memory.project(subject.repository);
  return project ? emptyRecord(project, subject.number) : null;
}

interface Round {
  readonly again: boolean;
  readonly done: Performed;
}

/** The record must learn at once that a start was refused or an answer given. */
function mustLearn(done: Performed): boolean {
  return done.sent.size > 0 || done.news;
}

async function forget(
  context: AppContext,
  id: SubjectId,
  stored: StoredDocument,
  inbox: readonly ForgeEvent[],
): Promise<void> {
  const taken = inbox.map((event) => event.delivery);
  context.ports.log.info({ subject: id, delivery: taken }, 'the repository is not visible to the App');
  const index = { line: [], wakeAt: null, settled: true };
  await context.ports.documents.save({
    subject: id,
    expected: stored.version,
    document: stored.document,
    index,
    decision: null,
    taken,
  });
}

async function onePass(
  context: AppContext,
  tools: PassTools,
  id: SubjectId,
  subject: PresubmitSubject,
  done: Performed,
): Promise<Round> {
  const { documents, metrics } = context.ports;
  const stored = await documents.load(id);
  const inbox = await documents.inbox(id);
  const record = readRecord<PresubmitRecord>(stored.document) ?? (await begin(tools, subject));
  if (!record) {
    await forget(context, id, stored, inbox);
    return { again: false, done };
  }
  const facts = await observePresubmit(context, tools, id, record, inbox, done);
  const plan = planPresubmit(record, facts);
  const taken = facts.forge ? inbox.map((event) => event.delivery) : [];
  const planned = { id, before: record, expected: stored.version, facts, plan, taken };
  const saved = await savePlan(context, tools.dispatcher, planned);
  if (saved === null) {
    metrics.passConflicted();
    return { again: true, done };
  }
  countFinished(context.ports, record, saved.plan.record);
  const origin = { subject: id, version: saved.expected + 1, deliveries: taken };
  const performed = await performEffects(context, saved.plan.record, saved.plan.effects, origin);
  countStarted(context.ports, saved.before, performed);
  return { again: mustLearn(performed), done: performed };
}

/** One subject's pass: load, observe, plan, save, perform; again while another worker was faster or something must be learnt. */
export async function reconcile(context: AppContext, tools: PassTools, id: SubjectId): Promise<void> {
  const subject = parseSubjectId(id);
  if (!subject) throw new Error(`not a subject: ${id}`);
  if (isQueue(subject)) return reconcileQueue(context, tools, id, subject);
  if (subject.kind === 'promote') return reconcilePromotion(context, tools, id, subject);
  if (subject.kind === 'push') return reconcilePushes(context, tools, id, subject);
  if (subject.kind === 'release') return reconcileRelease(context, tools, id, subject);
  if (subject.kind === 'tags') return reconcileTags(context, tools, id, subject);
  if (subject.kind === 'periodic') return reconcilePeriodic(context, tools, id, subject);
  let done = nothingPerformed;
  for (let round = 0; round < rounds; round += 1) {
    const result = await onePass(context, tools, id, subject, done);
    if (!result.again) return;
    done = result.done;
  }
  context.ports.log.warn({ subject: id }, 'gave way to other workers; the sweep goes on');
}
