import { lookBack, type Search, searchFrom } from '../../core/push/find-start.ts';
import { forgotten, overtaken } from '../../core/push/lost-checks.ts';
import { requestOf } from '../../core/push/own-checks.ts';
import { newestRequest } from '../../core/push/take-pushes.ts';
import { definitionDigest } from '../../model/build.ts';
import { isFinal, type ObservedCheckRun } from '../../model/check-run.ts';
import type { ForgeEvent } from '../../model/forge-event.ts';
import type { BranchReading } from '../../model/landing.ts';
import type { Project } from '../../model/project.ts';
import type { PushRecord } from '../../model/push.ts';
import type { Sha } from '../../model/sha.ts';
import type { PushSubject, SubjectId } from '../../model/subject.ts';
import { seenProject } from '../begin-pass.ts';
import type { AppContext } from '../context.ts';
import { hasPods } from '../has-pods.ts';
import type { ConfigReader } from '../read-config.ts';
import type { PassTools } from '../reconcile.ts';
import { findLostReleases } from '../release/lost-releases.ts';
import { openBeneath, ownChecks } from './own-checks-at.ts';
import { beneathLandings, landedOn, sinceTold, toldPushes } from './since-told.ts';
import { isKeptByDefault, watchedBranch } from './watched-branch.ts';

/** So far back our check runs are looked for where nothing is known of a branch. */
const mostLooks = 10;
/** So many branches are asked, main first, for what a new one was cut from; and so many commits of it, or of what the ledger has. */
const [mostBranches, mostCommits] = [30, 200];
const none = /^0+$/;

/** What of a branch is remembered by the forge alone: by its ledger, and by our own check runs on its newest commits. */
async function searchBack(
  { ports }: AppContext,
  config: ConfigReader,
  { id, project }: { readonly id: SubjectId; readonly project: Project },
  tip: Sha,
  reading: BranchReading,
): Promise<Search> {
  const recorded = new Map<Sha, 'landed' | 'otherwise'>();
  for (const { detail } of reading.ledger.kind === 'whole' ? reading.ledger.entries : [])
    if (detail.kind === 'landed') recorded.set(detail.commit, 'landed');
    else if ('commit' in detail && !recorded.has(detail.commit)) recorded.set(detail.commit, 'otherwise');
  const line = [tip, ...(await ports.landing.firstParents(project, tip, mostCommits))];
  let search = searchFrom(tip);
  for (const [index, commit] of line.entries()) {
    const runs = index > mostLooks ? null : await ownChecks(ports.forge, config, { id, project, commit });
    const parent = line[index + 1] ?? null;
    search = lookBack(search, { commit, parent, recorded: recorded.get(commit) ?? 'nothing', runs });
    if (search.isOver) return search;
  }
  return search;
}

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

/** From where on pushes are judged, so that none is left out that was begun and lost: nothing that it releases is superseded (versions.md §6.7). */
async function beneathLost(
  { ports: { landing } }: AppContext,
  project: Project,
  { below }: Search,
  lost: readonly ObservedCheckRun[],
): Promise<Sha | null> {
  const oldest = lost.at(-1)?.commit;
  if (oldest === undefined) return below;
  if (below !== null && !(await landing.contains(project, below, oldest))) return below;
  return (await landing.firstParents(project, oldest, 1))[0] ?? oldest;
}

/** True when the forge told of the branch's creation, before anything else. */
function isCreated(inbox: readonly ForgeEvent[]): boolean {
  const first = inbox.find(({ detail }) => detail.kind === 'push')?.detail;
  return first?.kind === 'push' && none.test(first.before);
}

/** Whether a push of this commit may be for us by its own file. */
async function mayMatter(
  context: AppContext,
  config: ConfigReader,
  { project, branch }: Pick<PushRecord, 'project' | 'branch'>,
  commit: Sha,
): Promise<boolean> {
  const state = await config.configAt(project, commit);
  if (state.kind === 'unreadable') throw new Error(state.because);
  if (state.kind === 'invalid')
    return branch === project.defaultBranch || (await isKeptByDefault(context, config, { project, branch }));
  return (await watchedBranch(context, { project, branch }, state.config, commit)).matters;
}

/** The same of one of the newest pushes before it, which may still have something open. */
async function mattered(
  context: AppContext,
  config: ConfigReader,
  place: Pick<PushRecord, 'project' | 'branch'>,
  reading: BranchReading,
): Promise<boolean> {
  const { tip } = reading;
  if (tip === null) return false;
  const beneath = await context.ports.landing.firstParents(place.project, tip, mostLooks);
  for (const commit of [beneathLandings(landedOn(reading), tip), ...beneath])
    if (await mayMatter(context, config, place, commit)) return true;
  return false;
}

/** A word to a branch that more of it may have been done than is known: as of a push that moved nothing. */
export function lookBackEvent({ project, branch, seen }: PushRecord, now: number): ForgeEvent {
  const { id, owner, name, installation } = project;
  const detail = { kind: 'push', ref: `refs/heads/${branch}`, before: seen, after: seen, forced: false } as const;
  const repository = { id, owner, name };
  const delivery = `resync-push-${definitionDigest([id, branch])}-${now}`;
  return { delivery, name: 'resync', installation, repository, sender: null, receivedAt: now, detail };
}

function isAskedBack(inbox: readonly ForgeEvent[]): boolean {
  return inbox.some(({ detail }) => detail.kind === 'push' && detail.before === detail.after);
}

/** Whether the forge shows an answer to the last push under way of which an old backup knows nothing; asked where such a word came. */
export async function isBehind(
  { ports }: { readonly ports: Pick<AppContext['ports'], 'forge'> },
  { config }: Pick<PassTools, 'config'>,
  id: SubjectId,
  { project, runs, seen }: PushRecord,
  inbox: readonly ForgeEvent[],
): Promise<boolean> {
  if (!isAskedBack(inbox) || runs.some(({ endedAt }) => endedAt === null)) return false;
  const open = (await ownChecks(ports.forge, config, { id, project, commit: seen })).filter((run) => !isFinal(run));
  const there = runs.findLast(({ commit }) => commit === seen);
  // It may have been pushed there once more.
  return open.some(({ externalId }) => there === undefined || requestOf(externalId) > newestRequest(there));
}

/** What stands open beneath what was judged last, of pushes of which the record knows nothing. */
async function unknownBeneath(
  { ports }: { readonly ports: Pick<AppContext['ports'], 'forge' | 'landing'> },
  { config }: Pick<PassTools, 'config'>,
  id: SubjectId,
  { project, seen, runs }: PushRecord,
): Promise<readonly ObservedCheckRun[]> {
  const open = await openBeneath(ports, config, { id, project, commit: seen }, null);
  return open.filter(({ commit }) => !runs.some((run) => run.commit === commit));
}

/** The same record with how what was begun ends of which an old backup knows nothing; looked for where such a word came. */
export async function withLost(
  context: AppContext,
  tools: Pick<PassTools, 'config'>,
  id: SubjectId,
  record: PushRecord,
  inbox: readonly ForgeEvent[],
): Promise<PushRecord> {
  const { project, branch, seen, orphans = [] } = record;
  const { source, clock } = context.ports;
  const tip = isAskedBack(inbox) ? await source.tipOf(project, branch) : null;
  if (tip === null) return record;
  const found = await findLostReleases(context, tools.config, project, tip);
  const lost = await unknownBeneath(context, tools, id, record);
  const fresh = [...found, ...lost.map((run) => overtaken(run, seen, clock.now()))].filter(({ externalId }) =>
    orphans.every((each) => each.externalId !== externalId),
  );
  return fresh.length === 0 ? record : { ...record, orphans: [...orphans, ...fresh] };
}

/**
 * Where nothing is known: from what the ledger or our own check runs show as done, else from what the forge told of the push;
 * what was there before the App came is nobody's push. Null: no job is for this branch, or it is not to be seen.
 */
export async function beginPushes(
  context: AppContext,
  { memory, config }: PassTools,
  id: SubjectId,
  { repository, branch }: PushSubject,
  inbox: readonly ForgeEvent[],
): Promise<PushRecord | null> {
  const { ports } = context;
  const project = await seenProject(context, memory, repository);
  if (project === null) return null;
  const tip = await ports.source.tipOf(project, branch);
  if (tip === null) return null;
  const isForUs = (await mayMatter(context, config, { project, branch }, tip)) || (await hasPods(context, id));
  // What came since may have taken the jobs away that a push before it had; no branch that is nobody's business is fetched for that.
  const isOurs = isForUs || branch === project.defaultBranch;
  if (!isOurs && !(await isKeptByDefault(context, config, { project, branch }))) return null;
  const reading = await ports.landing.read(project, branch);
  if (reading.tip === null) return null;
  if (!isForUs && !(await mattered(context, config, { project, branch }, reading))) return null;
  const plain = { schema: 1, project, branch, runs: [] } as const;
  const base = isCreated(inbox) ? await cutFrom(context, project, branch, reading.tip) : null;
  // What stands on the commits of another branch says nothing of this one.
  if (base !== null) return { ...plain, seen: base, ...(base === reading.tip ? { isCut: true } : {}) };
  const search = await searchBack(context, config, { id, project }, reading.tip, reading);
  const { above, last, isTold } = search;
  const lost = last === null ? [] : await openBeneath(ports, config, { id, project, commit: last }, null);
  const below = await beneathLost(context, project, search, lost);
  const overtook = lost.map((run) => overtaken(run, last ?? tip, ports.clock.now()));
  const orphans = [...overtook, ...(await findLostReleases(context, config, project, reading.tip))];
  const isKnown = below === null || (search.isOver && below === search.below);
  const begun = {
    ...plain,
    seen: below ?? above,
    ...(isKnown ? {} : { isUnsure: true as const }),
    ...(orphans.length > 0 ? { orphans } : {}),
  };
  // Nothing shows whether what it begins with was ever judged, where that is only what stands beneath something open.
  if (below !== null && !search.isOver) return sinceTold({ ...begun, isUntold: true }, inbox, reading);
  if (below !== null || last === null || isTold) return begun;
  // Nothing stands beneath the first commit of all, so that what was begun there cannot be judged again.
  const own = await ownChecks(ports.forge, config, { id, project, commit: last });
  const open = own.filter((run) => !isFinal(run)).map((run) => forgotten(run, ports.clock.now()));
  const ended = [...orphans, ...open];
  const untold = { ...begun, isUntold: true, ...(ended.length > 0 ? { orphans: ended } : {}) } as const;
  const found = sinceTold(untold, inbox, reading);
  const first = toldPushes(inbox, landedOn(reading))[0]?.before;
  // Something was pushed at least, though the last word of it is lost.
  return found.isUntold && first !== undefined && first !== reading.tip
    ? { ...begun, seen: first, from: first }
    : found;
}
