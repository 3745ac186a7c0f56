import { beginNightlyRun, resumeRun } from '../../core/periodic/begin-run.ts';
import type { WantedNightlies } from '../../core/periodic/facts.ts';
import { dueSince } from '../../core/periodic/judge-due.ts';
import type { WantedNightly } from '../../core/periodic/nightlies-of.ts';
import { treeOfRun } from '../../core/push/begin-run.ts';
import { isFinal, type ObservedCheckRun } from '../../model/check-run.ts';
import type { FailedJob, Nightly, PeriodicRecord } from '../../model/periodic.ts';
import type { Project } from '../../model/project.ts';
import type { PushRun } from '../../model/push.ts';
import type { Sha } from '../../model/sha.ts';
import type { PeriodicSubject, SubjectId } from '../../model/subject.ts';
import { seenProject } from '../begin-pass.ts';
import type { AppContext } from '../context.ts';
import { hasPods } from '../has-pods.ts';
import type { ConfigReader } from '../read-config.ts';
import type { PassTools } from '../reconcile.ts';
import { beginNightly } from './begin-nightly.ts';
import { closeForgotten } from './close-forgotten.ts';
import { wantedAt } from './observe-periodic.ts';
import { jobsOfNightly, type RequestSeen, requestsSeen } from './requests-seen.ts';

/** So far back it is looked for what ran where nothing is known. */
const mostLooks = 10;

/** What our check runs at one commit show of a nightly. */
interface Seen {
  readonly commit: Sha;
  readonly request: RequestSeen;
}

const passed = new Set(['success', 'skipped', 'neutral']);

function failedIn({ runs }: RequestSeen): readonly FailedJob[] {
  return runs.flatMap(({ job, run }) =>
    job.selection.optional || run.state.status !== 'completed' || passed.has(run.state.conclusion)
      ? []
      : [{ job: job.name, result: run.state.conclusion.replace('_', ' '), because: run.title }],
  );
}

function isGreen(request: RequestSeen): boolean {
  const { runs } = request;
  const success = runs.some(({ run }) => run.state.status === 'completed' && run.state.conclusion === 'success');
  return success && runs.every(({ run }) => isFinal(run)) && failedIn(request).length === 0;
}

function timeOf({ runs }: RequestSeen, which: 'startedAt' | 'completedAt'): number {
  return Math.max(0, ...runs.map(({ run }) => run[which] ?? 0));
}

/** Newest first, from the tip back, until each nightly was seen green. */
async function lookBack(
  context: AppContext,
  config: ConfigReader,
  project: Project,
  subject: SubjectId,
  wanted: readonly WantedNightly[],
  tip: Sha,
): Promise<ReadonlyMap<string, readonly Seen[]>> {
  const { forge, landing } = context.ports;
  const seen = new Map<string, Seen[]>();
  const isDone = ({ key }: WantedNightly): boolean => (seen.get(key) ?? []).some(({ request }) => isGreen(request));
  for (const commit of [tip, ...(await landing.firstParents(project, tip, mostLooks))]) {
    if (wanted.every(isDone)) return seen;
    const state = await config.configAt(project, commit);
    if (state.kind !== 'valid') continue;
    const runs: readonly ObservedCheckRun[] = await forge.checkRuns(project, commit);
    for (const nightly of wanted) {
      const jobs = jobsOfNightly(nightly, state.config.jobs);
      const found = requestsSeen(subject, nightly, commit, jobs, runs).map((request) => ({ commit, request }));
      seen.set(nightly.key, [...(seen.get(nightly.key) ?? []), ...found]);
    }
  }
  return seen;
}

interface Begun {
  readonly context: AppContext;
  readonly config: ConfigReader;
  readonly record: PeriodicRecord;
  readonly subject: SubjectId;
  readonly shadow: boolean;
}

/** A run that was under way, from where it was; null: it cannot be read now. */
async function resume(begun: Begun, nightly: WantedNightly, { commit, request }: Seen): Promise<PushRun | null> {
  const { context, config, record, subject, shadow } = begun;
  const start = await beginNightly(context, config, record, subject, nightly, commit);
  if (start.kind !== 'planned') return null;
  const tree = await context.ports.landing.treeOf(record.project, commit);
  const read = await config.gateFacts(record.project, treeOfRun({ commit, tree }));
  const at = timeOf(request, 'startedAt') || context.ports.clock.now();
  const place = { key: nightly.key, commit, tree, request: request.request, at, shadow };
  const run = beginNightlyRun({ subject, now: context.ports.clock.now() }, place, start.planned, read);
  return resumeRun(run, new Map(request.runs.map(({ job, run: check }) => [job.name, check])));
}

async function restore(begun: Begun, nightly: WantedNightly, seen: readonly Seen[]): Promise<Nightly> {
  const { context, record } = begun;
  const { project } = record;
  const now = context.ports.clock.now();
  const [last] = seen;
  const ended = seen.filter(({ request }) => request.runs.every(({ run }) => isFinal(run)));
  const green = ended.find(({ request }) => isGreen(request));
  const [newest] = ended;
  const failed = newest === undefined ? [] : failedIn(newest.request);
  const red =
    newest === undefined || failed.length === 0
      ? null
      : { commit: newest.commit, at: timeOf(newest.request, 'completedAt'), failed };
  const startedAt = last === undefined ? null : timeOf(last.request, 'startedAt') || now;
  const isOpen = last?.request.runs.some(({ run }) => !isFinal(run));
  const plain = { ...nightly, startedAt };
  return {
    ...plain,
    dueAt: dueSince(project, plain, now),
    run: last !== undefined && isOpen ? await resume(begun, nightly, last) : null,
    green: green
      ? {
          commit: green.commit,
          tree: await context.ports.landing.treeOf(project, green.commit),
          at: timeOf(green.request, 'completedAt'),
        }
      : null,
    red: red ? { first: red, last: red, count: 1, before: green?.commit ?? null } : null,
    issue: 'unasked',
  };
}

/** What the file asks for; where it is not valid now, what the newest one beneath it asked for that was: that goes on, and fails at its times. */
async function lastWanted(
  context: AppContext,
  tools: Pick<PassTools, 'config'>,
  place: Pick<PeriodicRecord, 'project' | 'branch'>,
  tip: Sha,
): Promise<WantedNightlies> {
  const wanted = await wantedAt(tools, place, tip);
  if (wanted.kind !== 'invalid') return wanted;
  for (const commit of await context.ports.landing.firstParents(place.project, tip, mostLooks)) {
    const earlier = await wantedAt(tools, place, commit);
    if (earlier.kind !== 'invalid') return earlier;
  }
  return wanted;
}

/**
 * Where nothing is known: the nightlies of the file, each from what our own check runs show of it; its issue tells the rest.
 * Null: the file of the default branch names none, or this is another branch. Pods that are left of some have them taken away.
 */
export async function beginPeriodic(
  context: AppContext,
  tools: Pick<PassTools, 'memory' | 'config'>,
  subject: SubjectId,
  { repository, branch }: PeriodicSubject,
): Promise<PeriodicRecord | null> {
  const project = await seenProject(context, tools.memory, repository);
  if (project === null) return null;
  const record: PeriodicRecord = { schema: 1, project, branch, nightlies: [] };
  const nothing = async () => ((await hasPods(context, subject)) ? record : null);
  const tip = branch === project.defaultBranch ? await context.ports.source.tipOf(project, branch) : null;
  if (tip === null) return nothing();
  const wanted = await lastWanted(context, tools, record, tip);
  if (wanted.kind === 'unread') throw new Error('the configuration of the branch could not be read');
  if (wanted.kind === 'invalid') return nothing();
  await closeForgotten(context, tools.config, { id: subject, project, branch, commit: tip }, wanted);
  if (wanted.nightlies.length === 0) return nothing();
  const { config } = tools;
  const seen = await lookBack(context, config, project, subject, wanted.nightlies, tip);
  const begun = { context, config, record, subject, shadow: wanted.shadow };
  const nightlies: Nightly[] = [];
  for (const nightly of wanted.nightlies) nightlies.push(await restore(begun, nightly, seen.get(nightly.key) ?? []));
  return { ...record, nightlies };
}
