import type { QueueFacts } from '../../core/gate/facts.ts';
import { planQueue, type QueuePlan } from '../../core/gate/plan-queue.ts';
import type { ForgeEvent } from '../../model/forge-event.ts';
import { branchKeyOf, type QueueRecord } from '../../model/queue.ts';
import { type QueueSubject, type SubjectId, subjectIdOf } from '../../model/subject.ts';
import type { AppContext } from '../context.ts';
import type { PassTools } from '../reconcile.ts';
import { syntheticEvent } from '../resync.ts';
import { noOutcomes, observeQueue, type QueueOutcomes, satisfy } from './observe-queue.ts';
import { describeGateEffect, performQueue } from './perform-queue.ts';

const rounds = 12;
/** Each makes at least one candidate or reads one thing. */
const mostQuestions = 2_000;

/** Documents are written by us alone; one of an unknown schema is left to the version that can read it. */
function readQueue(document: unknown): QueueRecord | null {
  if (document === null) return null;
  if (typeof document === 'object' && 'schema' in document && document.schema === 1) return document as QueueRecord;
  throw new Error(`a document of another version is stored: ${JSON.stringify(document).slice(0, 80)}`);
}

/** A queue of which nothing is known yet; null: we do not see the repository. */
async function begin(tools: PassTools, subject: QueueSubject, now: number): Promise<QueueRecord | null> {
  const project = await tools.memory.project(subject.repository);
  if (project === null) return null;
  const key = branchKeyOf(project.id, subject.branch);
  return {
    schema: 1,
    begunAt: now,
    branches: [{ key, project, branch: subject.branch, tip: null, ledger: null, landed: [] }],
    window: 0,
    frozen: null,
    items: [],
    asked: [],
    landing: null,
    wish: null,
    stopping: [],
    leaving: [],
  };
}

/** Plans, gets what the plan lacks, and plans again, until nothing is lacking. */
async function planWhole(
  context: AppContext,
  tools: PassTools,
  record: QueueRecord,
  given: QueueFacts,
): Promise<QueuePlan> {
  let facts = given;
  for (let question = 0; question < mostQuestions; question += 1) {
    const plan = planQueue(record, facts);
    const { candidates, trees, roots, views } = plan.wants;
    if (candidates.length + trees.length + roots.length + views.length === 0) return plan;
    facts = await satisfy(context, tools.config, record, facts, plan.wants);
  }
  throw new Error(`a queue's plan still lacked something after ${mostQuestions} questions`);
}

async function save(
  context: AppContext,
  id: SubjectId,
  expected: number,
  plan: QueuePlan,
  taken: readonly string[],
): Promise<'saved' | 'conflict'> {
  const { documents, clock, log } = context.ports;
  const told = plan.effects
    .filter((effect) => effect.kind !== 'on' || effect.effect.kind !== 'report')
    .map(describeGateEffect);
  const worthTelling = plan.reasons.length + told.length > 0;
  const saved = await documents.save({
    subject: id,
    expected,
    document: plan.record,
    index: { line: plan.line, wakeAt: plan.wakeAt, settled: plan.settled },
    decision: worthTelling ? { at: clock.now(), reasons: plan.reasons, effects: told } : null,
    taken,
  });
  if (saved === 'saved' && plan.reasons.length > 0)
    log.info({ subject: id, delivery: taken, reasons: plan.reasons, effects: told }, 'decided');
  return saved;
}

interface Round {
  readonly again: boolean;
  readonly outcomes: QueueOutcomes;
  readonly wakeAt: number | null;
}

const soonMs = 2_000;

/** What comes soon is not left to the sweep, which has a coarser time; that one finds it should this process die. */
function wakeSoon({ ports }: AppContext, id: SubjectId, wakeAt: number | null): void {
  const wait = wakeAt === null ? soonMs : wakeAt - ports.clock.now();
  if (wait >= soonMs) return;
  ports.clock
    .sleep(Math.max(0, wait))
    .then(() => ports.signals.wake(id))
    .catch((err: unknown) => ports.log.debug({ subject: id, err }, 'queue not woken; the sweep finds it'));
}

async function forget(
  context: AppContext,
  id: SubjectId,
  version: number,
  document: unknown,
  inbox: readonly ForgeEvent[],
) {
  const index = { line: [], wakeAt: null, settled: true };
  const taken = inbox.map(({ delivery }) => delivery);
  await context.ports.documents.save({ subject: id, expected: version, document, index, decision: null, taken });
}

const lookedAt = 5;

/** What landed right before a loss may never have been told: its pull requests are looked at once more. */
async function lookForUntold(context: AppContext, record: QueueRecord, facts: QueueFacts): Promise<void> {
  const { intake, signals, clock } = context.ports;
  for (const { key, project } of record.branches) {
    const ledger = facts.branches.get(key)?.reading?.ledger;
    const entries = ledger?.kind === 'whole' ? ledger.entries : [];
    const numbers = entries.flatMap(({ detail }) => (detail.kind === 'landed' ? [detail.number] : []));
    for (const number of new Set(numbers.slice(-lookedAt))) {
      const subject = subjectIdOf({ kind: 'presubmit', repository: project.id, number });
      await intake.accept(syntheticEvent(project, number, `untold-${clock.now()}`, clock.now()), [subject]);
      await signals.wake(subject);
    }
  }
}

async function onePass(
  context: AppContext,
  tools: PassTools,
  id: SubjectId,
  subject: QueueSubject,
  outcomes: QueueOutcomes,
): Promise<Round> {
  const { documents } = context.ports;
  const stored = await documents.load(id);
  const inbox = await documents.inbox(id);
  const record = readQueue(stored.document) ?? (await begin(tools, subject, context.ports.clock.now()));
  if (record === null) {
    await forget(context, id, stored.version, stored.document, inbox);
    return { again: false, outcomes, wakeAt: null };
  }
  const facts = await observeQueue(context, tools.config, id, record, inbox, outcomes);
  const plan = await planWhole(context, tools, record, facts);
  const taken = inbox.map(({ delivery }) => delivery);
  if (stored.document === null) await lookForUntold(context, record, facts);
  if ((await save(context, id, stored.version, plan, taken)) === 'conflict')
    return { again: true, outcomes, wakeAt: null };
  const done = await performQueue(context, plan.effects, { subject: id, deliveries: taken });
  let granted = false;
  for (const pool of new Set(plan.line.filter(({ state }) => state === 'waiting').map((entry) => entry.pool))) {
    const held = await tools.dispatcher.serve(pool, id);
    granted ||= plan.line.some(({ build, state }) => state === 'waiting' && held.has(build));
  }
  return { again: done.learnt || granted, outcomes: done, wakeAt: plan.wakeAt };
}

/** One queue's pass: load, observe, plan, save, perform; again while something was learnt that moves it on. */
export async function reconcileQueue(
  context: AppContext,
  tools: PassTools,
  id: SubjectId,
  subject: QueueSubject,
): Promise<void> {
  let outcomes = noOutcomes;
  for (let round = 0; round < rounds; round += 1) {
    const result = await onePass(context, tools, id, subject, outcomes);
    if (!result.again) return wakeSoon(context, id, result.wakeAt);
    outcomes = result.outcomes;
  }
  await context.ports.signals.wake(id);
}
