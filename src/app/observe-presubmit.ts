import {
  type LogFacts,
  type PresubmitFacts,
  plannedTree,
  strictestTrust,
  type TreeFacts,
  treeKey,
} from '../core/presubmit/facts.ts';
import { confirmAfterMs } from '../core/presubmit/plan.ts';
import { sluiceReportId } from '../core/presubmit/report-sluice.ts';
import type { Build, BuildId } from '../model/build.ts';
import { externalIdFor } from '../model/build.ts';
import type { PreparedChange } from '../model/code.ts';
import type { ForgeEvent } from '../model/forge-event.ts';
import type { ObservedPod } from '../model/pod.ts';
import type { JobRecord, PlannedTree, PresubmitRecord } from '../model/presubmit.ts';
import type { Sha } from '../model/sha.ts';
import type { SubjectId } from '../model/subject.ts';
import type { TrustSettings } from '../model/trust.ts';
import type { AppContext } from './context.ts';
import type { ForgeMemory } from './forge-memory.ts';
import { isolationNow } from './isolation/isolation-note.ts';
import { observeLine, observePods, readLogEnd } from './observe-builds.ts';
import { type ObservedForge, observeForge } from './observe-forge.ts';
import { isSuperseded } from './observe-gate-entry.ts';
import { observeOpened } from './observe-opened.ts';
import { observeSiblings } from './observe-siblings.ts';
import { checkChange } from './organisation/check-organisation.ts';
import type { Performed } from './perform.ts';
import type { LineMemory } from './promote/read-lines.ts';
import { tellTagsOfOthers } from './promote/tell-tags.ts';
import { forecastPull } from './push/forecast-merge.ts';
import type { ConfigReader } from './read-config.ts';

/** What reads through for all passes of a worker. */
export interface PassReaders {
  readonly config: ConfigReader;
  readonly memory: ForgeMemory;
}

/** The same, and what only tells people. */
export interface PresubmitReaders extends PassReaders {
  /** Promote lines, for telling whose tags are. */
  readonly lines: LineMemory;
}

function jobsOf(record: PresubmitRecord): readonly JobRecord[] {
  return [...(record.change?.jobs ?? []), ...record.retired.map((retired) => retired.job)];
}

function unfinished(record: PresubmitRecord): { job: JobRecord; build: Build }[] {
  return jobsOf(record).flatMap((job) =>
    job.status.kind === 'building'
      ? job.status.builds.filter((build) => build.state.phase !== 'finished').map((build) => ({ job, build }))
      : [],
  );
}

async function observeLogs(
  context: AppContext,
  record: PresubmitRecord,
  pods: readonly ObservedPod[],
  trees: ReadonlyMap<string, TreeFacts>,
): Promise<Map<BuildId, LogFacts>> {
  const logs = new Map<BuildId, LogFacts>();
  const ground = { project: record.project, trees };
  for (const { job, build } of unfinished(record)) {
    const pod = pods.find((candidate) => candidate.name === build.id);
    const ended = !pod || pod.phase === 'succeeded' || pod.phase === 'failed';
    if (ended && build.state.phase !== 'wanted') logs.set(build.id, await readLogEnd(context, ground, job, build));
  }
  return logs;
}

async function observeTrees(
  reader: ConfigReader,
  record: PresubmitRecord,
  prepared: PreparedChange | null,
): Promise<Map<string, TreeFacts>> {
  const wanted = new Map<string, PlannedTree>();
  const note = (tree: PlannedTree): void => void wanted.set(treeKey(tree), tree);
  for (const job of jobsOf(record)) if (job.status.kind === 'building' || job.status.kind === 'blocked') note(job.tree);
  if (prepared?.merge.kind === 'merged') note(plannedTree(prepared, prepared.merge.tree));
  const read = [...wanted].map(async ([key, tree]) => [key, await reader.treeFacts(record.project, tree)] as const);
  return new Map(await Promise.all(read));
}

async function observeTrust(reader: ConfigReader, record: PresubmitRecord, base: Sha | null): Promise<TrustSettings> {
  if (base === null) return strictestTrust;
  const state = await reader.configAt(record.project, base);
  return state.kind === 'valid' ? state.config.trust : strictestTrust;
}

function reportIds(record: PresubmitRecord, subject: SubjectId): string[] {
  const own = record.change && record.change.revision > 0 ? [sluiceReportId(subject, record.change)] : [];
  const retired = record.retired.map(({ head, entry, job }) =>
    externalIdFor({ subject, entry, commit: head, job: job.job, definition: job.definition, request: job.request }),
  );
  return [...own, ...retired];
}

/** Whether something may have changed there, may be started now, or was lost on its way to it. */
function asksForge(
  record: PresubmitRecord,
  subject: SubjectId,
  seen: Pick<PresubmitFacts, 'inbox' | 'line' | 'pods' | 'reports' | 'now'>,
): boolean {
  const { change, pull } = record;
  if (seen.inbox.length > 0) return true;
  if (record.unconfirmed !== undefined && seen.now - record.unconfirmed < confirmAfterMs) return false;
  if (record.unconfirmed !== undefined) return true;
  // Without a change what an earlier life of ours did is still to be found, also of one that is closed.
  if ((pull === null || pull.state === 'open' || change === null) && change?.planned !== true) return true;
  // Its images' siblings could not be looked at when it was planned, or wait for what it needs.
  if (change?.jobs.some((job) => job.status.kind === 'blocked' && job.waitsForSiblings === true)) return true;
  const begins = unfinished(record).some(({ build }) => {
    if (build.state.phase === 'wanted') return seen.line.get(build.id)?.granted === true;
    return build.state.phase === 'starting' && seen.pods !== null && !seen.pods.some((pod) => pod.name === build.id);
  });
  return (
    begins ||
    (change !== null && change.revision > 0 && seen.reports.get(sluiceReportId(subject, change))?.final !== true)
  );
}

async function lookAtForge(
  context: AppContext,
  memory: ForgeMemory,
  subject: SubjectId,
  record: PresubmitRecord,
  inbox: readonly ForgeEvent[],
): Promise<ObservedForge | null> {
  const opened = await observeOpened(context, memory, record, inbox);
  if (opened !== null) return opened;
  try {
    return await observeForge(context, record, inbox);
  } catch (cause) {
    // What was begun goes on meanwhile; whether it should have been is asked again.
    if (record.unconfirmed === undefined || inbox.length > 0) throw cause;
    context.ports.log.warn({ subject, err: cause }, 'an opening could not be confirmed yet');
    return null;
  }
}

/** What a change is planned under is named beside what it is planned from: an organisation's next word is for what is planned then. */
async function withOrganisation(reader: ConfigReader, observed: ObservedForge | null): Promise<PreparedChange | null> {
  const { prepared = null, forge = null } = observed ?? {};
  const project = forge?.project ?? null;
  const organisation = prepared === null || project === null ? null : await reader.organisationOf(project);
  return prepared === null || organisation === null ? prepared : { ...prepared, organisation };
}

async function checkOrganisation(
  context: AppContext,
  memory: ForgeMemory,
  observed: ObservedForge | null,
  tree: Sha | null,
): Promise<Pick<PresubmitFacts, 'organisation'>> {
  const { project = null, pull = null } = observed?.forge ?? {};
  if (project === null || pull === null || tree === null) return {};
  const { head, baseRef } = pull;
  const organisation = await checkChange(context, memory, { project, baseRef, head, tree });
  return organisation === null ? {} : { organisation };
}

async function forecastOf(
  context: AppContext,
  reader: ConfigReader,
  subject: SubjectId,
  observed: ObservedForge | null,
  prepared: PreparedChange | null,
): Promise<Pick<PresubmitFacts, 'forecast'>> {
  const forecast = await forecastPull(context, reader, subject, observed?.forge ?? {}, prepared);
  return forecast === null ? {} : { forecast };
}

/** Looks at the world for one pass. The forge is asked only when something may have changed there or a build may start. */
export async function observePresubmit(
  context: AppContext,
  readers: PresubmitReaders,
  subject: SubjectId,
  record: PresubmitRecord,
  inbox: readonly ForgeEvent[],
  done: Performed,
): Promise<PresubmitFacts> {
  const { config: reader, memory } = readers;
  const [line, pods, reports] = await Promise.all([
    observeLine(context, jobsOf(record)),
    observePods(context, jobsOf(record)),
    context.ports.reporter.known(reportIds(record, subject)),
  ]);
  const isolation = await isolationNow(context);
  const now = context.ports.clock.now();
  const asks = asksForge(record, subject, { inbox, line, pods, reports, now });
  const observed = asks ? await lookAtForge(context, memory, subject, record, inbox) : null;
  const prepared = await withOrganisation(reader, observed);
  const trees = await observeTrees(reader, record, prepared);
  const tree = prepared?.merge.kind === 'merged' ? prepared.merge.tree : null;
  const baseRef = observed?.forge.pull?.baseRef ?? record.change?.baseRef ?? record.project.defaultBranch;
  return {
    now: context.ports.clock.now(),
    forge: observed?.forge ?? null,
    prepared,
    trees,
    ...(await checkOrganisation(context, memory, observed, tree)),
    ...(await forecastOf(context, reader, subject, observed, prepared)),
    ...(tree === null ? {} : { tagsOfOthers: await tellTagsOfOthers(context, readers, record.project, baseRef, tree) }),
    ...(observed === null ? {} : { siblings: await observeSiblings(context, trees.values(), baseRef) }),
    trust: await observeTrust(reader, record, prepared?.base ?? null),
    ...(isolation === null ? {} : { isolation }),
    superseded: await isSuperseded(context, reader, record),
    pods,
    line,
    logs: await observeLogs(context, record, pods ?? [], trees),
    reports,
    starts: done.starts,
    sent: done.sent,
    inbox,
    logUrl: context.settings.logUrl,
  };
}
