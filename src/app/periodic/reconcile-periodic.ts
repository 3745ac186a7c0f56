import type { PeriodicFacts, PeriodicPlan, WrittenIssue } from '../../core/periodic/facts.ts';
import { plainCron } from '../../core/periodic/fix-cron.ts';
import { stemsOfNightlies, timesOf } from '../../core/periodic/nightlies-of.ts';
import { planPeriodic } from '../../core/periodic/plan-periodic.ts';
import { toldOf } from '../../core/periodic/tell-issue.ts';
import { pauseRun } from '../../core/push/pause-run.ts';
import type { PeriodicRecord } from '../../model/periodic.ts';
import { fullName, type Project } from '../../model/project.ts';
import type { Sha } from '../../model/sha.ts';
import type { PeriodicSubject, SubjectId } from '../../model/subject.ts';
import { beginPass, seenProject } from '../begin-pass.ts';
import type { AppContext } from '../context.ts';
import { type Pausing, pauseUnseen } from '../pause-unseen.ts';
import { performRun } from '../push/perform-run.ts';
import { pressesIn, refusePresses } from '../push/presses-in.ts';
import type { PassTools } from '../reconcile.ts';
import { saveBranchPlan, serveBranch } from '../save-branch-plan.ts';
import { beginPeriodic } from './begin-periodic.ts';
import { observePeriodic, type SeenInPass, satisfyPeriodic } from './observe-periodic.ts';

const rounds = 8;
const mostQuestions = 20;
const pausing: Pausing<PeriodicRecord> = {
  branchOf: ({ branch }) => branch,
  pause: (effects, record, at) => ({
    ...record,
    nightlies: record.nightlies.map((nightly) => {
      return nightly.run === null ? nightly : { ...nightly, run: pauseRun(effects, nightly.run, at) };
    }),
  }),
};

const nothingSeen: SeenInPass = { starts: new Map(), written: new Map() };

async function planWhole(
  context: AppContext,
  tools: PassTools,
  record: PeriodicRecord,
  given: PeriodicFacts,
): Promise<PeriodicPlan> {
  let facts = given;
  for (let question = 0; question < mostQuestions; question += 1) {
    const plan = planPeriodic(record, facts);
    if (Object.values(plan.wants).every((lacking: readonly unknown[]) => lacking.length === 0)) return plan;
    facts = await satisfyPeriodic(context, tools, record, facts, plan.wants);
  }
  throw new Error(`the plan of nightlies still lacked something after ${mostQuestions} questions`);
}

/** The scheduler wakes at the same times that the record is due at; without it the sweep does. */
async function setTimes({ ports }: AppContext, id: SubjectId, record: PeriodicRecord | null): Promise<void> {
  const times = (record?.nightlies ?? []).flatMap(({ key, schedule, dueAt }) => {
    const cron = record === null || dueAt === null ? null : timesOf(record.project, schedule);
    return cron === null ? [] : [{ key, cron: plainCron(cron), timeZone: schedule.timeZone }];
  });
  await ports.schedules.set(id, times).catch((err: unknown) => {
    ports.log.warn({ subject: id, err }, 'the times of nightlies could not be handed to the scheduler');
  });
}

async function writeIssues(
  { ports }: AppContext,
  { project }: PeriodicRecord,
  { issues }: PeriodicPlan,
): Promise<ReadonlyMap<string, WrittenIssue>> {
  const written = new Map<string, WrittenIssue>();
  for (const { key, ...wish } of issues) {
    const fields = { repository: fullName(project), nightly: key, issue: wish.number, open: wish.isOpen };
    try {
      const came = await ports.issues.write(project, wish);
      written.set(key, typeof came === 'number' ? { number: came, told: toldOf(wish) } : came);
      ports.log.info({ ...fields, came }, 'issue of a nightly written');
    } catch (err) {
      ports.log.warn({ ...fields, err }, 'issue of a nightly could not be written');
    }
  }
  return written;
}

async function begin(
  context: AppContext,
  tools: PassTools,
  id: SubjectId,
  subject: PeriodicSubject,
  known: PeriodicRecord | null,
): Promise<PeriodicRecord | null> {
  if (known === null) return beginPeriodic(context, tools, id, subject);
  const project = await seenProject(context, tools.memory, subject.repository);
  // Nothing can be told where the App sees nothing.
  return project && { ...known, project };
}

/** Whose check runs nightlies have at a commit, by the file that stands there. */
function stemsAt({ config }: Pick<PassTools, 'config'>, id: SubjectId, project: Project, { branch }: PeriodicSubject) {
  return async (commit: Sha): Promise<ReadonlySet<string>> => {
    const state = await config.configAt(project, commit);
    return state.kind === 'valid' ? stemsOfNightlies(id, project, branch, commit, state.config.jobs) : new Set();
  };
}

async function onePass(
  context: AppContext,
  tools: PassTools,
  id: SubjectId,
  subject: PeriodicSubject,
  seen: SeenInPass,
): Promise<{ readonly again: boolean; readonly seen: SeenInPass }> {
  const pass = await beginPass(context, tools, id, async (known: PeriodicRecord | null, inbox) => {
    const record = await begin(context, tools, id, subject, known);
    if (record !== null) return record;
    if (known !== null || inbox.length > 0) await setTimes(context, id, null);
    const isPressed = inbox.some(({ detail }) => detail.kind === 'check-button');
    const project = isPressed ? await seenProject(context, tools.memory, subject.repository) : null;
    const because = `the file of ${subject.branch} names no nightly any more`;
    if (project !== null)
      await refusePresses(context, project, { id, inbox, because }, stemsAt(tools, id, project, subject));
    return record;
  });
  if (pass === null) return { again: false, seen };
  const { begun: record, expected, inbox, taken } = pass;
  const { project } = record;
  const presses = await pressesIn(context, project, inbox, stemsAt(tools, id, project, subject));
  const facts = await observePeriodic(context, tools, id, record, { ...seen, presses });
  const plan = await planWhole(context, tools, record, facts);
  if (!(await saveBranchPlan(context, plan, { id, subject, expected, taken }))) return { again: true, seen };
  await setTimes(context, id, plan.record);
  const done = await performRun(context, record, plan.effects, {
    subject: id,
    version: expected + 1,
    deliveries: taken,
  });
  const written = await writeIssues(context, record, plan);
  const granted = await serveBranch(tools.dispatcher, id, plan, facts.line);
  return { again: done.learnt || granted || written.size > 0, seen: { starts: done.starts, written } };
}

/** The pass of what a branch runs by the clock: load, observe, plan, save, perform; again while something was learnt. */
export async function reconcilePeriodic(
  context: AppContext,
  tools: PassTools,
  id: SubjectId,
  subject: PeriodicSubject,
): Promise<void> {
  if (await pauseUnseen(context, tools, id, pausing)) return;
  let seen = nothingSeen;
  for (let round = 0; round < rounds; round += 1) {
    const result = await onePass(context, tools, id, subject, seen);
    if (!result.again) return;
    seen = result.seen;
  }
  context.ports.log.debug({ subject: id }, 'the sweep goes on');
}
