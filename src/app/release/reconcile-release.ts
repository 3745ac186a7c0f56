import { pauseRun } from '../../core/push/pause-run.ts';
import type { ReleaseFacts, ReleasePlan } from '../../core/release/facts.ts';
import { planReleaseRun } from '../../core/release/plan-release-run.ts';
import { beginAt } from '../../core/release/take-wishes.ts';
import { toBuildId } from '../../model/build.ts';
import type { ForgeEvent } from '../../model/forge-event.ts';
import { podKeys } from '../../model/pod.ts';
import type { PromoteEffect } from '../../model/promote-effect.ts';
import type { ReleaseRun } from '../../model/release-run.ts';
import { isSha, type Sha } from '../../model/sha.ts';
import { type ReleaseSubject, type SubjectId, subjectIdOf } from '../../model/subject.ts';
import { type BegunPass, beginPass, seenProject } from '../begin-pass.ts';
import type { AppContext } from '../context.ts';
import { type Pausing, pauseUnseen } from '../pause-unseen.ts';
import { noPromotions, type PromoteOutcomes, performPromotion } from '../promote/perform-promotion.ts';
import type { PassTools } from '../reconcile.ts';
import { saveBranchPlan, serveBranch } from '../save-branch-plan.ts';
import { asRecorded, begunAt } from './begun-at.ts';
import { wishAt } from './find-wish.ts';
import { observeRelease, satisfyRelease } from './observe-release.ts';
import { type TagLease, takeTagLease } from './tag-lease.ts';

const rounds = 12;
const mostQuestions = 30;
const againMs = 1_000;

const pausing: Pausing<ReleaseRun> = {
  branchOf: ({ wish }) => wish.branch,
  pause: (effects, record, at) => {
    return record.run === null ? record : { ...record, run: pauseRun(effects, record.run, at) };
  },
};

/** Commits at which something of it is to be seen: a button on its check run, or a pod of ours. */
async function tracesOf({ pods }: AppContext, id: SubjectId, inbox: readonly ForgeEvent[]): Promise<readonly Sha[]> {
  const pressed = inbox.flatMap(({ detail }) => (detail.kind === 'check-button' ? [detail.head] : []));
  const found = (await pods.snapshot()) ?? [];
  const built = found.flatMap(({ annotations }) =>
    annotations[podKeys.subject] === id ? [annotations[podKeys.commit] ?? ''] : [],
  );
  return [...pressed, ...built.filter(isSha)];
}

/** A release of which nothing is known here, as it is asked for, or as what was begun of it shows; null: nothing is there. */
async function begin(
  context: AppContext,
  { memory, config }: PassTools,
  id: SubjectId,
  { repository, name }: ReleaseSubject,
  inbox: readonly ForgeEvent[],
): Promise<ReleaseRun | null> {
  const { ports } = context;
  const wished = inbox.flatMap(({ detail }) => (detail.kind === 'release' ? [detail.wish] : []))[0];
  const [trace] = wished === undefined ? await tracesOf(context, id, inbox) : [];
  if (wished === undefined && trace === undefined) return null;
  const project = await seenProject(context, memory, repository);
  if (project === null) return null;
  const asked = wished ?? (trace === undefined ? null : await wishAt(context, config, project, name, trace));
  if (asked === null) return null;
  const wish = await asRecorded(context, project, asked);
  return beginAt(project, wish, ports.clock.now(), await begunAt(context, config, id, project, wish.commit));
}

async function planWhole(
  context: AppContext,
  tools: PassTools,
  record: ReleaseRun,
  given: ReleaseFacts,
): Promise<ReleasePlan> {
  let facts = given;
  for (let question = 0; question < mostQuestions; question += 1) {
    const plan = planReleaseRun(record, facts);
    if (Object.values(plan.wants).every((lacking: readonly unknown[]) => lacking.length === 0)) return plan;
    facts = await satisfyRelease(context, tools, plan.record, facts, plan.wants);
  }
  throw new Error(`the plan of a release still lacked something after ${mostQuestions} questions`);
}

interface Round {
  readonly again: boolean;
  readonly outcomes: PromoteOutcomes;
}

/** Pods of a release that nothing asks for any more, as its commit is on no release branch. */
async function removeLeft(
  context: AppContext,
  tools: PassTools,
  id: SubjectId,
  { repository }: ReleaseSubject,
): Promise<void> {
  const pods = ((await context.pods.snapshot()) ?? []).filter(({ annotations }) => annotations[podKeys.subject] === id);
  const project = pods.length === 0 ? null : await seenProject(context, tools.memory, repository);
  if (project === null) return;
  const effects = pods.map(({ name }): PromoteEffect => {
    return { kind: 'on', number: 0, effect: { kind: 'remove', build: toBuildId(name) } };
  });
  const promoter = { project, branch: project.defaultBranch };
  await performPromotion(context, tools, promoter, effects, { subject: id, deliveries: [] });
}

/** Whether this pass may come to tags of it; the others need not wait for each other. */
function setsTags({ stage }: ReleaseRun, inbox: readonly ForgeEvent[]): boolean {
  return stage.kind === 'built' || stage.kind === 'publishing' || (stage.kind === 'published' && inbox.length > 0);
}

const withoutTags: TagLease = { whyNot: async () => 'it has not come to its tags', release: async () => undefined };

async function onePass(
  context: AppContext,
  tools: PassTools,
  id: SubjectId,
  subject: ReleaseSubject,
  outcomes: PromoteOutcomes,
): Promise<Round> {
  const pass = await beginPass(context, tools, id, async (known: ReleaseRun | null, inbox) => {
    return known ?? begin(context, tools, id, subject, inbox);
  });
  if (pass === null) {
    await removeLeft(context, tools, id, subject);
    return { again: false, outcomes };
  }
  const sets = setsTags(pass.begun, pass.inbox);
  const lease = sets ? await takeTagLease(context, id, subject.repository) : withoutTags;
  if (lease === null) {
    comeBack(context, id);
    return { again: false, outcomes };
  }
  try {
    return await planAndPerform(context, tools, { id, subject, pass, outcomes, lease });
  } finally {
    await lease.release();
  }
}

interface Held {
  readonly id: SubjectId;
  readonly subject: ReleaseSubject;
  readonly pass: BegunPass<ReleaseRun>;
  readonly outcomes: PromoteOutcomes;
  readonly lease: TagLease;
}

async function planAndPerform(
  context: AppContext,
  tools: PassTools,
  { id, subject, pass, outcomes, lease }: Held,
): Promise<Round> {
  const { begun: record, expected, inbox, taken } = pass;
  const facts = await observeRelease(context, tools, id, record, outcomes, inbox);
  const plan = await planWhole(context, tools, record, facts);
  const { branch } = plan.record.wish;
  const planned = { id, subject: { repository: subject.repository, branch }, expected, taken };
  if (!(await saveBranchPlan(context, plan, planned))) return { again: true, outcomes };
  const promoter = { project: record.project, branch };
  const origin = { subject: id, version: expected + 1, deliveries: taken };
  const done = await performPromotion(context, tools, promoter, plan.effects, origin, lease.whyNot);
  const moved = record.stage.kind !== plan.record.stage.kind || branch !== record.wish.branch;
  if (moved || (plan.record.endedAt !== null && record.endedAt === null))
    await context.ports.signals.wake(subjectIdOf({ kind: 'push', repository: subject.repository, branch }));
  const granted = await serveBranch(tools.dispatcher, id, plan, facts.line);
  return { again: done.learnt || granted || moved, outcomes: done };
}

/** Another release sets its tags: this one is woken in a moment, and by the sweep if that is lost. */
function comeBack({ ports }: AppContext, id: SubjectId): void {
  const { clock, signals, log } = ports;
  clock
    .sleep(againMs)
    .then(() => signals.wake(id))
    .catch((err: unknown) => log.debug({ subject: id, err }, 'nobody woken'));
}

/** One release's pass: load, observe, plan, save, perform; again while something was learnt that moves it on. */
export async function reconcileRelease(
  context: AppContext,
  tools: PassTools,
  id: SubjectId,
  subject: ReleaseSubject,
): Promise<void> {
  if (await pauseUnseen(context, tools, id, pausing)) return;
  let outcomes = noPromotions;
  for (let round = 0; round < rounds; round += 1) {
    const result = await onePass(context, tools, id, subject, outcomes);
    if (!result.again) return;
    outcomes = result.outcomes;
  }
  context.ports.log.debug({ subject: id }, 'the sweep goes on');
}
