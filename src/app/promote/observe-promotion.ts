import { type TreeFacts, treeKey } from '../../core/presubmit/facts.ts';
import type { PromoteFacts, PromoteWants } from '../../core/promote/facts.ts';
import { jobsOfLine } from '../../core/promote/line-of-promotion.ts';
import { claimsRead, standingLandings } from '../../core/promote/own-tags.ts';
import { candidateKey, type NamedCandidate, stagedRepository } from '../../core/promote/places.ts';
import { promoteCheckId } from '../../core/promote/report-promotion.ts';
import type { BranchReading } from '../../model/landing.ts';
import type { PromoteRecord, PromotionSettings } from '../../model/promotion.ts';
import { branchKeyOf, type QueueBranch } from '../../model/queue.ts';
import type { Sha } from '../../model/sha.ts';
import type { SubjectId } from '../../model/subject.ts';
import type { AppContext } from '../context.ts';
import { branchConfig, branchSettings } from '../gate/branch-settings.ts';
import { goneOf, standingOf } from '../gate/read-branch.ts';
import { observeLine, observeLogs, observePods } from '../observe-builds.ts';
import type { ConfigReader } from '../read-config.ts';
import type { PassTools } from '../reconcile.ts';
import { foreignTags, passedTags } from './foreign-tags.ts';
import { lookAtAll } from './look-at-registry.ts';
import type { LandingNames } from './name-landings.ts';
import type { PromoteOutcomes } from './perform-promotion.ts';
import { callerOf } from './promote-caller.ts';
import { queuedUploads } from './queued-uploads.ts';
import { writeIndex } from './write-index.ts';

/** With the tags that versions give to what landed; what cannot be named yet is not promoted by another name. */
async function readLine(
  { ports }: AppContext,
  names: LandingNames,
  { project, branch }: PromoteRecord,
): Promise<BranchReading | null> {
  return ports.landing
    .read(project, branch)
    .then((reading) => names.named(project, branch, reading))
    .catch((err: unknown) => {
      ports.log.warn({ repository: project.id, branch, err }, 'a branch and its ledger could not be read');
      return null;
    });
}

async function settingsOf(
  { ports }: AppContext,
  config: ConfigReader,
  { project, branch }: PromoteRecord,
  reading: BranchReading | null,
): Promise<PromotionSettings | null> {
  const place = { key: branchKeyOf(project.id, branch), project, branch, tip: null, ledger: null, landed: [] };
  const settings = await branchSettings(config, ports.landing, place, reading?.tip ?? null).catch((err: unknown) => {
    ports.log.warn({ repository: project.id, branch, err }, 'the settings of a branch could not be read');
    return null;
  });
  return settings?.promotion ?? null;
}

/** Where the images of changes and what their jobs keep wait, as the branch's last valid file says; empty where none says anything usable. */
async function waitingPlaces(
  { ports }: AppContext,
  reader: ConfigReader,
  place: Pick<QueueBranch, 'project'>,
  tip: Sha | null,
  settings: PromotionSettings | null,
): Promise<readonly string[]> {
  if (tip === null || settings === null || settings.mode === 'rebuild') return [];
  const config = await branchConfig(reader, ports.landing, place, tip).catch((err: unknown) => {
    ports.log.debug({ repository: place.project.id, err }, 'where images of changes wait could not be read now');
    return null;
  });
  if (config === null || config === 'none') return [];
  const kept = config.jobs.map(({ content }) => (content.template === 'run' ? content.artifacts?.repository : null));
  const all = [...config.images.map(({ repository }) => repository), ...kept];
  return [...new Set(all.flatMap((repository) => (repository ? [stagedRepository(repository, settings)] : [])))];
}

async function treesOf(
  config: ConfigReader,
  { project, rebuilds = [] }: PromoteRecord,
): Promise<PromoteFacts['trees']> {
  const trees = new Map<string, TreeFacts>();
  for (const { commit, tree, jobs } of rebuilds)
    if (jobs !== null)
      trees.set(treeKey({ base: commit, tree }), await config.gateFacts(project, { base: commit, tree }));
  return trees;
}

/** Of the newest landings, those that are not built in mode `rebuild`, down to the first that is or was; null: it is not known now. */
async function skippedOf(
  { ports }: AppContext,
  names: LandingNames,
  { project, branch }: PromoteRecord,
  reading: BranchReading | null,
  settings: PromotionSettings | null,
): Promise<ReadonlySet<Sha> | null> {
  const skipped = new Set<Sha>();
  const entries = settings?.mode === 'rebuild' && reading?.ledger.kind === 'whole' ? reading.ledger.entries : [];
  try {
    for (const { sequence, commit, images } of standingLandings(entries).toReversed()) {
      const entry = entries[sequence - 1];
      if (entry?.detail.kind !== 'landed') continue;
      const landing = { at: entry.at, landed: entry.detail };
      if (images.length > 0 || !(await names.isSkipped(project, branch, landing))) break;
      skipped.add(commit);
    }
  } catch (err) {
    ports.log.debug({ repository: project.id, branch, err }, 'whether a landing is published could not be read now');
    return null;
  }
  return skipped;
}

/** Looks at the world for one pass over a promote line; what a plan still lacks is had by `lookAt`. */
export async function observePromotion(
  context: AppContext,
  { copier, config, memory, names }: Pick<PassTools, 'copier' | 'config' | 'memory' | 'names'>,
  subject: SubjectId,
  record: PromoteRecord,
  outcomes: PromoteOutcomes,
  asked: boolean,
): Promise<PromoteFacts> {
  const jobs = jobsOfLine(record);
  // Tags have no compare-and-set: where what promotes is made must be seen, whatever else runs.
  const living = [...jobs, ...(record.going ?? [])];
  const pods = await observePods(context, living, [{ trust: 'trusted', architecture: null, pool: null }]);
  const { clock, reporter } = context.ports;
  const reading = await readLine(context, names, record);
  const entries = reading?.ledger.kind === 'whole' ? reading.ledger.entries : [];
  const commits = entries.flatMap(({ detail }) =>
    detail.kind === 'pushed' || (detail.kind === 'landed' && detail.verdict.images) ? [detail.commit] : [],
  );
  const trees = await treesOf(config, record);
  const settings = await settingsOf(context, config, record, reading);
  const known = await reporter.known(commits.slice(-100).map((commit) => promoteCheckId(subject, commit)));
  return {
    now: clock.now(),
    subject,
    reading,
    standing: Math.max(0, ...(await standingOf(context, record, reading))),
    gone: await goneOf(context, record, reading),
    looks: new Map(),
    listings: new Map(),
    ours: new Map(),
    ...(await queuedUploads(context, record)),
    copies: copier.states(),
    tagged: outcomes.tagged,
    untagged: outcomes.untagged,
    foreign: new Map(),
    passed: await passedTags(context, { config, memory }, record, claimsRead(reading, record.branch)),
    asked,
    settings,
    skipped: await skippedOf(context, names, record, reading, settings),
    waiting: await waitingPlaces(context, config, record, reading?.tip ?? null, settings),
    trees,
    indexes: new Map(),
    pods,
    line: await observeLine(context, jobs),
    logs: await observeLogs(context, jobs, pods ?? [], () => ({ project: record.project, trees })),
    starts: outcomes.starts,
    forge: {},
    told: new Set([...known].flatMap(([id, { final }]) => (final ? [id] : []))),
  };
}

/** The same facts with what a plan lacked, registries asked a few at a time. */
export async function satisfyPromotion(
  context: AppContext,
  { config, memory }: Pick<PassTools, 'config' | 'memory'>,
  record: PromoteRecord,
  facts: PromoteFacts,
  wants: PromoteWants,
): Promise<PromoteFacts> {
  const looks = await lookAtAll(context, callerOf(record), facts.looks, wants.looks);
  const listings = new Map(facts.listings);
  const ours = new Map(facts.ours);
  // What the ledger says of it, which the stored record may not know yet.
  const claims = claimsRead(facts.reading, record.branch);
  const foreign = await foreignTags(context, { config, memory }, { ...record, claims }, wants.tags);
  for (const repository of new Set(wants.listings)) listings.set(repository, await list(context, record, repository));
  for (const change of wants.candidates)
    if (!ours.has(candidateKey(change))) ours.set(candidateKey(change), await knows(context, record, change));
  const trees = new Map(facts.trees);
  for (const wanted of wants.trees) trees.set(treeKey(wanted), await config.gateFacts(record.project, wanted));
  const indexes = new Map(facts.indexes);
  for (const wanted of wants.indexes) indexes.set(wanted.key, await writeIndex(context, record, wanted));
  return { ...facts, looks, foreign: new Map([...facts.foreign, ...foreign]), listings, ours, trees, indexes };
}

async function list(
  { ports }: AppContext,
  record: PromoteRecord,
  repository: string,
): Promise<readonly string[] | null> {
  return ports.registry.tags(repository, callerOf(record)).catch((err: unknown) => {
    ports.log.warn({ repository, err }, 'the tags of a repository could not be listed');
    return null;
  });
}

/** What cannot be known is nobody's, and left alone. */
async function knows(
  { ports }: AppContext,
  { project }: PromoteRecord,
  { number, candidate }: NamedCandidate,
): Promise<boolean> {
  return ports.landing.knowsCandidate(project, number, candidate).catch((err: unknown) => {
    ports.log.warn({ repository: project.id, candidate, err }, 'whose candidate it is could not be read');
    return false;
  });
}
