import type { PushedFacts, PushPlan } from '../../core/push/facts.ts';
import { pauseRun } from '../../core/push/pause-run.ts';
import { planPushes } from '../../core/push/plan-pushes.ts';
import type { PushRecord } from '../../model/push.ts';
import type { Sha } from '../../model/sha.ts';
import type { PushSubject, SubjectId } from '../../model/subject.ts';
import { beginPass } from '../begin-pass.ts';
import type { AppContext } from '../context.ts';
import { takeOrganisation } from '../organisation/check-organisation.ts';
import { type Pausing, pauseUnseen } from '../pause-unseen.ts';
import { tellPromotion } from '../promote/tell-promotion.ts';
import type { PassTools } from '../reconcile.ts';
import { saveBranchPlan, serveBranch } from '../save-branch-plan.ts';
import { beginPushes, isBehind, withLost } from './begin-pushes.ts';
import { observePushes, satisfyPushes } from './observe-pushes.ts';
import { type Performed, performRun } from './perform-run.ts';
import { sinceTold } from './since-told.ts';

const rounds = 8;
const mostQuestions = 20;

async function planWhole(
  context: AppContext,
  tools: PassTools,
  record: PushRecord,
  given: PushedFacts,
): Promise<PushPlan> {
  let facts = given;
  for (let question = 0; question < mostQuestions; question += 1) {
    const plan = planPushes(record, facts);
    if (Object.values(plan.wants).every((lacking: readonly unknown[]) => lacking.length === 0)) return plan;
    facts = await satisfyPushes(context, tools, record, facts, plan.wants);
  }
  throw new Error(`the plan of a pushed branch still lacked something after ${mostQuestions} questions`);
}

type Came = Pick<Performed, 'starts' | 'uncut' | 'proposed' | 'closed'>;

const pausing: Pausing<PushRecord> = {
  branchOf: ({ branch }) => branch,
  pause: (effects, record, at) => ({ ...record, runs: record.runs.map((run) => pauseRun(effects, run, at)) }),
};

/** Before a run is forgotten, whatever became of the word that followed its entry: said again, it changes nothing. */
async function tellRecorded(context: AppContext, before: PushRecord, after: PushRecord | null): Promise<void> {
  const isOpen = (commit: Sha): boolean =>
    after?.runs.some((run) => run.commit === commit && run.endedAt === null) ?? false;
  for (const { commit, endedAt } of before.runs)
    if (endedAt === null && !isOpen(commit))
      await tellPromotion(context, before.project, before.branch, `pushed ${commit}`);
}

async function onePass(
  context: AppContext,
  tools: PassTools,
  id: SubjectId,
  subject: PushSubject,
  came: Came,
): Promise<{ readonly again: boolean; readonly came: Came }> {
  const pass = await beginPass(context, tools, id, async (known: PushRecord | null, inbox) => {
    if (known !== null && !(await isBehind(context, tools, id, known, inbox)))
      return withLost(context, tools, id, known, inbox);
    return beginPushes(context, tools, id, subject, inbox);
  });
  if (pass === null) return { again: false, came };
  const { begun, expected, inbox } = pass;
  const facts = await observePushes(context, tools, id, begun, { inbox, ...came });
  const record = sinceTold(begun, inbox, facts.reading);
  const plan = await planWhole(context, tools, record, facts);
  await tellRecorded(context, record, plan.record);
  const taken = inbox.flatMap(({ delivery, detail }) => (plan.isJudged || detail.kind !== 'push' ? [delivery] : []));
  const planned = { id, subject, expected, taken };
  if (!(await saveBranchPlan(context, plan, planned))) return { again: true, came };
  const done = await performRun(context, record, plan.effects, {
    subject: id,
    version: expected + 1,
    deliveries: taken,
  });
  const granted = await serveBranch(tools.dispatcher, id, plan, facts.line);
  return { again: done.learnt || granted, came: done };
}

/** A pushed branch's pass: load, observe, plan, save, perform; again while something was learnt that moves it on. */
export async function reconcilePushes(
  context: AppContext,
  tools: PassTools,
  id: SubjectId,
  subject: PushSubject,
): Promise<void> {
  if (await pauseUnseen(context, tools, id, pausing)) return;
  await takeOrganisation(context, tools.memory, id, subject);
  let came: Came = { starts: new Map(), uncut: new Map(), proposed: new Map(), closed: new Map() };
  for (let round = 0; round < rounds; round += 1) {
    const result = await onePass(context, tools, id, subject, came);
    if (!result.again) return;
    came = result.came;
  }
  context.ports.log.debug({ subject: id }, 'the sweep goes on');
}
