import type { PeriodicFacts, PeriodicWants, WantedNightlies } from '../../core/periodic/facts.ts';
import { markOf } from '../../core/periodic/issue-mark.ts';
import { nightliesOf } from '../../core/periodic/nightlies-of.ts';
import { treeKey } from '../../core/presubmit/facts.ts';
import { treeOfRun } from '../../core/push/begin-run.ts';
import { reportsOf } from '../../core/push/report-run.ts';
import type { ObservedCheckRun } from '../../model/check-run.ts';
import { configFile } from '../../model/config.ts';
import type { PeriodicRecord } from '../../model/periodic.ts';
import type { Sha } from '../../model/sha.ts';
import type { SubjectId } from '../../model/subject.ts';
import type { AppContext } from '../context.ts';
import { observeLine, observeLogs, observePods } from '../observe-builds.ts';
import { writeIndex } from '../promote/write-index.ts';
import { placeInLine, readLine } from '../push/observe-pushes.ts';
import type { PassTools } from '../reconcile.ts';
import { beginNightly } from './begin-nightly.ts';
import { openBeneath } from './requests-seen.ts';

/** What of an earlier round of this pass the plan must know. */
export type SeenInPass = Pick<PeriodicFacts, 'starts' | 'written'>;

/** The same with what people pressed since, which counts once. */
type Seen = SeenInPass & Pick<PeriodicFacts, 'presses'>;

/** As known some seconds ago; asked of the forge when something is to start there. */
async function tipOf(
  { ports }: AppContext,
  { project, branch }: PeriodicRecord,
  reading: PeriodicFacts['reading'],
): Promise<PeriodicFacts['tip']> {
  const commit = reading === null ? await ports.source.tipOf(project, branch) : reading.tip;
  return commit === null ? null : { commit, tree: await ports.landing.treeOf(project, commit) };
}

/** What the file at a commit asks for; of the branch itself, never of a pull request or another branch (attack A6). */
export async function wantedAt(
  { config }: Pick<PassTools, 'config'>,
  { project, branch }: Pick<PeriodicRecord, 'project' | 'branch'>,
  commit: Sha,
): Promise<WantedNightlies> {
  const state = await config.configAt(project, commit);
  if (state.kind === 'unreadable') return { kind: 'unread' };
  if (state.kind === 'valid') {
    const { jobs, mode } = state.config;
    return { kind: 'known', nightlies: nightliesOf(project, branch, jobs), shadow: mode === 'shadow' };
  }
  const [first] = state.problems;
  const where = first === undefined ? '' : ` (line ${first.line}: ${first.message})`;
  return { kind: 'invalid', because: `${configFile} is not valid${where}` };
}

/** Looks at the world for one pass over what a branch runs by the clock; what a plan still lacks is had by `satisfyPeriodic`. */
export async function observePeriodic(
  context: AppContext,
  tools: Pick<PassTools, 'config'>,
  subject: SubjectId,
  record: PeriodicRecord,
  seen: Seen,
): Promise<PeriodicFacts> {
  const { clock, reporter } = context.ports;
  const { project, branch, nightlies } = record;
  const runs = nightlies.flatMap(({ run }) => run ?? []);
  const jobs = runs.flatMap((run) => run.jobs);
  const pods = await observePods(context, jobs);
  const now = clock.now();
  const isDue = nightlies.some(({ dueAt }) => dueAt !== null && dueAt <= now);
  const isMoving = runs.some(({ endedAt }) => endedAt === null);
  const reading = isDue || isMoving ? await readLine(context, record) : null;
  const tip = await tipOf(context, record, reading);
  const trees = new Map<string, Awaited<ReturnType<typeof tools.config.gateFacts>>>();
  for (const run of runs) trees.set(treeKey(treeOfRun(run)), await tools.config.gateFacts(project, treeOfRun(run)));
  const facts: PeriodicFacts = {
    now,
    subject,
    app: context.settings.appId,
    isDefault: project.defaultBranch === branch,
    tip,
    wanted: tip === null ? { kind: 'unread' } : await wantedAt(tools, record, tip.commit),
    reading,
    begun: new Map(),
    issues: new Map(),
    below: new Map(),
    trees,
    indexes: new Map(),
    lost: new Map(),
    told: new Set(),
    pods,
    line: await observeLine(context, jobs),
    logs: await observeLogs(context, jobs, pods ?? [], () => ({ project, trees })),
    ...seen,
    forge: {},
    logUrl: context.settings.logUrl,
  };
  const ids = runs.flatMap((run) => reportsOf(facts, run).map(({ externalId }) => externalId));
  const known = await reporter.known(ids);
  const told = [...known].flatMap(([id, { final, delivered }]) => (final && delivered ? [id] : []));
  return { ...facts, told: new Set(told) };
}

/** What stands open of a nightly that cannot start; null: that could not be read now. */
async function lostOf(
  { ports }: AppContext,
  config: PassTools['config'],
  { project, branch }: PeriodicRecord,
  { tip, subject }: Pick<PeriodicFacts, 'tip' | 'subject'>,
  wanted: string,
): Promise<readonly ObservedCheckRun[] | null> {
  if (tip === null) return [];
  const place = { id: subject, project, branch, commit: tip.commit };
  try {
    return await openBeneath(ports, config, place, ({ key }) => key === wanted);
  } catch (err) {
    ports.log.warn({ subject, nightly: wanted, err }, 'what was lost of a nightly could not be looked for');
    return null;
  }
}

/** The same facts with what a plan lacked. */
export async function satisfyPeriodic(
  context: AppContext,
  { config }: Pick<PassTools, 'config'>,
  record: PeriodicRecord,
  facts: PeriodicFacts,
  wants: PeriodicWants,
): Promise<PeriodicFacts> {
  const { project } = record;
  const { tip, subject } = facts;
  const [begun, issues, below] = [new Map(facts.begun), new Map(facts.issues), new Map(facts.below)];
  const [trees, indexes, lost] = [new Map(facts.trees), new Map(facts.indexes), new Map(facts.lost)];
  for (const key of wants.starts) {
    const wanted = facts.wanted.kind === 'known' ? facts.wanted.nightlies.find((each) => each.key === key) : undefined;
    begun.set(
      key,
      wanted && tip ? await beginNightly(context, config, record, subject, wanted, tip.commit) : { kind: 'unread' },
    );
  }
  if (wants.issues.length > 0) {
    const found = await context.ports.issues.find(project, wants.issues.map(markOf));
    for (const key of wants.issues) issues.set(key, found.get(markOf(key)) ?? null);
  }
  for (const commit of wants.below) below.set(commit, await placeInLine(context, record, facts.reading, commit));
  for (const wanted of wants.trees) trees.set(treeKey(wanted), await config.gateFacts(project, wanted));
  for (const wanted of wants.indexes) indexes.set(wanted.key, await writeIndex(context, record, wanted));
  for (const key of wants.lost) lost.set(key, await lostOf(context, config, record, facts, key));
  return { ...facts, begun, issues, below, trees, indexes, lost };
}
