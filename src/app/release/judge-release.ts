import { nameImages, nameRelease } from '../../core/postsubmit/name-images.ts';
import { planRelease } from '../../core/postsubmit/plan-releases.ts';
import type { PlannedJob, TaggedImage } from '../../core/postsubmit/planned-job.ts';
import { whyNotHere } from '../../core/postsubmit/push-jobs.ts';
import { imageKey } from '../../core/push/begin-run.ts';
import type { JudgedRelease } from '../../core/release/facts.ts';
import { gatedImages } from '../../core/release/gated-images.ts';
import { imagesOf } from '../../core/select-jobs.ts';
import { roleOf, rulesOf } from '../../core/version/branch-role.ts';
import { isSameVersion } from '../../core/version/compare-versions.ts';
import { imagesOfComponent } from '../../core/version/component-images.ts';
import { decideRelease, type ReleaseDecision } from '../../core/version/decide-release.ts';
import {
  type KnownReleases,
  releasedBeside,
  unlessContradicted,
  unrecordedBeside,
} from '../../core/version/known-releases.ts';
import type { PushFacts } from '../../core/version/push-facts.ts';
import { readVersion } from '../../core/version/read-version.ts';
import type { ObservedCheckRun } from '../../model/check-run.ts';
import { configFile, type ProjectConfig } from '../../model/config.ts';
import type { Image } from '../../model/image.ts';
import type { Job } from '../../model/job.ts';
import type { BranchReading } from '../../model/landing.ts';
import { releaseNameOf } from '../../model/release.ts';
import type { ReleaseRun } from '../../model/release-run.ts';
import type { Sha } from '../../model/sha.ts';
import { subjectIdOf } from '../../model/subject.ts';
import type { Version } from '../../model/version.ts';
import type { VersionComponent, VersionSettings } from '../../model/version-settings.ts';
import type { AppContext } from '../context.ts';
import { ownChecks } from '../push/own-checks-at.ts';
import { versionsAt } from '../push/watched-branch.ts';
import type { ConfigReader } from '../read-config.ts';
import { configurationOf, judgePlain } from './judge-plain-tag.ts';
import { knownReleases, type LedgerRelease } from './known-releases.ts';
import { whyNotInitiator } from './may-release.ts';

/** A release with what it is judged by. */
interface Case {
  readonly run: ReleaseRun;
  readonly tree: Sha;
  readonly config: ProjectConfig;
  readonly settings: VersionSettings;
  readonly component: VersionComponent;
  readonly version: Version;
  readonly jobs: readonly Job[];
  readonly images: readonly Image[];
  readonly known: KnownReleases<LedgerRelease>;
}

async function decide(context: AppContext, config: ConfigReader, its: Case): Promise<ReleaseDecision> {
  const { run, settings, component, version, known, tree } = its;
  const { project, wish, pressedBy } = run;
  const { commit, branch, by, ground } = wish;
  const [parent = commit] = await context.ports.landing.firstParents(project, commit, 1);
  const { file, changed } = await context.ports.history.push(project, parent, commit, component.file);
  const reading = readVersion(file, settings.scheme);
  const grounds = ground === null ? [commit] : [ground, commit];
  const initiator = pressedBy === null ? await whyNotInitiator(context, config, project, by, grounds) : null;
  const transition = { commit, parent, tree, from: reading, to: reading, changed, since: changed };
  const facts: PushFacts = {
    branch,
    role: roleOf(settings, branch, project.defaultBranch),
    change: 'pushed',
    after: commit,
    file: component.file,
    version: reading,
    delta: changed,
    transitions: { known: true, list: [transition] },
    records: known.records,
    released: known.records.map((each) => each.version),
    unrecorded: unrecordedBeside(known, [version]),
    initiator: { whyNot: initiator },
    settings: rulesOf(settings),
  };
  const decided = unlessContradicted(decideRelease(facts, transition, version, facts.released), known);
  if (decided.kind !== 'build') return decided;
  if (wish.held === null || pressedBy !== null) return decided;
  return { ...decided, row: 'V24', kind: 'held', because: wish.held };
}

/** Tags by image, and by stage where it has several. */
function byImage(images: readonly TaggedImage[]): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(
    images.flatMap(({ name, tags, byTarget }) => [
      [imageKey(name, null), tags],
      ...Object.entries(byTarget ?? {}).map(([target, own]) => [imageKey(name, target), own]),
    ]),
  );
}

function movingOf({ settings, images, version, run }: Case, released: readonly Version[]) {
  const place = { sha: run.wish.commit, branch: run.wish.branch };
  const only = { ...settings, release: { ...settings.release, tags: [] } };
  const naming = nameRelease(only, version, place, released);
  if (naming.templates?.length === 0) return {};
  const named = nameImages(images, naming);
  return named.kind === 'named' ? byImage(named.images) : {};
}

function plan({ settings, component, run, jobs }: Case, decided: ReleaseDecision): readonly PlannedJob[] {
  const final = { ...settings, release: { ...settings.release, moving: [] } };
  const { branch, tag } = run.wish;
  return jobs.map((job) =>
    planRelease(job, tag === null ? 'release' : 'tag', { decided, component, settings: final, branch, released: [] }),
  );
}

/** Jobs of `release.needs` that are not green on the commit, by our own check runs there and by what the gate tested. */
async function lacksOf({ ports }: AppContext, { run, settings }: Case, { ledger }: BranchReading) {
  const { needs } = settings.release;
  if (needs.length === 0) return null;
  const { commit } = run.wish;
  const entries = ledger.kind === 'whole' ? ledger.entries : [];
  const tested = entries.flatMap(({ detail }) =>
    detail.kind === 'landed' && detail.commit === commit ? detail.verdict.checks : [],
  );
  const runs = await ports.forge.checkRuns(run.project, commit);
  const isGreen = (name: string): boolean => {
    const last = runs.findLast((each) => each.name === name);
    if (last !== undefined) return last.state.status === 'completed' && last.state.conclusion === 'success';
    return tested.some((each) => each.name === name && each.conclusion === 'success');
  };
  const missing = needs.filter((name) => !isGreen(name));
  return missing.length === 0
    ? null
    : `${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} not green on ${commit.slice(0, 12)}`;
}

function jobsOfRelease(jobs: readonly Job[], { run, settings, component }: Omit<Case, 'jobs' | 'images' | 'known'>) {
  const { tag, branch } = run.wish;
  return jobs.filter((job) => {
    const isMeant = job.pipelines.includes('release') || (tag !== null && job.pipelines.includes('tag'));
    if (!isMeant || whyNotHere(job, { branch, isWatched: true }) !== null) return false;
    const images = imagesOf(job);
    return images.length === 0 || imagesOfComponent(component, settings.components, images).length > 0;
  });
}

async function judgeVersion(
  context: AppContext,
  reader: ConfigReader,
  run: ReleaseRun,
  config: ProjectConfig,
  tree: Sha,
  reading: BranchReading,
  own: readonly ObservedCheckRun[],
): Promise<JudgedRelease> {
  const { project, wish } = run;
  const settings = await versionsAt(context, project, config, wish.commit);
  const component = settings?.components.find(({ name }) => name === wish.component);
  if (settings === null || component === undefined)
    return { kind: 'refused', tree, because: `${configFile} has no such version there` };
  const read = await context.ports.history.push(project, wish.commit, wish.commit, component.file);
  const there = readVersion(read.file, settings.scheme);
  if (there.kind !== 'version' || there.version.raw.replace(/^v/, '') !== wish.version.replace(/^v/, ''))
    return { kind: 'refused', tree, because: `${component.file} is not ${wish.version} there` };
  const { version } = there;
  const place = { run, tree, config, settings, component, version };
  const jobs = jobsOfRelease(config.jobs, place);
  const uploading = jobs.filter(({ content }) => content.template === 'upload-image').flatMap(imagesOf);
  const images = [...new Set(imagesOfComponent(component, settings.components, uploading))];
  const search = { project, branch: wish.branch, settings, component, images };
  const its: Case = { ...place, jobs, images, known: await knownReleases(context, search) };
  const decided = await decide(context, reader, its);
  const record = its.known.records.find((each) => isSameVersion(each.version, version));
  return {
    kind: 'judged',
    tree,
    decided,
    planned: plan(its, { ...decided, kind: decided.kind === 'confirm' ? 'build' : decided.kind }),
    moving: movingOf(its, []),
    movable: movingOf(its, releasedBeside(its.known, [version])),
    gated: gatedImages(wish.commit, images, reading),
    configuration: configurationOf(config),
    shadow: config.mode === 'shadow',
    raises: settings.automation.nextDev,
    recordedOn: record?.branch ?? null,
    own,
    lacks: decided.kind === 'build' ? await lacksOf(context, its, reading) : null,
  };
}

async function judge(
  context: AppContext,
  reader: ConfigReader,
  run: ReleaseRun,
  reading: BranchReading,
): Promise<JudgedRelease> {
  const { project, wish } = run;
  const [state, tree] = [
    await reader.configAt(project, wish.commit),
    await context.ports.landing.treeOf(project, wish.commit),
  ];
  if (state.kind === 'unreadable') return { kind: 'unread', because: state.because };
  if (state.kind === 'invalid') {
    const [first] = state.problems;
    const where = first === undefined ? '' : ` (line ${first.line}: ${first.message})`;
    return { kind: 'refused', tree, because: `${configFile} is not valid${where}` };
  }
  const id = subjectIdOf({ kind: 'release', repository: project.id, name: releaseNameOf(wish) });
  const own = await ownChecks(context.ports.forge, reader, { id, project, commit: wish.commit });
  if (!wish.isVersion) return judgePlain(context, run, state.config, tree, reading, own);
  return judgeVersion(context, reader, run, state.config, tree, reading, own);
}

/** What a release comes to, by git, the file of its commit and by what is released now; what cannot be read is not released. */
export async function judgeRelease(
  context: AppContext,
  reader: ConfigReader,
  run: ReleaseRun,
  reading: BranchReading | null,
): Promise<JudgedRelease> {
  if (reading === null) return { kind: 'unread', because: 'the branch and its ledger cannot be read' };
  try {
    return await judge(context, reader, run, reading);
  } catch (err) {
    const { project, wish } = run;
    context.ports.log.warn({ repository: project.id, commit: wish.commit, err }, 'a release could not be judged');
    return { kind: 'unread', because: err instanceof Error ? err.message : 'unknown error' };
  }
}
