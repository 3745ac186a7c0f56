import { changeIdOf } from '../../core/gate/draft.ts';
import { emptyQueue } from '../../core/gate/empty-queue.ts';
import type { QueueFacts } from '../../core/gate/facts.ts';
import { planQueue, type QueuePlan } from '../../core/gate/plan-queue.ts';
import { definitionDigest } from '../../model/build.ts';
import type { ForgeEvent } from '../../model/forge-event.ts';
import { branchKeyOf, type QueueBranch, type QueueRecord } from '../../model/queue.ts';
import type { SubjectId } from '../../model/subject.ts';
import { readRecord } from '../begin-pass.ts';
import type { AppContext } from '../context.ts';
import { handToPromotion } from '../promote/tell-promotion.ts';
import type { PassTools } from '../reconcile.ts';
import { serveBranch } from '../save-branch-plan.ts';
import { endLostJoins } from './end-lost-joins.ts';
import { lookForUntold } from './look-for-untold.ts';
import { noOutcomes, observeQueue, type QueueOutcomes, type QueuePlace, satisfy } from './observe-queue.ts';
import { describeGateEffect, performQueue } from './perform-queue.ts';
import { branchFor } from './queue-of.ts';
import { topicsOf } from './topics-of.ts';
import { wakeSuperseded } from './wake-superseded.ts';

const rounds = 12;
/** Each makes at least one candidate or reads one thing. */
const mostQuestions = 2_000;

type Place = QueuePlace & { readonly tools: PassTools };

async function branchOf(tools: PassTools, repository: number, branch: string): Promise<readonly QueueBranch[]> {
  const project = await tools.memory.project(repository);
  if (project === null) return [];
  return [{ key: branchKeyOf(project.id, branch), project, branch, tip: null, ledger: null, landed: [] }];
}

/** Branches that words are for and that a shared queue does not have yet. */
async function joining(
  { subject, tools }: Place,
  branches: readonly QueueBranch[],
  inbox: readonly ForgeEvent[],
): Promise<readonly QueueBranch[]> {
  if (subject.kind !== 'shared-queue') return [];
  const known = new Set(branches.map(({ project }) => project.id));
  const ids = new Set(
    inbox.flatMap(({ repository }) => (repository && !known.has(repository.id) ? [repository.id] : [])),
  );
  const found = await Promise.all([...ids].map((id) => branchOf(tools, id, subject.branch)));
  return found.flat().filter(({ project }) => project.installation === subject.installation);
}

/** A queue of which nothing is known yet; null: we do not see the repository. */
async function begin({ tools, subject }: Place, now: number): Promise<QueueRecord | null> {
  const branches = subject.kind === 'queue' ? await branchOf(tools, subject.repository, subject.branch) : [];
  if (subject.kind === 'queue' && branches.length === 0) return null;
  return { ...emptyQueue(branches, 0), begunAt: now };
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
    if (Object.values(plan.wants).every((lacking: readonly unknown[]) => lacking.length === 0)) return plan;
    facts = await satisfy(context, tools, record, facts, plan.wants);
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
    index: { line: plan.line, wakeAt: plan.wakeAt, settled: plan.settled, topics: topicsOf(plan.record) },
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

interface Sorted {
  /** What this pass takes up. */
  readonly own: readonly ForgeEvent[];
  /** Given on to the queue that its branch has. */
  readonly forwarded: readonly ForgeEvent[];
}

/**
 * Words for a branch that has another queue go there, durably, before they leave this inbox. Where it is not known which queue
 * a branch has, they stay in it: an old configuration's queue would tell people of a place that is none.
 */
async function sortInbox(
  { ports }: AppContext,
  { id, subject }: Place,
  record: QueueRecord,
  facts: QueueFacts,
  inbox: readonly ForgeEvent[],
): Promise<Sorted> {
  const isNew = record.items.length + record.asked.length === 0;
  const own: ForgeEvent[] = [];
  const forwarded: ForgeEvent[] = [];
  for (const event of inbox) {
    const seen = event.repository ? facts.branches.get(branchFor(subject, event.repository.id)) : undefined;
    const queue = seen?.queue ?? null;
    if (queue !== null && queue !== id) {
      const delivery = `on-${definitionDigest([event.delivery, queue])}`;
      await ports.intake.accept({ ...event, delivery }, [queue]);
      await ports.signals.wake(queue);
      forwarded.push(event);
    } else if (!isUnread({ subject }, facts, event) && (queue === id || !isNew || seen === undefined)) own.push(event);
  }
  return { own, forwarded };
}

/** It speaks of a change that could not be read in this pass: it is taken up once that can be. */
function isUnread({ subject }: Pick<Place, 'subject'>, facts: QueueFacts, { repository, detail }: ForgeEvent): boolean {
  if (detail.kind !== 'gate' || detail.number === 0 || !repository) return false;
  const branch = branchFor(subject, repository.id);
  return facts.branches.has(branch) && !facts.views.has(changeIdOf({ branch, number: detail.number }));
}

/** When to look again for words that were left in the inbox, ms. */
const unsortedMs = 5_000;

async function onePass(context: AppContext, place: Place, outcomes: QueueOutcomes): Promise<Round> {
  const { id, tools } = place;
  const { documents, clock } = context.ports;
  const stored = await documents.load(id);
  const known = readRecord<QueueRecord>(stored.document);
  const unheard = known === null ? new Map<string, string>() : await tools.unheard.read(known);
  const inbox = await documents.inbox(id);
  const kept = known ?? (await begin(place, clock.now()));
  if (kept === null) {
    await forget(context, id, stored.version, stored.document, inbox);
    return { again: false, outcomes, wakeAt: null };
  }
  const joined = await joining(place, kept.branches, inbox);
  const record = { ...kept, branches: [...kept.branches, ...joined] };
  const seen = { ...(await observeQueue(context, place, record, inbox, outcomes)), unheard };
  const { own, forwarded } = await sortInbox(context, place, record, seen, inbox);
  const heard = new Set(own.map(({ delivery }) => delivery));
  const facts = { ...seen, commands: seen.commands.filter(({ delivery }) => heard.has(delivery)) };
  const planned = await planWhole(context, tools, record, facts);
  const later = clock.now() + unsortedMs;
  const isLeft = own.length + forwarded.length < inbox.length;
  const wakeAt = isLeft ? Math.min(planned.wakeAt ?? later, later) : planned.wakeAt;
  const plan = { ...planned, wakeAt, settled: wakeAt === null };
  const taken = [...own, ...forwarded].map(({ delivery }) => delivery);
  await lookForUntold(context, id, record, plan.record, facts);
  await handToPromotion(context, kept, plan.record);
  await endLostJoins(context, id, kept.join, plan.record);
  if ((await save(context, id, stored.version, plan, taken)) === 'conflict')
    return { again: true, outcomes, wakeAt: null };
  await wakeSuperseded(context, record, plan.record, facts);
  const done = await performQueue(context, plan.effects, {
    subject: id,
    version: stored.version + 1,
    deliveries: taken,
  });
  const granted = await serveBranch(tools.dispatcher, id, plan, facts.line);
  return { again: done.learnt || granted, outcomes: done, wakeAt: plan.wakeAt };
}

/** One queue's pass: load, observe, plan, save, perform; again while something was learnt that moves it on. */
export async function reconcileQueue(
  context: AppContext,
  tools: PassTools,
  id: SubjectId,
  subject: QueuePlace['subject'],
): Promise<void> {
  const place = { id, subject, tools };
  let outcomes = noOutcomes;
  for (let round = 0; round < rounds; round += 1) {
    const result = await onePass(context, place, outcomes);
    if (!result.again) return wakeSoon(context, id, result.wakeAt);
    outcomes = result.outcomes;
  }
  await context.ports.signals.wake(id);
}
