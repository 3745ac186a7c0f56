import { requestOf } from '../../core/push/own-checks.ts';
import type { CheckRunReport, ObservedCheckRun } from '../../model/check-run.ts';
import type { ForgeEvent } from '../../model/forge-event.ts';
import type { BranchReading } from '../../model/landing.ts';
import type { Project } from '../../model/project.ts';
import type { PushRecord } from '../../model/push.ts';
import { isSha, type Sha } from '../../model/sha.ts';
import type { PushSubject } from '../../model/subject.ts';
import { seenProject } from '../begin-pass.ts';
import type { AppContext } from '../context.ts';
import { nightlyChecks } from '../periodic/begin-nightly.ts';
import type { ConfigReader } from '../read-config.ts';
import type { PassTools } from '../reconcile.ts';
import { watchedBranch } from './watched-branch.ts';

/** So far back what we did is looked for where nothing is known of a branch. */
const mostLooks = 10;
const none = /^0+$/;

/** A branch of which nothing is known here, as it begins. */
export interface BegunPushes {
  readonly record: PushRecord;
  /** What a lost state began on commits that were overtaken. */
  readonly orphans: readonly CheckRunReport[];
}

interface Start {
  readonly seen: Sha;
  readonly orphans: readonly ObservedCheckRun[];
  /** How often the tip was asked for, as far as something of that goes on. */
  readonly request: number;
}

/** What a push started, by its names: what is `sluice` alone or the gate's is somebody else's business. */
function isOfPush({ name }: ObservedCheckRun): boolean {
  return name === 'sluice/version' || !/^sluice($|\/)/.test(name);
}

/** The newest commit of which all that we say is concluded, or that the ledger has; null: none of the newest. */
async function findStart(
  { ports }: AppContext,
  config: ConfigReader,
  project: Project,
  tip: Sha,
  reading: BranchReading,
): Promise<Start | null> {
  const entries = reading.ledger.kind === 'whole' ? reading.ledger.entries : [];
  const known = new Set(entries.flatMap(({ detail }) => ('commit' in detail ? [detail.commit] : [])));
  const orphans: ObservedCheckRun[] = [];
  let request = 1;
  for (const commit of [tip, ...(await ports.landing.firstParents(project, tip, mostLooks))]) {
    if (known.has(commit)) return { seen: commit, orphans, request };
    const all = (await ports.forge.checkRuns(project, commit)).filter(isOfPush);
    const nightly = all.length === 0 ? new Set() : await nightlyChecks(config, project, commit, all);
    const runs = all.filter(({ externalId }) => !nightly.has(externalId));
    const open = runs.filter(({ state }) => state.status !== 'completed');
    if (runs.length > 0 && open.length === 0) return { seen: commit, orphans, request };
    if (commit !== tip) orphans.push(...open);
    else request = Math.max(1, ...open.map(({ externalId }) => requestOf(externalId)));
  }
  return null;
}

function overtaken(run: ObservedCheckRun, tip: Sha, now: number): CheckRunReport {
  const because = `What was begun here was lost; ${tip.slice(0, 12)} was pushed since, and is built in its place.`;
  return {
    ...run,
    state: { status: 'completed', conclusion: 'cancelled' },
    title: 'A newer push is built in its place',
    summary: because,
    text: '',
    annotations: [],
    actions: [],
    detailsUrl: null,
    completedAt: now,
  };
}

/** So many branches are asked, main first, for what a new one was cut from; and so many commits of it. */
const [mostBranches, mostCommits] = [30, 200];

/** The nearest commit of a new branch's first-parent line that another branch holds, mostly its tip; null: none does. */
async function cutFrom({ ports }: AppContext, project: Project, branch: string, tip: Sha): Promise<Sha | null> {
  const all = await ports.history.branches(project);
  all.delete(branch);
  const main = all.get(project.defaultBranch);
  const others = [...new Set([...(main === undefined ? [] : [main]), ...all.values()])].slice(0, mostBranches);
  for (const commit of [tip, ...(await ports.landing.firstParents(project, tip, mostCommits))])
    for (const other of others) if (await ports.landing.contains(project, other, commit)) return commit;
  return null;
}

/** True when the forge told of the branch's creation, before anything else. */
function isCreated(inbox: readonly ForgeEvent[]): boolean {
  const first = inbox.find(({ detail }) => detail.kind === 'push')?.detail;
  return first?.kind === 'push' && none.test(first.before);
}

/** The oldest of what the forge told: what the branch pointed at before all of it. */
function toldBefore(inbox: readonly ForgeEvent[]): Sha | null {
  for (const { detail } of inbox)
    if (detail.kind === 'push' && isSha(detail.before) && !none.test(detail.before)) return detail.before;
  return null;
}

/**
 * Where nothing is known: from what the ledger or our own check runs show as done, else from what the forge told of the push;
 * what was there before the App came is nobody's push. Null: no job is for this branch, or it is not to be seen.
 */
export async function beginPushes(
  context: AppContext,
  { memory, config }: PassTools,
  { repository, branch }: PushSubject,
  inbox: readonly ForgeEvent[],
): Promise<BegunPushes | null> {
  const { ports } = context;
  const project = await seenProject(context, memory, repository);
  if (project === null) return null;
  const tip = await ports.source.tipOf(project, branch);
  if (tip === null) return null;
  const state = await config.configAt(project, tip);
  if (state.kind === 'unreadable') throw new Error(state.because);
  if (state.kind === 'valid' && !(await watchedBranch(context, { project, branch }, state.config, tip)).matters)
    return null;
  if (state.kind === 'invalid' && branch !== project.defaultBranch) return null;
  const reading = await ports.landing.read(project, branch);
  if (reading.tip === null) return null;
  const base = isCreated(inbox) ? await cutFrom(context, project, branch, reading.tip) : null;
  // What stands on the commits of another branch says nothing of this one.
  const start = base === null ? await findStart(context, config, project, reading.tip, reading) : null;
  const seen = base ?? start?.seen ?? toldBefore(inbox) ?? reading.tip;
  const orphans = start?.orphans.map((run) => overtaken(run, tip, ports.clock.now())) ?? [];
  const { request = 1 } = start ?? {};
  const found = request === 1 ? {} : { found: { commit: reading.tip, request } };
  const cut = base === reading.tip ? ({ isCut: true } as const) : {};
  return { record: { schema: 1, project, branch, seen, ...cut, ...found, runs: [] }, orphans };
}
