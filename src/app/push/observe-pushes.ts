import { treeKey } from '../../core/presubmit/facts.ts';
import { everBuilt, type StandingLanding } from '../../core/promote/own-tags.ts';
import { isCutting } from '../../core/push/cut-branch.ts';
import { type PlaceInLine, type PushedFacts, type PushWants, pushKey } from '../../core/push/facts.ts';
import { goingImages } from '../../core/push/going-images.ts';
import { stemsOfPush } from '../../core/push/own-checks.ts';
import { reportsOf } from '../../core/push/report-run.ts';
import type { ForgeEvent } from '../../model/forge-event.ts';
import type { BranchReading } from '../../model/landing.ts';
import type { PushRecord } from '../../model/push.ts';
import { releaseNameOf } from '../../model/release.ts';
import type { ReleaseRun } from '../../model/release-run.ts';
import type { Sha } from '../../model/sha.ts';
import { type SubjectId, subjectIdOf } from '../../model/subject.ts';
import type { AppContext } from '../context.ts';
import { observeLine, observeLogs, observePods } from '../observe-builds.ts';
import { writeIndex } from '../promote/write-index.ts';
import type { PassTools } from '../reconcile.ts';
import { judgePush } from './judge-push.ts';
import { pressesIn } from './presses-in.ts';
import { pushersIn, whoBrought } from './who-pushed.ts';

export async function readLine(
  { ports }: AppContext,
  { project, branch }: Pick<PushRecord, 'project' | 'branch'>,
): Promise<BranchReading | null> {
  return ports.landing.read(project, branch).catch((err: unknown) => {
    ports.log.warn({ repository: project.id, branch, err }, 'a branch and its ledger could not be read');
    return null;
  });
}

/** How the releases stand that runs ask for. */
async function readReleases({ ports }: AppContext, { project, runs }: PushRecord): Promise<PushedFacts['releases']> {
  const found = new Map<string, ReleaseRun>();
  for (const { wish } of runs.flatMap(({ releases = [] }) => releases)) {
    const name = releaseNameOf(wish);
    const subject = subjectIdOf({ kind: 'release', repository: project.id, name });
    const { document } = await ports.documents.load(subject);
    if (document !== null) found.set(name, document as ReleaseRun);
  }
  return found;
}

/** Only where a branch is to be created: nothing else depends on the others. */
async function readBranches({ ports }: AppContext, { project, runs }: PushRecord): Promise<PushedFacts['branches']> {
  if (!runs.some(isCutting)) return null;
  return ports.history.branches(project).catch((err: unknown) => {
    ports.log.warn({ repository: project.id, err }, 'the branches of a project could not be read');
    return null;
  });
}

/** Looks at the world for one pass over a pushed branch; what a plan still lacks is had by `satisfyPushes`. */
export async function observePushes(
  context: AppContext,
  { config }: Pick<PassTools, 'config'>,
  subject: SubjectId,
  record: PushRecord,
  seen: {
    readonly inbox: readonly ForgeEvent[];
    readonly starts: PushedFacts['starts'];
    readonly uncut: PushedFacts['uncut'];
    readonly proposed: PushedFacts['proposed'];
    readonly closed: PushedFacts['closed'];
  },
): Promise<PushedFacts> {
  const { clock, reporter } = context.ports;
  const jobs = record.runs.flatMap((run) => run.jobs);
  const pods = await observePods(context, jobs);
  const trees = new Map<string, Awaited<ReturnType<typeof config.gateFacts>>>();
  for (const { commit, tree } of record.runs) {
    const pinned = { base: commit, tree };
    trees.set(treeKey(pinned), await config.gateFacts(record.project, pinned));
  }
  const heard = await pushersIn(context.ports.landing, record.project, seen.inbox);
  const words = [...(record.told ?? []), ...heard];
  const [pushers, backs] = [words.filter(({ isBack }) => !isBack), words.filter(({ isBack }) => isBack)];
  const facts: PushedFacts = {
    now: clock.now(),
    subject,
    app: context.settings.appId,
    reading: await readLine(context, record),
    by: seen.inbox.findLast(({ detail, sender }) => detail.kind === 'push' && sender !== null)?.sender ?? null,
    pushers,
    backs,
    brought: await whoBrought(context.ports.landing, record, pushers),
    releases: await readReleases(context, record),
    branches: await readBranches(context, record),
    uncut: seen.uncut,
    proposed: seen.proposed,
    closed: seen.closed,
    judged: new Map(),
    below: new Map(),
    trees,
    indexes: new Map(),
    told: new Set(),
    presses: await pressesIn(context, record.project, seen.inbox, async (commit) => {
      const state = await config.configAt(record.project, commit);
      return stemsOfPush(subject, commit, state.kind === 'valid' ? state.config.jobs : []);
    }),
    pods,
    line: await observeLine(context, jobs),
    logs: await observeLogs(context, jobs, pods ?? [], () => ({ project: record.project, trees })),
    starts: seen.starts,
    forge: {},
    logUrl: context.settings.logUrl,
  };
  const reports = [...record.runs.flatMap((run) => reportsOf(facts, run)), ...(record.orphans ?? [])];
  const known = await reporter.known(reports.map(({ externalId }) => externalId));
  return {
    ...facts,
    told: new Set([...known].flatMap(([id, { final, delivered }]) => (final && delivered ? [id] : []))),
  };
}

/** Over the newest landing that a commit holds, and under the lowest of what the ledger has that holds it, by its place in line. */
export async function placeInLine(
  { ports }: AppContext,
  { project }: Pick<PushRecord, 'project'>,
  reading: BranchReading | null,
  commit: Sha,
): Promise<PlaceInLine> {
  const entries = reading?.ledger.kind === 'whole' ? reading.ledger.entries : [];
  let below = 0;
  for (const { sequence, detail } of entries.toReversed())
    if (detail.kind === 'landed' && (await ports.landing.contains(project, commit, detail.commit))) {
      below = sequence;
      break;
    }
  // A landing that the commit holds, or that lies under one, holds no such commit.
  const isBeneath = ({ number, sequence }: StandingLanding): boolean => number > 0 && sequence <= below;
  for (const over of everBuilt(entries)) {
    if (over.commit === commit || isBeneath(over)) continue;
    if (await ports.landing.contains(project, over.commit, commit)) return { below, above: over.sequence };
  }
  return { below };
}

/** The same facts with what a plan lacked. */
export async function satisfyPushes(
  context: AppContext,
  { config }: Pick<PassTools, 'config'>,
  record: PushRecord,
  facts: PushedFacts,
  wants: PushWants,
): Promise<PushedFacts> {
  const { project, branch } = record;
  const { reading, now: at } = facts;
  const [judged, below] = [new Map(facts.judged), new Map(facts.below)];
  const [trees, indexes] = [new Map(facts.trees), new Map(facts.indexes)];
  for (const push of wants.pushes)
    judged.set(
      pushKey(push),
      reading === null
        ? { kind: 'unread' }
        : await judgePush(context, config, {
            ...push,
            project,
            branch,
            reading,
            at,
            pushers: facts.pushers,
            going: goingImages(record.runs, reading.ledger.kind === 'whole' ? reading.ledger.entries : []),
            isFollowed: record.runs.some(({ commit }) => commit === push.before),
          }),
    );
  for (const commit of wants.below) below.set(commit, await placeInLine(context, record, reading, commit));
  for (const wanted of wants.trees) trees.set(treeKey(wanted), await config.gateFacts(project, wanted));
  for (const wanted of wants.indexes) indexes.set(wanted.key, await writeIndex(context, record, wanted));
  return { ...facts, judged, below, trees, indexes };
}
