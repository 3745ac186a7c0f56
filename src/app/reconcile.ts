import { type PresubmitPlan, planPresubmit } from '../core/presubmit/plan.ts';
import { emptyRecord } from '../core/presubmit/take-facts.ts';
import type { ForgeEvent } from '../model/forge-event.ts';
import type { PresubmitRecord } from '../model/presubmit.ts';
import { parseSubjectId, type Subject, type SubjectId } from '../model/subject.ts';
import type { StoredDocument } from '../ports/store.ts';
import type { AppContext } from './context.ts';
import { countFinished, countStarted } from './measure.ts';
import { observePresubmit } from './observe-presubmit.ts';
import { describeEffect, nothingPerformed, type Performed, performEffects } from './perform.ts';
import type { ConfigReader } from './read-config.ts';

const rounds = 6;

/** Documents are written by us alone; one of an unknown schema is left to the version that can read it. */
function readRecord(document: unknown): PresubmitRecord | null {
  if (document === null) return null;
  if (typeof document === 'object' && 'schema' in document && document.schema === 1) return document as PresubmitRecord;
  throw new Error(`a document of another version is stored: ${JSON.stringify(document).slice(0, 80)}`);
}

async function begin(context: AppContext, subject: Subject): Promise<PresubmitRecord | null> {
  const project = await context.ports.forge.project(subject.repository);
  return project ? emptyRecord(project, subject.number) : null;
}

interface Round {
  readonly again: boolean;
  readonly done: Performed;
}

/** The record must learn at once that a start was refused or an answer given. */
function mustLearn(done: Performed): boolean {
  return done.sent.size > 0 || [...done.starts.values()].some((outcome) => outcome.kind === 'refused');
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

async function savePlan(
  context: AppContext,
  id: SubjectId,
  expected: number,
  plan: PresubmitPlan,
  taken: readonly string[],
): Promise<'saved' | 'conflict'> {
  const { documents, clock, log } = context.ports;
  const told = plan.effects.filter((effect) => effect.kind !== 'report').map(describeEffect);
  const worthTelling = plan.reasons.length + told.length > 0;
  const saved = await documents.save({
    subject: id,
    expected,
    document: plan.record,
    index: { line: plan.line, wakeAt: plan.wakeAt, settled: plan.settled },
    decision: worthTelling ? { at: clock.now(), reasons: plan.reasons, effects: told } : null,
    taken,
  });
  if (saved === 'saved' && plan.reasons.length + taken.length > 0)
    log.info({ subject: id, delivery: taken, reasons: plan.reasons, effects: told }, 'decided');
  return saved;
}

async function onePass(
  context: AppContext,
  reader: ConfigReader,
  id: SubjectId,
  subject: Subject,
  done: Performed,
): Promise<Round> {
  const { documents } = context.ports;
  const stored = await documents.load(id);
  const inbox = await documents.inbox(id);
  const record = readRecord(stored.document) ?? (await begin(context, subject));
  if (!record) {
    await forget(context, id, stored, inbox);
    return { again: false, done };
  }
  const facts = await observePresubmit(context, reader, id, record, inbox, done);
  const plan = planPresubmit(record, facts);
  const taken = facts.forge ? inbox.map((event) => event.delivery) : [];
  if ((await savePlan(context, id, stored.version, plan, taken)) === 'conflict') {
    context.ports.metrics.passConflicted();
    return { again: true, done };
  }
  countFinished(context.ports, record, plan.record);
  const performed = await performEffects(context, plan.record, plan.effects, { subject: id, deliveries: taken });
  countStarted(context.ports, record, performed);
  return { again: mustLearn(performed), done: performed };
}

/** One subject's pass: load, observe, plan, save, perform; again while another worker was faster or something must be learnt. */
export async function reconcile(context: AppContext, reader: ConfigReader, id: SubjectId): Promise<void> {
  const subject = parseSubjectId(id);
  if (!subject) throw new Error(`not a subject: ${id}`);
  let done = nothingPerformed;
  for (let round = 0; round < rounds; round += 1) {
    const result = await onePass(context, reader, id, subject, done);
    if (!result.again) return;
    done = result.done;
  }
  context.ports.log.warn({ subject: id }, 'gave way to other workers; the sweep goes on');
}
