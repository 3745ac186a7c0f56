import type { Build } from '../../model/build.ts';
import type { Effect } from '../../model/effect.ts';
import type { ResolvedImage } from '../../model/order.ts';
import type { JobRecord, JobStatus } from '../../model/presubmit.ts';
import type { PromotionSettings } from '../../model/promotion.ts';
import type { PushRun } from '../../model/push.ts';
import { taking } from '../gate/job-artifacts.ts';
import { advanceBuild, stopBuild } from '../presubmit/advance-build.ts';
import { jobAt, placeOf, settle } from '../presubmit/advance-jobs.ts';
import { treeKey } from '../presubmit/facts.ts';
import { uploadPlaceOf } from '../promote/places.ts';
import { imageKey } from './begin-run.ts';
import type { RunDraft } from './draft.ts';
import type { RunFacts } from './facts.ts';
import { unblockWith, withFiles } from './run-artifacts.ts';
import { wantRunBuilds } from './run-builds.ts';

/** Straight to where people pull it, under a tag of ours until its own tags are set. */
const direct: PromotionSettings = { mode: 'tag', staging: null, executor: 'worker' };

export function buildsOf({ status }: JobRecord): readonly Build[] {
  return 'builds' in status ? status.builds : [];
}

function tagsFor(run: PushRun, job: string, { image, target }: ResolvedImage): readonly string[] {
  const tags = run.tags[job] ?? {};
  return tags[imageKey(image.name, target)] ?? tags[image.name] ?? [];
}

function uploadFor({ record }: RunDraft, run: PushRun, job: string, image: ResolvedImage | null) {
  const tags = image === null ? [] : tagsFor(run, job, image);
  if (image === null || run.shadow || tags.length === 0) return {};
  const part = { number: 0, candidate: run.commit, target: image.target, platform: image.platform };
  // Told apart from what another subject builds of the same commit.
  const place = uploadPlaceOf({ ...image.image, tags }, direct, part);
  return place === null ? {} : { upload: { ...place, branch: record.branch } };
}

function step(draft: RunDraft, facts: RunFacts, run: PushRun, record: JobRecord, build: Build): Build {
  const { project } = draft.record;
  const effects: Effect[] = [];
  const { place, ...files } = withFiles(facts, run, draft.record.branch, placeOf(facts, record, build), build);
  const checkout = { cloneUrl: project.cloneUrl, base: run.commit, heads: [], tree: run.tree };
  const { branch } = draft.record;
  const plain = { draft: { effects, reasons: draft.reasons }, facts, project, checkout, place, branch };
  const upload = uploadFor(draft, run, record.job, place?.image ?? null);
  const next = advanceBuild({ ...plain, barred: null, unsure: false, ...files, ...upload }, build);
  for (const effect of effects) draft.effects.push({ kind: 'on', number: 0, effect });
  return next;
}

type Need = 'satisfied' | 'wait' | { readonly because: string };

/** Hard need failed or skipped: skipped; soft need skipped: goes on (gate.md §3, on every pipeline). */
function askNeeds(
  needs: readonly { readonly job: string; readonly soft: boolean }[],
  jobs: readonly JobRecord[],
): Need {
  for (const { job, soft } of needs) {
    const status = jobs.find((other) => other.job === job)?.status;
    if (status === undefined || (soft && status.kind === 'skipped')) continue;
    if (status.kind === 'skipped') return { because: `it needs ${job}, which was skipped` };
    if (status.kind !== 'ended') return 'wait';
    if (status.result !== 'success') return { because: `it needs ${job}, which ended with ${status.result}` };
  }
  return 'satisfied';
}

function unblock(facts: RunFacts, run: PushRun, record: JobRecord): JobRecord {
  const job = jobAt(facts, record);
  const tree = facts.trees.get(treeKey(record.tree));
  if (job === null || tree === undefined) return record;
  const need = askNeeds(job.needs, run.jobs);
  if (need === 'wait') return record;
  if (need !== 'satisfied') return { ...record, because: need.because, status: { kind: 'skipped', byNeeds: true } };
  const takes = unblockWith(facts, run, job, record);
  if (takes.kind === 'ended') return takes.record;
  const names = Object.keys(run.tags[record.job] ?? {}).filter((key) => !key.includes('/'));
  const wanted = wantRunBuilds(facts, { ...run, request: record.request }, job, names, tree);
  const status: JobStatus =
    'because' in wanted
      ? { kind: 'ended', result: 'failure', builds: [] }
      : { kind: 'building', builds: taking(wanted.builds, takes.artifacts) };
  return { ...record, ...('because' in wanted ? { because: wanted.because } : {}), status };
}

function advanceJob(draft: RunDraft, facts: RunFacts, run: PushRun, record: JobRecord): JobRecord {
  const { status } = record;
  if (status.kind === 'blocked') return unblock(facts, run, record);
  if (!('builds' in status) || status.builds.length === 0) return record;
  const builds = status.builds.map((build) => step(draft, facts, run, record, build));
  return { ...record, status: status.kind === 'ended' ? { ...status, builds } : settle(builds) };
}

/** Moves every Build of a run one step on. */
export function advanceRun(draft: RunDraft, facts: RunFacts, run: PushRun): PushRun {
  return { ...run, jobs: run.jobs.map((record) => advanceJob(draft, facts, run, record)) };
}

export function isOpen({ status }: JobRecord): boolean {
  return status.kind === 'blocked' || status.kind === 'building';
}

/** Whether nothing of it has begun. */
export function isQueued({ jobs }: PushRun): boolean {
  return jobs.some(isOpen) && jobs.flatMap(buildsOf).every(({ state }) => state.phase === 'wanted');
}

/** Whether a newer push takes the place of something of it: nothing has begun, and not all of it stays in line (versions.md §6.7). */
export function isReplaceable(run: PushRun): boolean {
  return isQueued(run) && run.jobs.some((job) => isOpen(job) && job.onNew !== 'queue');
}

/** What waits in line whatever is pushed since, and all that it needs. */
function staying({ jobs }: PushRun, needsOf: (job: JobRecord) => readonly string[]): ReadonlySet<string> {
  const kept = new Set(jobs.filter(({ onNew }) => onNew === 'queue').map(({ job }) => job));
  // A set goes on to what is added while it is walked.
  for (const name of kept)
    for (const job of jobs) if (job.job === name) for (const needed of needsOf(job)) kept.add(needed);
  return kept;
}

/** A newer push takes the place of what of it may be replaced; the rest is built as well. */
export function replaceRun(draft: RunDraft, facts: RunFacts, run: PushRun, because: string): PushRun {
  const kept = staying(run, (job) => jobAt(facts, job)?.needs.map((need) => need.job) ?? []);
  const dropped = dropRun(draft, run, because, facts.now, ({ job }) => !kept.has(job));
  // What it would have uploaded comes with the newer push: the rest is not held up for it.
  return { ...dropped, tags: Object.fromEntries(Object.entries(run.tags).filter(([job]) => kept.has(job))) };
}

/** Ends what has not begun; what runs is stopped. `isMeant` says which jobs; left out: all. */
export function dropRun(
  draft: RunDraft,
  run: PushRun,
  because: string,
  now: number,
  isMeant: (record: JobRecord) => boolean = () => true,
): PushRun {
  const drop = (record: JobRecord): JobRecord => {
    const { status } = record;
    if (!isMeant(record)) return record;
    if (status.kind === 'blocked')
      return { ...record, because, status: { kind: 'ended', result: 'aborted', builds: [] } };
    if (status.kind !== 'building') return record;
    const effects: Effect[] = [];
    const builds = status.builds.map((build) => stopBuild({ effects }, build, because, now));
    for (const effect of effects) draft.effects.push({ kind: 'on', number: 0, effect });
    return { ...record, status: settle(builds) };
  };
  return { ...run, jobs: run.jobs.map(drop) };
}
