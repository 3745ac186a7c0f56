import { type PushedComponent, planPush } from '../../core/postsubmit/plan-push.ts';
import type { PlannedJob } from '../../core/postsubmit/planned-job.ts';
import { saysSkip } from '../../core/postsubmit/push-jobs.ts';
import { type PushReport, reportPush } from '../../core/postsubmit/report-push.ts';
import type { JudgedPush, WantedPush } from '../../core/push/facts.ts';
import type { GoingImages } from '../../core/push/going-images.ts';
import { roleOf, rulesOf } from '../../core/version/branch-role.ts';
import { changesOf, imagesOfComponent } from '../../core/version/component-images.ts';
import { decidePush } from '../../core/version/decide-push.ts';
import { unrecordedBeside, versionsIn } from '../../core/version/known-releases.ts';
import type { PushFacts, Transition } from '../../core/version/push-facts.ts';
import { readTransitions } from '../../core/version/read-transitions.ts';
import { configFile, type ProjectConfig } from '../../model/config.ts';
import type { BranchReading } from '../../model/landing.ts';
import type { LedgerEntry } from '../../model/ledger.ts';
import type { Project } from '../../model/project.ts';
import type { Pusher } from '../../model/push.ts';
import type { ReleaseWish } from '../../model/release.ts';
import { subjectIdOf } from '../../model/subject.ts';
import type { Version } from '../../model/version.ts';
import type { VersionComponent, VersionSettings } from '../../model/version-settings.ts';
import type { Landing } from '../../ports/landing.ts';
import type { AppContext } from '../context.ts';
import type { ConfigReader } from '../read-config.ts';
import { knownReleases, releasesByLedgers } from '../release/known-releases.ts';
import { automate } from './automate.ts';
import { openAt, openBeneath, ownChecks } from './own-checks-at.ts';
import { changedSince, publishedOf } from './published-of.ts';
import { landedOn } from './since-told.ts';
import { watchedBranch } from './watched-branch.ts';
import { pusherOf } from './who-pushed.ts';

/** One push with what it is judged against. */
interface Push extends WantedPush {
  readonly project: Project;
  readonly branch: string;
  readonly reading: BranchReading;
  readonly change: PushFacts['change'];
  /** Of each push that the forge told of, oldest first. */
  readonly pushers: readonly Pusher[];
  /** What became of the push before it is remembered. */
  readonly isFollowed: boolean;
  /** Why the commit before says nothing; null: it does. */
  readonly groundless: string | null;
  /** Images of pushes before it that are still built. */
  readonly going: readonly GoingImages[];
  readonly at: number;
}

type Ground = Pick<Push, 'change' | 'groundless'>;

/** What a push was before it is judged, and where its branch stands. */
type Found = Pick<Push, 'project' | 'before' | 'after' | 'reading' | 'isCut'>;

/** True when our own landings that stand on it stood there before, so that it is no push that took the branch back to it. */
async function wasLandedOn(
  { contains }: Pick<Landing, 'contains'>,
  { project, before, after, reading: { tip } }: Found,
  entries: readonly LedgerEntry[],
): Promise<boolean> {
  if (tip === null || tip === after) return false;
  for (const { detail } of entries)
    if (detail.kind === 'landed' && detail.from === after && (await contains(project, before, detail.commit)))
      if (await contains(project, tip, detail.commit)) return true;
  return false;
}

/** Why it cannot be known what a push changed; null: it can. */
function whyUnknown({ before, groundless, isUnsure }: Pick<Push, 'before' | 'groundless' | 'isUnsure'>): string | null {
  if (groundless !== null || !isUnsure) return groundless;
  return `what was known of it was lost, and more than what came after ${before.slice(0, 12)} may belong to it`;
}

/** True when the ledger has what the push led to. */
function isRecorded({ after, reading: { ledger } }: Pick<Found, 'after' | 'reading'>): boolean {
  return ledger.kind === 'whole' && ledger.entries.some(({ detail }) => 'commit' in detail && detail.commit === after);
}

/** Null: the branch only went back to what it held before. */
export async function groundOf(landing: Pick<Landing, 'contains'>, push: Found): Promise<Ground | null> {
  const { project, before, after, reading, isCut } = push;
  if (isCut) return { change: 'cut', groundless: null };
  try {
    if (await landing.contains(project, after, before)) return { change: 'pushed', groundless: null };
    const entries = reading.ledger.kind === 'whole' ? reading.ledger.entries : [];
    const isBack = await landing.contains(project, before, after);
    const isOld = isRecorded(push) || (await wasLandedOn(landing, push, entries));
    return isBack && isOld ? null : { change: 'forced', groundless: null };
  } catch (cause) {
    if (!(cause instanceof Error && cause.message.endsWith(` has no ${before}`))) throw cause;
    return { change: 'forced', groundless: `what the branch held before (${before.slice(0, 12)}) is gone` };
  }
}

/** What is released already, where that decides anything. */
async function recordsFor(
  context: AppContext,
  { project, branch, change }: Push,
  config: ProjectConfig,
  settings: VersionSettings,
  component: VersionComponent,
  list: readonly Transition[],
): Promise<Pick<PushFacts, 'records' | 'released' | 'unrecorded'>> {
  const role = roleOf(settings, branch, project.defaultBranch);
  if (role.kind !== 'release' || (list.length === 0 && change !== 'cut')) return { records: [], released: [] };
  const images = imagesOfComponent(component, settings.components, config.images);
  const known = await knownReleases(context, { project, branch, settings, component, images });
  const released = known.records.map(({ version }) => version);
  return { records: known.records, released, unrecorded: unrecordedBeside(known, versionsIn(list)) };
}

/** What was released from commits that only the branch before a forced push holds. */
async function leavesOf(
  context: AppContext,
  { project, branch, change, before, after, groundless }: Push,
  settings: VersionSettings,
  component: VersionComponent,
): Promise<readonly Version[]> {
  if (change !== 'forced' || groundless !== null) return [];
  const { landing } = context.ports;
  const left = new Map<string, Version>();
  for (const { version, commit, branch: of } of await releasesByLedgers(context, { project, settings, component }))
    if (of === branch && !(await landing.contains(project, after, commit)))
      if (await landing.contains(project, before, commit)) left.set(version.raw, version);
  return [...left.values()];
}

async function judgeComponent(
  context: AppContext,
  push: Push,
  config: ProjectConfig,
  settings: VersionSettings,
  component: VersionComponent,
): Promise<PushedComponent> {
  const { project, branch, change, before, after, groundless } = push;
  const from = groundless === null ? before : after;
  const read = await context.ports.history.push(project, from, after, component.file);
  const { version, delta, transitions } = readTransitions(read, settings.scheme);
  const because = whyUnknown(push);
  const unknown = { known: false, because: because ?? '' } as const;
  const list = transitions.known
    ? transitions.list.map((each) => ({ ...each, since: changesOf(component, each.since) }))
    : [];
  const facts: PushFacts = {
    branch,
    role: roleOf(settings, branch, project.defaultBranch),
    change,
    after,
    file: component.file,
    version,
    delta: because === null ? changesOf(component, delta) : unknown,
    transitions: groundless !== null ? unknown : transitions.known ? { known: true, list } : transitions,
    ...(await recordsFor(context, push, config, settings, component, list)),
    leaves: await leavesOf(context, push, settings, component),
    // Asked of who pushed each of them, when it is its turn.
    initiator: { whyNot: null },
    settings: rulesOf(settings),
  };
  return { component, facts, decision: decidePush(facts) };
}

/** What is to be asked for; what failed by its row is only said. */
async function wishesOf(
  context: AppContext,
  push: Push,
  components: readonly PushedComponent[],
): Promise<readonly ReleaseWish[]> {
  const { branch, before, groundless, landedBy } = push;
  const wishes: ReleaseWish[] = [];
  for (const { component, decision } of components)
    for (const { kind, row, commit, version, because } of decision.releases) {
      if (kind === 'failed') continue;
      const by = landedBy ?? (await pusherOf(context.ports.landing, push, commit));
      const plain = { branch, component: component.name, version: version.raw, commit, by };
      const held = kind === 'held' && row === 'V24' ? because : null;
      wishes.push({ ...plain, tag: null, ground: groundless === null ? before : null, held, isVersion: true });
    }
  return wishes;
}

const worst: readonly PushReport['state'][] = ['failure', 'action_required', 'building', 'skipped'];

/** One line for all components of a project. */
function wordsOf(components: readonly PushedComponent[], planned: readonly PlannedJob[]): PushReport | null {
  const told = components.map(({ component, decision }) => {
    const report = reportPush(decision, planned);
    return component.name === null ? report : { ...report, title: `${component.name}: ${report.title}` };
  });
  const [first] = told;
  if (first === undefined) return null;
  const states = told.map(({ state }) => state);
  const title = told.map((each) => each.title).join('; ');
  return { ...first, state: worst.find((state) => states.includes(state)) ?? first.state, title };
}

/** The same as the pure plan; what it calls a build is one only where a job of ours runs, or something is released. */
function settled(words: PushReport | null, planned: readonly PlannedJob[], isReleasing: boolean): PushReport | null {
  const runs = isReleasing || planned.some(({ decision, pipeline }) => decision === 'run' && pipeline === 'postsubmit');
  return words?.state === 'building' && !runs ? { ...words, state: 'skipped' } : words;
}

/** What our check runs say already of what was pushed. */
async function saidOf(
  { ports }: AppContext,
  config: ConfigReader,
  { project, branch, before, after, landedBy, isCut, pushers, isFollowed, reading }: Omit<Push, keyof Ground>,
): Promise<Pick<Extract<JudgedPush, { kind: 'judged' }>, 'own' | 'beneath'>> {
  const id = subjectIdOf({ kind: 'push', repository: project.id, branch });
  const pushed = { id, project, commit: after };
  const own = await ownChecks(ports.forge, config, pushed);
  // Where the forge told of the whole of it as one push, nothing else was ever pushed between.
  const isTold = pushers.some((pusher) => pusher.before === before && pusher.after === after);
  const isKnown = landedBy !== undefined || isCut === true || (isTold && isFollowed);
  if (isKnown) return { own, beneath: [] };
  if (isTold) return { own, beneath: await openAt(ports, config, pushed, before) };
  return { own, beneath: await openBeneath(ports, config, pushed, before, landedOn(reading)) };
}

async function judge(context: AppContext, config: ConfigReader, given: Omit<Push, keyof Ground>): Promise<JudgedPush> {
  const { project, branch, after, at } = given;
  const [state, tree] = [await config.configAt(project, after), await context.ports.landing.treeOf(project, after)];
  if (state.kind === 'unreadable') return { kind: 'unread' };
  if (state.kind === 'invalid') {
    const [first] = state.problems;
    const where = first === undefined ? '' : ` (line ${first.line}: ${first.message})`;
    const said = await saidOf(context, config, given);
    return { kind: 'refused', tree, because: `${configFile} is not valid${where}`, at, ...said };
  }
  const { jobs, mode } = state.config;
  const { settings, isWatched, matters } = await watchedBranch(context, { project, branch }, state.config, after);
  if (!matters) return { kind: 'unwatched' };
  const back = await groundOf(context.ports.landing, given);
  const { own } = back === null ? await saidOf(context, config, given) : { own: [] };
  if (back === null && (own.length > 0 || isRecorded(given))) return { kind: 'nothing', own };
  // Nobody answered it while it was there: it was overtaken before anybody looked (commands.md §6).
  const ground = back ?? ({ change: 'forced', groundless: null } as const);
  const push: Push = { ...given, ...ground };
  const isLanded = push.landedBy !== undefined || push.isCut === true || push.isLate === true;
  if (isLanded && settings === null) return { kind: 'nothing', own: [] };
  if (push.isCut && settings !== null && roleOf(settings, branch, project.defaultBranch).kind !== 'release')
    return { kind: 'nothing', own: [] };
  const components: PushedComponent[] = [];
  for (const component of settings?.components ?? [])
    components.push(await judgeComponent(context, push, state.config, settings as VersionSettings, component));
  const { change, before } = push;
  const because = whyUnknown(push);
  const planned = planPush({
    branch,
    isWatched,
    changed: because === null ? await changedSince(context, push, before) : { known: false, because },
    change,
    after,
    at,
    saysSkip: saysSkip(await context.ports.history.message(project, after)),
    published: await publishedOf(context, push),
    jobs,
    jobsAt: new Map([[after, jobs]]),
    versions: settings === null ? null : { settings, components },
  });
  const releases = await wishesOf(context, push, components);
  // What would be built of a push is promoted of a landing.
  const isPromoted = isLanded && components.some(({ decision }) => decision.dev.kind === 'build');
  const version = settled(wordsOf(components, planned), planned, isPromoted || releases.length > 0);
  const built = isLanded ? [] : planned;
  const said = await saidOf(context, config, given);
  const shadow = mode === 'shadow';
  const automated = await automate(context, push, shadow ? null : settings, components, version);
  return { kind: 'judged', tree, planned: built, shadow, at, ...said, releases, ...automated };
}

/** What a push to a branch comes to, by git, its file and its ledger; never by what the forge lists of it. */
export async function judgePush(
  context: AppContext,
  config: ConfigReader,
  push: Omit<Push, keyof Ground>,
): Promise<JudgedPush> {
  try {
    return await judge(context, config, push);
  } catch (err) {
    const { project, branch, after } = push;
    context.ports.log.warn({ repository: project.id, branch, commit: after, err }, 'a push could not be read');
    return { kind: 'unread' };
  }
}
