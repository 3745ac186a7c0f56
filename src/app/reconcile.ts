import type { PresubmitFacts } from '../core/presubmit/facts.ts';
import { lineEntries, type PresubmitPlan, planPresubmit } from '../core/presubmit/plan.ts';
import { emptyRecord } from '../core/presubmit/take-facts.ts';
import type { ForgeEvent } from '../model/forge-event.ts';
import type { PresubmitRecord } from '../model/presubmit.ts';
import { parseSubjectId, type Subject, type SubjectId } from '../model/subject.ts';
import type { StoredDocument } from '../ports/store.ts';
import type { AppContext } from './context.ts';
import type { Dispatcher } from './dispatch.ts';
import { countFinished, countStarted } from './measure.ts';
import { observePresubmit, type PassReaders } from './observe-presubmit.ts';
import { describeEffect, nothingPerformed, type Performed, performEffects } from './perform.ts';

/** What all passes of a worker share. */
export interface PassTools extends PassReaders {
  readonly dispatcher: Dispatcher;
}

const rounds = 6;

/** Documents are written by us alone; one of an unknown schema is left to the version that can read it. */
function readRecord(document: unknown): PresubmitRecord | null {
  if (document === null) return null;
  if (typeof document === 'object' && 'schema' in document && document.schema === 1) return document as PresubmitRecord;
  throw new Error(`a document of another version is stored: ${JSON.stringify(document).slice(0, 80)}`);
}

async function begin({ memory }: PassTools, subject: Subject): Promise<PresubmitRecord | null> {
  const project = await memory.project(subject.repository);
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

/** Pools in whose line something of this subject came, went or changed. */
function touchedPools(before: PresubmitRecord, plan: PresubmitPlan): readonly string[] {
  const was = new Map(lineEntries(before).map((entry) => [entry.build, entry]));
  const is = new Map(plan.line.map((entry) => [entry.build, entry]));
  const changed = [...was.values(), ...is.values()].filter(
    ({ build, pool }) => was.get(build)?.state !== is.get(build)?.state || was.get(build)?.pool !== pool,
  );
  return [...new Set(changed.map(({ pool }) => pool))];
}

/**
 * Has the lines served that this pass changed. What it wanted and has a slot for is told as new facts: its start needs no
 * look of its own, the one before is as good as now. Null: nothing of its own can start.
 */
async function takeSlots(
  context: AppContext,
  { dispatcher }: PassTools,
  id: SubjectId,
  before: PresubmitRecord,
  planned: Planned,
): Promise<PresubmitFacts | null> {
  const { plan, facts } = planned;
  const line = new Map(facts.line);
  for (const pool of touchedPools(before, plan)) {
    const held = await dispatcher.serve(pool, id);
    for (const { build } of plan.line) if (held.has(build)) line.set(build, { granted: true, ahead: 0 });
  }
  const isNews = [...line].some(([build, { granted }]) => granted && facts.line.get(build)?.granted !== true);
  return isNews && facts.forge ? { ...facts, now: context.ports.clock.now(), line, inbox: [] } : null;
}

interface Planned {
  readonly facts: PresubmitFacts;
  readonly plan: PresubmitPlan;
}

async function onePass(
  context: AppContext,
  tools: PassTools,
  id: SubjectId,
  subject: Subject,
  done: Performed,
): Promise<Round> {
  const { documents, metrics } = context.ports;
  const stored = await documents.load(id);
  const inbox = await documents.inbox(id);
  const record = readRecord(stored.document) ?? (await begin(tools, subject));
  if (!record) {
    await forget(context, id, stored, inbox);
    return { again: false, done };
  }
  const facts = await observePresubmit(context, tools, id, record, inbox, done);
  const plan = planPresubmit(record, facts);
  const taken = facts.forge ? inbox.map((event) => event.delivery) : [];
  if ((await savePlan(context, id, stored.version, plan, taken)) === 'conflict') {
    metrics.passConflicted();
    return { again: true, done };
  }
  countFinished(context.ports, record, plan.record);
  const news = await takeSlots(context, tools, id, record, { plan, facts });
  // What the first plan asks for, the second asks for again.
  const next = news === null ? plan : planPresubmit(plan.record, news);
  if (news !== null && (await savePlan(context, id, stored.version + 1, next, [])) === 'conflict') {
    metrics.passConflicted();
    return { again: true, done: nothingPerformed };
  }
  const performed = await performEffects(context, next.record, next.effects, { subject: id, deliveries: taken });
  countStarted(context.ports, plan.record, performed);
  return { again: mustLearn(performed), done: performed };
}

/** One subject's pass: load, observe, plan, save, perform; again while another worker was faster or something must be learnt. */
export async function reconcile(context: AppContext, tools: PassTools, id: SubjectId): Promise<void> {
  const subject = parseSubjectId(id);
  if (!subject) throw new Error(`not a subject: ${id}`);
  let done = nothingPerformed;
  for (let round = 0; round < rounds; round += 1) {
    const result = await onePass(context, tools, id, subject, done);
    if (!result.again) return;
    done = result.done;
  }
  context.ports.log.warn({ subject: id }, 'gave way to other workers; the sweep goes on');
}
