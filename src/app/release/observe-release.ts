import { treeKey } from '../../core/presubmit/facts.ts';
import { requestOf, stemOf, stemsOfJobs } from '../../core/push/own-checks.ts';
import type { BegunAt, ReleaseFacts, ReleasePlan, ReleasePress } from '../../core/release/facts.ts';
import { releaseCheckId, reportsOfRelease } from '../../core/release/report-release.ts';
import type { ForgeEvent } from '../../model/forge-event.ts';
import type { BranchReading } from '../../model/landing.ts';
import { fullName } from '../../model/project.ts';
import type { ReleaseRun } from '../../model/release-run.ts';
import type { Sha } from '../../model/sha.ts';
import type { SubjectId } from '../../model/subject.ts';
import type { AppContext } from '../context.ts';
import { observeLine, observeLogs, observePods } from '../observe-builds.ts';
import { lookAtAll } from '../promote/look-at-registry.ts';
import type { PromoteOutcomes } from '../promote/perform-promotion.ts';
import { writeIndex } from '../promote/write-index.ts';
import { pressesIn as rerunsIn, whyNotWriter } from '../push/presses-in.ts';
import type { ConfigReader } from '../read-config.ts';
import type { PassTools } from '../reconcile.ts';
import { begunAt } from './begun-at.ts';
import { judgeRelease } from './judge-release.ts';
import { whyNotInitiator } from './may-release.ts';
import { nextVersion } from './next-version.ts';

async function readLine({ ports }: AppContext, { project, wish }: ReleaseRun): Promise<BranchReading | null> {
  return ports.landing.read(project, wish.branch).catch((err: unknown) => {
    ports.log.warn({ repository: project.id, branch: wish.branch, err }, 'a branch and its ledger could not be read');
    return null;
  });
}

/**
 * By the branch's own file now, as whoever presses is no part of the push; where that says nothing usable it gives nobody a right,
 * and the file of what is to be released counts.
 */
async function whyNotPress(
  context: AppContext,
  config: ConfigReader,
  { project, wish }: ReleaseRun,
  tip: BranchReading['tip'],
  { sender, detail }: ForgeEvent,
): Promise<string | null> {
  if (sender === null || detail.kind !== 'check-button') return 'nobody knows who pressed it';
  const notWriter = await whyNotWriter(context, project, sender);
  if (notWriter !== null) return notWriter;
  if (tip === null) return 'the branch is not to be seen now';
  const state = await config.configAt(project, tip);
  const ground = state.kind === 'invalid' ? wish.commit : tip;
  return whyNotInitiator(context, config, project, sender, [ground]).catch((err: unknown) => {
    return `whether you may could not be found out: ${err instanceof Error ? err.message : 'unknown error'}`;
  });
}

/** Re-run on a check run of the release or of one of its jobs; of "Re-run all" one press, as a release is begun again whole. */
async function rerunOf(
  context: AppContext,
  config: ConfigReader,
  subject: SubjectId,
  { project, revision }: ReleaseRun,
  event: ForgeEvent,
): Promise<readonly ReleasePress[]> {
  const ownStem = (commit: Sha): string => stemOf(releaseCheckId(subject, { wish: { commit }, revision }));
  const found = await rerunsIn(context, project, [event], async (commit) => {
    const state = await config.configAt(project, commit);
    const jobs = state.kind === 'valid' ? state.config.jobs : [];
    return new Set([...stemsOfJobs(subject, 'push', commit, jobs), ownStem(commit)]);
  });
  const presses = found.map(({ by, whyNot, said }): ReleasePress => {
    const isOwn = stemOf(said.externalId) === ownStem(said.commit) && requestOf(said.externalId) >= revision;
    const plain = { button: 'rerun', head: said.commit, by, whyNot } as const;
    return isOwn ? plain : { ...plain, said };
  });
  const isAll = event.detail.kind === 'check-button' && event.detail.button === 'rerun-all';
  return isAll ? presses.sort((one) => (one.said === undefined ? -1 : 1)).slice(0, 1) : presses;
}

async function pressesIn(
  context: AppContext,
  config: ConfigReader,
  subject: SubjectId,
  record: ReleaseRun,
  reading: BranchReading | null,
  inbox: readonly ForgeEvent[],
): Promise<readonly ReleasePress[]> {
  const presses: ReleasePress[] = [];
  for (const event of inbox) {
    const { detail, sender } = event;
    if (detail.kind !== 'check-button' || sender === null) continue;
    if (detail.button !== 'action') {
      presses.push(...(await rerunOf(context, config, subject, record, event)));
      continue;
    }
    const whyNot = await whyNotPress(context, config, record, reading?.tip ?? null, event);
    presses.push({ button: 'release', head: detail.head, by: sender, whyNot });
  }
  return presses;
}

/** Looks at the world for one pass over a release; what a plan still lacks is had by `satisfyRelease`. */
export async function observeRelease(
  context: AppContext,
  { config, copier }: Pick<PassTools, 'config' | 'copier'>,
  subject: SubjectId,
  record: ReleaseRun,
  outcomes: PromoteOutcomes,
  inbox: readonly ForgeEvent[],
): Promise<ReleaseFacts> {
  const { clock, reporter } = context.ports;
  const jobs = record.run?.jobs ?? [];
  const pods = await observePods(context, jobs);
  const reading = await readLine(context, record);
  const trees = new Map<string, Awaited<ReturnType<typeof config.gateFacts>>>();
  if (record.run !== null) {
    const pinned = { base: record.run.commit, tree: record.run.tree };
    trees.set(treeKey(pinned), await config.gateFacts(record.project, pinned));
  }
  const words = inbox.flatMap(({ detail }) => (detail.kind === 'release' ? [detail] : []));
  const begun = new Map<Sha, BegunAt>();
  for (const { wish, isBack } of words)
    if (wish.commit !== record.wish.commit || isBack)
      begun.set(wish.commit, await begunAt(context, config, subject, record.project, wish.commit));
  const facts: ReleaseFacts = {
    now: clock.now(),
    subject,
    app: context.settings.appId,
    reading,
    judged: null,
    next: null,
    proposed: outcomes.proposed,
    wishes: words.map(({ wish }) => wish),
    recorded: new Set(words.flatMap(({ wish, isRecorded }) => (isRecorded ? [wish.commit] : []))),
    begun,
    presses: await pressesIn(context, config, subject, record, reading, inbox),
    looks: new Map(),
    copies: copier.states(),
    tagged: outcomes.tagged,
    untagged: outcomes.untagged,
    trees,
    indexes: new Map(),
    told: new Set(),
    pods,
    line: await observeLine(context, jobs),
    logs: await observeLogs(context, jobs, pods ?? [], () => ({ project: record.project, trees })),
    starts: outcomes.starts,
    forge: {},
    logUrl: context.settings.logUrl,
  };
  const known = await reporter.known(reportsOfRelease(facts, record).map(({ externalId }) => externalId));
  return {
    ...facts,
    told: new Set([...known].flatMap(([id, { final, delivered }]) => (final && delivered ? [id] : []))),
  };
}

/** The same facts with what a plan lacked; `record` as the plan left it. */
export async function satisfyRelease(
  context: AppContext,
  { config }: Pick<PassTools, 'config'>,
  record: ReleaseRun,
  facts: ReleaseFacts,
  wants: ReleasePlan['wants'],
): Promise<ReleaseFacts> {
  const { project, wish } = record;
  const { branch } = wish;
  const caller = { project: project.id, fullName: fullName(project), branch, use: 'promote' } as const;
  const looks = await lookAtAll(context, caller, facts.looks, wants.looks);
  const [trees, indexes] = [new Map(facts.trees), new Map(facts.indexes)];
  for (const wanted of wants.trees) trees.set(treeKey(wanted), await config.gateFacts(project, wanted));
  for (const wanted of wants.indexes) indexes.set(wanted.key, await writeIndex(context, { project, branch }, wanted));
  const isAsked = wants.judged.length > 0;
  const judged = isAsked ? await judgeRelease(context, config, record, facts.reading) : facts.judged;
  const next = wants.next.length > 0 ? await nextVersion(context, config, record, facts.reading) : facts.next;
  return { ...facts, looks, trees, indexes, judged, next };
}
