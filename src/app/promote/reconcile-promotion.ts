import type { PromoteFacts, PromotePlan } from '../../core/promote/facts.ts';
import { pausePromotion } from '../../core/promote/pause-promotion.ts';
import { planPromotion } from '../../core/promote/plan-promotion.ts';
import type { PromoteRecord } from '../../model/promotion.ts';
import type { PromoteSubject, SubjectId } from '../../model/subject.ts';
import { beginPass, seenProject } from '../begin-pass.ts';
import type { AppContext } from '../context.ts';
import { type Pausing, pauseUnseen } from '../pause-unseen.ts';
import type { PassTools } from '../reconcile.ts';
import { saveBranchPlan, serveBranch } from '../save-branch-plan.ts';
import { measurePromotion } from './measure-promotion.ts';
import { observePromotion, satisfyPromotion } from './observe-promotion.ts';
import { noPromotions, type PromoteOutcomes, performPromotion } from './perform-promotion.ts';

const rounds = 8;
const mostQuestions = 50;
/** One worker at a time acts for a line: tags have no compare-and-set. */
const leaseMs = 60_000;

const pausing: Pausing<PromoteRecord> = { branchOf: ({ branch }) => branch, pause: pausePromotion };

async function begin(
  context: AppContext,
  { memory }: PassTools,
  { repository, branch }: PromoteSubject,
): Promise<PromoteRecord | null> {
  const project = await seenProject(context, memory, repository);
  return project && { schema: 1, project, branch, landings: [], uploads: [], sweptAt: 0 };
}

async function planWhole(
  context: AppContext,
  tools: PassTools,
  record: PromoteRecord,
  given: PromoteFacts,
): Promise<PromotePlan> {
  let facts = given;
  for (let question = 0; question < mostQuestions; question += 1) {
    const plan = planPromotion(record, facts);
    if (Object.values(plan.wants).every((lacking: readonly unknown[]) => lacking.length === 0)) return plan;
    facts = await satisfyPromotion(context, tools, record, facts, plan.wants);
  }
  throw new Error(`a promote line's plan still lacked something after ${mostQuestions} questions`);
}

interface Round {
  readonly again: boolean;
  readonly outcomes: PromoteOutcomes;
}

async function onePass(
  context: AppContext,
  tools: PassTools,
  id: SubjectId,
  subject: PromoteSubject,
  outcomes: PromoteOutcomes,
): Promise<Round> {
  const pass = await beginPass(context, tools, id, async (known: PromoteRecord | null) => {
    return known ?? begin(context, tools, subject);
  });
  if (pass === null) return { again: false, outcomes };
  const { begun: record, expected, inbox, taken } = pass;
  // The other worker has it; the sweep comes back.
  if (!(await context.ports.notes.lease(id, context.settings.worker, leaseMs))) return { again: false, outcomes };
  const asked = inbox.some(({ detail }) => detail.kind === 'promote' && detail.by !== null);
  const facts = await observePromotion(context, tools, id, record, outcomes, asked);
  const plan = await planWhole(context, tools, record, facts);
  const planned = { id, subject, expected, taken };
  if (!(await saveBranchPlan(context, plan, planned))) return { again: true, outcomes };
  measurePromotion(context, id, facts.settings, record, plan);
  const done = await performPromotion(context, tools, plan.record, plan.effects, {
    subject: id,
    version: expected + 1,
    deliveries: taken,
  });
  const granted = await serveBranch(tools.dispatcher, id, plan, facts.line);
  return { again: done.learnt || granted, outcomes: done };
}

async function allRounds(context: AppContext, tools: PassTools, id: SubjectId, subject: PromoteSubject): Promise<void> {
  let outcomes = noPromotions;
  for (let round = 0; round < rounds; round += 1) {
    const result = await onePass(context, tools, id, subject, outcomes);
    if (!result.again) return;
    outcomes = result.outcomes;
  }
  context.ports.log.debug({ subject: id }, 'the sweep goes on');
}

/** One promote line's pass: load, observe, plan, save, perform; again while something was learnt that moves it on. */
export async function reconcilePromotion(
  context: AppContext,
  tools: PassTools,
  id: SubjectId,
  subject: PromoteSubject,
): Promise<void> {
  const { notes, log } = context.ports;
  if (await pauseUnseen(context, tools, id, pausing)) return;
  try {
    await allRounds(context, tools, id, subject);
  } finally {
    // The next word may come to another worker; one that has it keeps it.
    await notes.lease(id, context.settings.worker, 1).catch((err: unknown) => {
      log.debug({ subject: id, err }, 'the lease runs out by itself');
    });
  }
}
