import type { Build } from '../../model/build.ts';
import type { Effect } from '../../model/effect.ts';
import type { Job } from '../../model/job.ts';
import type { JobRecord, JobStatus } from '../../model/presubmit.ts';
import type { MadeCandidate, QueueBranch, StoppedCandidate } from '../../model/queue.ts';
import type { Sha } from '../../model/sha.ts';
import { advanceBuild, type BuildPlace, stopBuild } from '../presubmit/advance-build.ts';
import { jobAt, placeOf, settle } from '../presubmit/advance-jobs.ts';
import { treeKey } from '../presubmit/facts.ts';
import { branchOf, type GateDraft } from './draft.ts';
import type { QueueFacts } from './facts.ts';
import { type Tested, wantGateBuilds } from './gate-jobs.ts';
import { decideTakes, taking } from './job-artifacts.ts';
import { madeOf } from './made-of.ts';
import { unseenSince } from './seen-lately.ts';
import { resolveStaged, runningIn, stagedNameOf, withImageOf } from './staged-image.ts';
import { decideUpload } from './upload-order.ts';

type NeedAnswer =
  | { readonly kind: 'satisfied' | 'wait' }
  | { readonly kind: 'skip'; readonly because: string; readonly definite: boolean };

/** Hard need failed or skipped: skipped; soft need skipped: goes on, failed: skipped (gate.md §3). */
export function judgeGateNeeds(jobs: readonly JobRecord[], job: Job): NeedAnswer {
  for (const need of job.needs) {
    const status = jobs.find((other) => other.job === need.job)?.status;
    if (status === undefined || (status.kind === 'skipped' && need.soft)) continue;
    if (status.kind === 'skipped')
      return { kind: 'skip', because: `it needs ${need.job}, which was skipped`, definite: status.definite === true };
    if (status.kind !== 'ended') return { kind: 'wait' };
    if (status.result !== 'success')
      return { kind: 'skip', because: `it needs ${need.job}, which ended with ${status.result}`, definite: false };
  }
  return { kind: 'satisfied' };
}

interface Ground {
  readonly draft: GateDraft;
  readonly facts: QueueFacts;
  readonly branch: QueueBranch;
  readonly number: number;
  /** Whether its images go to where they wait for the landing. */
  readonly uploads: boolean;
}

/** Lets a build take its step, and asks for what it asks on behalf of the change's own pull request. */
function step(ground: Ground, record: JobRecord, build: Build, candidate: MadeCandidate, barred: string | null): Build {
  const { draft, facts, branch, number, uploads } = ground;
  const { project } = branch;
  const effects: Effect[] = [];
  const { siblings = [] } = record;
  const checkout = { cloneUrl: project.cloneUrl, base: candidate.commit, heads: [], tree: candidate.tree, siblings };
  const found = withImageOf(placeOf(facts, record, build), build);
  const decision = found === null ? null : decideUpload(facts, branch, uploads ? number : null, candidate, found);
  // Pods can fetch only what was published.
  const isHidden = (commit: Sha): boolean =>
    draft.record.items.some((item) => madeOf(item).some((other) => other.commit === commit && !other.published));
  const isUnread = decision?.kind === 'unread';
  const isUnseen = barred === null && unseenSince(draft.record, number, candidate, facts.now) !== null;
  const unsure = isUnread || isUnseen || !candidate.published || siblings.some(({ commit }) => isHidden(commit));
  const { place, upload } = decision?.kind === 'decided' ? decision : { place: found };
  const plain = { draft: { effects, reasons: draft.reasons }, facts, project, checkout, place, barred, unsure };
  const takes = takesFor(ground, candidate, place, build);
  const context = { ...plain, ...(upload === undefined ? {} : { upload }), ...(takes === null ? {} : { takes }) };
  const next = advanceBuild(context, build);
  for (const effect of effects) draft.effects.push({ kind: 'on', project, number, effect });
  return next;
}

/** What a Build was decided to get: its jobs have ended, and so they keep saying what that is. */
function takesFor({ facts, branch }: Ground, { jobs }: MadeCandidate, place: BuildPlace | null, { parts }: Build) {
  if (place === null || parts.takes === undefined) return null;
  const decision = decideTakes(place.job, jobs ?? [], (record) => jobAt(facts, record));
  return decision.kind === 'takes' ? { branch: branch.branch, artifacts: decision.artifacts } : null;
}

function advanceStatus(ground: Ground, candidate: MadeCandidate, record: JobRecord, barred: string | null): JobStatus {
  const { status } = record;
  if (!('builds' in status)) return status;
  const builds = status.builds.map((build) => step(ground, record, build, candidate, barred));
  return status.kind === 'ended' ? { ...status, builds } : settle(builds);
}

function unblock(
  ground: Ground,
  item: Tested,
  candidate: MadeCandidate,
  jobs: readonly JobRecord[],
  record: JobRecord,
): JobRecord {
  const { facts } = ground;
  const job = jobAt(facts, record);
  const tree = facts.trees.get(treeKey(record.tree));
  if (record.status.kind !== 'blocked' || !job || !tree) return record;
  const needs = judgeGateNeeds(jobs, job);
  if (needs.kind === 'wait') return record;
  if (needs.kind === 'skip')
    return { ...record, because: needs.because, status: { kind: 'skipped', definite: needs.definite } };
  const name = stagedNameOf(job);
  const staged =
    name === null ? null : resolveStaged(ground.draft, facts, { branch: item.branch, candidate }, jobs, name);
  if (staged?.kind === 'waits') return record;
  if (staged?.kind === 'missing') return withoutInput(ground, record, staged.because);
  const takes = decideTakes(job, jobs, (other) => jobAt(facts, other));
  if (takes.kind === 'missing') return withoutInput(ground, record, takes.because);
  const builds = wantGateBuilds(facts, { ...item, makes: record.request }, candidate, job, tree, record.siblings);
  if ('because' in builds)
    return { ...record, because: builds.because, status: { kind: 'ended', result: 'failure', builds: [] } };
  const inImage = staged ? runningIn(builds, staged.image) : builds;
  return { ...record, status: { kind: 'building', builds: taking(inImage, takes.artifacts) } };
}

/** On a tip that the gate only asks nothing is uploaded: what cannot be run there cannot fail there. */
function withoutInput({ uploads }: Ground, record: JobRecord, because: string): JobRecord {
  const result = uploads ? 'failure' : 'success';
  return { ...record, because, status: { kind: 'ended', result, builds: [] } };
}

/** Again and again: what one job's end lets begin, or skips, may be what others wait for. */
function unblockAll(
  ground: Ground,
  item: Tested,
  candidate: MadeCandidate,
  given: readonly JobRecord[],
): readonly JobRecord[] {
  let jobs = given;
  for (;;) {
    const next = jobs.map((record) => unblock(ground, item, candidate, jobs, record));
    if (next.every((record, index) => record === jobs[index])) return jobs;
    jobs = next;
  }
}

/** A start that was asked for in this very pass is taken back: a Build that ends in it would give its slot away too early. */
function takeBackStart({ draft, facts }: Ground, build: Build): Build {
  const at = draft.effects.findIndex(
    (effect) => effect.kind === 'on' && effect.effect.kind === 'start' && effect.effect.order.build.id === build.id,
  );
  if (at === -1) return build;
  draft.effects.splice(at, 1);
  const { state } = build;
  const isFresh = state.phase === 'starting' && state.since === facts.now;
  return isFresh ? { ...build, state: { phase: 'wanted', since: state.since } } : build;
}

/** Ends what is under way of a job, with the reason. */
function stopJob(ground: Ground, record: JobRecord, because: string): JobRecord {
  const { status } = record;
  if (status.kind === 'blocked')
    return { ...record, because, status: { kind: 'ended', result: 'aborted', builds: [] } };
  if (status.kind !== 'building') return record;
  const effects: Effect[] = [];
  const builds = status.builds.map((build) =>
    stopBuild({ effects }, takeBackStart(ground, build), because, ground.facts.now),
  );
  for (const effect of effects)
    ground.draft.effects.push({ kind: 'on', project: ground.branch.project, number: ground.number, effect });
  return { ...record, because, status: settle(builds) };
}

function hasFailed({ required, status }: JobRecord): boolean {
  return required && status.kind === 'ended' && status.result !== 'success' && status.result !== 'error';
}

/** Moves every Build of an item's candidate one step on; the first required failure stops the others where the project says so. */
export function advanceCandidate(
  draft: GateDraft,
  facts: QueueFacts,
  item: Tested,
  candidate: MadeCandidate,
  { failFast, uploads }: { readonly failFast: boolean; readonly uploads: boolean },
): MadeCandidate {
  const ground: Ground = { draft, facts, branch: branchOf(draft.record, item.branch), number: item.number, uploads };
  const moved = (candidate.jobs ?? []).map((record) => ({
    ...record,
    status: advanceStatus(ground, candidate, record, null),
  }));
  const failed = failFast ? moved.find(hasFailed) : undefined;
  const jobs = failed
    ? moved.map((record) => stopJob(ground, record, `${failed.job} failed, and \`failFast\` is set`))
    : unblockAll(ground, item, candidate, moved);
  return { ...candidate, jobs };
}

/** Moves what is being stopped to its end; null once nothing of it is left. */
export function advanceStopping(
  draft: GateDraft,
  facts: QueueFacts,
  stopped: StoppedCandidate,
): StoppedCandidate | null {
  const { branch, number, candidate, because } = stopped;
  const ground: Ground = { draft, facts, branch: branchOf(draft.record, branch), number, uploads: false };
  const jobs = (candidate.jobs ?? []).map((record) => {
    const asked = stopJob(ground, record, because);
    return { ...asked, status: advanceStatus(ground, candidate, asked, because) };
  });
  const left = jobs.some(
    ({ status }) =>
      'builds' in status &&
      status.builds.some(
        (build) =>
          build.state.phase !== 'finished' || facts.pods === null || facts.pods.some((pod) => pod.name === build.id),
      ),
  );
  return left ? { ...stopped, candidate: { ...candidate, jobs } } : null;
}
