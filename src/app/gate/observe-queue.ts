import { candidateKey } from '../../core/gate/candidates.ts';
import { claimKey } from '../../core/gate/claim-tags.ts';
import { changeIdOf, changeOf } from '../../core/gate/draft.ts';
import {
  type BranchFacts,
  type HeardCommand,
  type QueueFacts,
  rightsKey,
  type WantedTag,
  type Wants,
} from '../../core/gate/facts.ts';
import { ranBeside } from '../../core/gate/join/ran-beside.ts';
import { joinReportIds } from '../../core/gate/join/report-join.ts';
import { jobsOf as jobsOfCandidate, madeOf } from '../../core/gate/made-of.ts';
import { candidateCheckId } from '../../core/gate/report-candidate.ts';
import { itemCheckId } from '../../core/gate/report-item.ts';
import { viewMs } from '../../core/gate/seen-lately.ts';
import { patientWait } from '../../core/patient-wait.ts';
import { treeKey } from '../../core/presubmit/facts.ts';
import { claimsRead, tagKey } from '../../core/promote/own-tags.ts';
import type { BuildId } from '../../model/build.ts';
import type { ForgeEvent } from '../../model/forge-event.ts';
import type { GateView } from '../../model/gate-view.ts';
import type { LandingAnswer } from '../../model/landing.ts';
import type { Person, Rights } from '../../model/person.ts';
import type { StartOutcome } from '../../model/pod.ts';
import type { JobRecord } from '../../model/presubmit.ts';
import type { Project } from '../../model/project.ts';
import type { BranchKey, MadeCandidate, QueueBranch, QueueRecord } from '../../model/queue.ts';
import type { Sha } from '../../model/sha.ts';
import type { QueueSubject, SharedQueueSubject, SubjectId } from '../../model/subject.ts';
import type { AppContext } from '../context.ts';
import { observeLine, observeLogs, observePods } from '../observe-builds.ts';
import type { PassReaders } from '../observe-presubmit.ts';
import { observeSiblings } from '../observe-siblings.ts';
import { tagsOfOthers } from '../promote/foreign-tags.ts';
import { writeIndex } from '../promote/write-index.ts';
import type { ConfigReader } from '../read-config.ts';
import type { PassTools } from '../reconcile.ts';
import { unlessForbidden } from './forbid-workflows.ts';
import { groundsOf } from './log-grounds.ts';
import { lookAtUploads } from './look-at-uploads.ts';
import { branchFor } from './queue-of.ts';
import { readBranch } from './read-branch.ts';
import { readDifferences } from './read-differences.ts';

/** What came of a pass's effects that the next round must know. */
export interface QueueOutcomes {
  readonly starts: ReadonlyMap<BuildId, StartOutcome>;
  readonly published: ReadonlySet<Sha>;
  readonly landing: LandingAnswer | null;
}

export const noOutcomes: QueueOutcomes = { starts: new Map(), published: new Set(), landing: null };

/** A view may be so old until it is read anew without a hint, ms. */
const askedViewMs = 60_000;

function candidatesOf(record: QueueRecord): readonly MadeCandidate[] {
  return [
    ...record.items.flatMap(madeOf),
    ...record.stopping.map(({ candidate }) => candidate),
    ...ranBeside(record).map(({ candidate }) => candidate),
  ];
}

function jobsOf(record: QueueRecord): readonly JobRecord[] {
  return candidatesOf(record).flatMap(jobsOfCandidate);
}

function commandsIn(place: QueuePlace, inbox: readonly ForgeEvent[]): readonly HeardCommand[] {
  return inbox.flatMap(({ delivery, repository, detail }) =>
    detail.kind === 'gate' && repository
      ? [{ ...detail, branch: branchFor(place.subject, repository.id), delivery }]
      : [],
  );
}

/** Heads that somebody else reported on. */
function headsIn(inbox: readonly ForgeEvent[]): ReadonlySet<Sha> {
  return new Set(inbox.flatMap(({ detail }) => (detail.kind === 'head' ? [detail.head] : [])));
}

/** Changes whose view is read in this pass: those spoken of or reported on, and those not looked at for long. */
function toRead(
  record: QueueRecord,
  commands: readonly HeardCommand[],
  reported: ReadonlySet<Sha>,
  now: number,
): ReadonlySet<string> {
  const wanted = new Set<string>();
  const known = new Set(record.branches.map(({ key }) => key));
  for (const command of commands) if (known.has(command.branch) && command.number > 0) wanted.add(changeIdOf(command));
  for (const change of [...record.items, ...record.asked])
    if (reported.has(change.request.head)) wanted.add(changeIdOf(change));
  for (const item of record.items) if (now - item.seenAt > viewMs) wanted.add(changeIdOf(item));
  for (const change of [...record.asked, ...record.leaving.map((left) => left.change)])
    if (now - change.seenAt > patientWait(now - change.request.at, askedViewMs)) wanted.add(changeIdOf(change));
  return wanted;
}

async function readRights(
  context: AppContext,
  record: QueueRecord,
  commands: readonly HeardCommand[],
): Promise<Map<string, Rights>> {
  const wanted = new Map<string, { readonly key: BranchKey; readonly person: Person }>();
  const want = (key: BranchKey, person: Person): void => void wanted.set(rightsKey(key, person), { key, person });
  for (const { branch, request } of [...record.items, ...record.asked]) want(branch, request.by);
  for (const { branch, by } of commands) if (by !== null) want(branch, by);
  // The forge numbers its accounts from 1: an operator is none of them.
  for (const [id, { person }] of wanted) if (person.id === 0) wanted.delete(id);
  const read = [...wanted].map(async ([id, { key, person }]) => {
    const project = record.branches.find((branch) => branch.key === key)?.project;
    return project ? [[id, await context.ports.forge.rights(project, person)] as const] : [];
  });
  return new Map((await Promise.all(read)).flat());
}

function reportIdsOf(record: QueueRecord, subject: SubjectId): string[] {
  const changes = [...record.items, ...record.asked, ...record.leaving.map(({ change }) => change)];
  return [
    ...changes.map((change) => itemCheckId(subject, change)),
    ...candidatesOf(record).map(({ commit }) => candidateCheckId(subject, commit)),
    ...joinReportIds(subject, record.join),
  ];
}

async function observeTrees(reader: ConfigReader, record: QueueRecord): Promise<QueueFacts['trees']> {
  const trees = new Map<string, Awaited<ReturnType<ConfigReader['gateFacts']>>>();
  for (const { branch, candidate } of [
    ...record.items.flatMap((item) => madeOf(item).map((candidate) => ({ branch: item.branch, candidate }))),
    ...record.stopping,
    ...ranBeside(record),
  ]) {
    const project = record.branches.find(({ key }) => key === branch)?.project;
    if (!project) continue;
    for (const { tree } of jobsOfCandidate(candidate))
      if (!trees.has(treeKey(tree))) trees.set(treeKey(tree), await reader.gateFacts(project, tree));
  }
  return trees;
}

async function readView(context: AppContext, record: QueueRecord, id: string): Promise<GateView | null> {
  const { branch, number } = changeOf(id);
  const project = record.branches.find(({ key }) => key === branch)?.project;
  return project ? context.ports.gateForge.gateView(project, number) : null;
}

/** Which queue is looked at, and what looks. */
export interface QueuePlace {
  readonly id: SubjectId;
  readonly subject: QueueSubject | SharedQueueSubject;
  readonly tools: Pick<PassTools, 'config' | 'memory' | 'elsewhere'>;
}

/** Looks at the world for one pass over a queue; what a plan then still lacks is had by `satisfy`. */
export async function observeQueue(
  context: AppContext,
  place: QueuePlace,
  record: QueueRecord,
  inbox: readonly ForgeEvent[],
  outcomes: QueueOutcomes,
): Promise<Omit<QueueFacts, 'unheard'>> {
  const { id: subject, tools } = place;
  const { config: reader } = tools;
  const { clock, reporter, landing } = context.ports;
  const commands = commandsIn(place, inbox);
  const jobs = jobsOf(record);
  const wanted = toRead(record, commands, headsIn(inbox), clock.now());
  // One that cannot be read keeps what was known of it, and the others their pass.
  const reading = [...wanted].map((id) =>
    readView(context, record, id).then(
      (view) => [[id, view] as const],
      (err: unknown) => {
        context.ports.log.warn({ subject, change: id, err }, 'a change could not be read');
        return [];
      },
    ),
  );
  const [branches, views, rights, elsewhere, line, pods, reports, trees, git] = await Promise.all([
    Promise.all(record.branches.map(async (each) => [each.key, await readBranch(context, tools, each)] as const)),
    Promise.all(reading),
    readRights(context, record, commands),
    tools.elsewhere.read(record),
    observeLine(context, jobs),
    observePods(context, jobs),
    reporter.known(reportIdsOf(record, subject)),
    observeTrees(reader, record),
    landing.gitVersion(),
  ]);
  return {
    now: clock.now(),
    subject,
    app: context.settings.appId,
    branches: new Map<BranchKey, BranchFacts>(branches),
    views: new Map(views.flat()),
    rights,
    elsewhere,
    commands,
    made: new Map(),
    indexes: new Map(),
    claims: new Map(),
    looks: new Map(),
    environment: context.settings.environment,
    trees,
    roots: new Map(),
    differences: new Map(),
    siblings: await observeSiblings(context, trees.values(), record.branches[0]?.branch ?? ''),
    reports,
    published: outcomes.published,
    landing: outcomes.landing,
    starts: outcomes.starts,
    git,
    line,
    pods,
    logs: await observeLogs(context, jobs, pods ?? [], groundsOf(record, trees)),
    forge: {},
    logUrl: context.settings.logUrl,
  };
}

/** The same facts with what a plan lacked. */
export async function satisfy(
  context: AppContext,
  { config: reader, memory }: Pick<PassTools, 'config' | 'memory'>,
  record: QueueRecord,
  facts: QueueFacts,
  wants: Wants,
): Promise<QueueFacts> {
  const { landing, clock } = context.ports;
  const branchOf = (key: BranchKey): QueueBranch => {
    const found = record.branches.find((branch) => branch.key === key);
    if (!found) throw new Error(`the queue has no branch ${key}`);
    return found;
  };
  const made = new Map(facts.made);
  for (const { branch, number, parent, head, message } of wants.candidates) {
    const method = facts.branches.get(branch)?.settings?.method;
    if (method === undefined) throw new Error(`${branch}: how it lands is not known, and a candidate is to be made`);
    const { project } = branchOf(branch);
    const request = { number, parent, head, method, message, trailers: trailersOf(message) };
    const outcome = await landing.make(project, request);
    made.set(candidateKey(branch, parent, head), await unlessForbidden(context, project, outcome));
  }
  const trees = new Map(facts.trees);
  for (const { branch, base, tree } of wants.trees)
    trees.set(treeKey({ base, tree }), await reader.gateFacts(branchOf(branch).project, { base, tree }));
  const siblings =
    wants.trees.length === 0
      ? facts.siblings
      : await observeSiblings(context, trees.values(), record.branches[0]?.branch ?? '');
  const roots = new Map(facts.roots);
  for (const { branch, commit } of wants.roots)
    roots.set(commit, await treeOf(context, branchOf(branch).project, commit));
  const views = new Map(facts.views);
  for (const id of wants.views) views.set(id, await readView(context, record, id));
  const indexes = new Map(facts.indexes);
  for (const wanted of wants.indexes)
    indexes.set(wanted.key, await writeIndex(context, branchOf(wanted.branch), wanted));
  const claims = new Map([
    ...facts.claims,
    ...(await readClaims(context, { config: reader, memory }, record.branches, facts, wants.tags)),
  ]);
  const looks = await lookAtUploads(context, record.branches, facts.looks, wants.looks);
  const differences = await readDifferences(context, record, facts.differences, wants.differences);
  return { ...facts, now: clock.now(), made, trees, siblings, roots, differences, views, indexes, claims, looks };
}

/** Whose the tags are that candidates name. */
async function readClaims(
  context: AppContext,
  readers: PassReaders,
  branches: readonly QueueBranch[],
  facts: QueueFacts,
  wanted: readonly WantedTag[],
): Promise<QueueFacts['claims']> {
  const claims = new Map<string, string | null>();
  for (const { key, project, branch } of branches) {
    const tags = wanted.filter((tag) => tag.branch === key);
    if (tags.length === 0) continue;
    const own = claimsRead(facts.branches.get(key)?.reading ?? null, branch);
    const owners = await tagsOfOthers(context, readers, { project, branch, claims: own }, tags);
    for (const tag of tags) claims.set(claimKey(tag), owners.get(tagKey(tag.repository, tag.tag)) ?? null);
  }
  return claims;
}

async function treeOf({ ports }: AppContext, project: Project, commit: Sha): Promise<Sha | null> {
  return ports.landing.treeOf(project, commit).catch((err: unknown) => {
    ports.log.warn({ repository: project.id, commit, err }, 'the tree of a commit could not be read');
    return null;
  });
}

/** Our own lines are the last paragraph of the message. */
function trailersOf(message: string): readonly string[] {
  const last = message.trimEnd().split('\n\n').at(-1) ?? '';
  return last.split('\n').filter((line) => /^(?:Reviewed-by|Requested-by|Change): /.test(line));
}
