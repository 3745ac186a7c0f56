import type { Job } from '../../model/job.ts';
import type { Version } from '../../model/version.ts';
import type { VersionComponent, VersionSettings } from '../../model/version-settings.ts';
import { imagesOf } from '../select-jobs.ts';
import { imagesOfComponent } from '../version/component-images.ts';
import type { ReleaseDecision } from '../version/decide-release.ts';
import { nameImages, nameRelease } from './name-images.ts';
import type { PushedComponent, PushedRef } from './plan-push.ts';
import { afterNeeds, type PlannedJob } from './planned-job.ts';
import { jobsOn, whyNotHere } from './push-jobs.ts';

/** One release with what decides about its tags. */
export interface ReleasePlan {
  readonly decided: ReleaseDecision;
  readonly component: VersionComponent;
  readonly settings: VersionSettings;
  readonly branch: string;
  /** What is released before it. */
  readonly released: readonly Version[];
}

const decisions = { build: 'run', confirm: 'skip', held: 'wait', failed: 'refuse' } as const;

function reasonOf({ decided, settings, component }: ReleasePlan, job: Job): string {
  const { row, kind, because } = decided;
  const of = component.name === null ? '' : `${component.name}: `;
  if (kind === 'confirm') return `${row}: ${of}${because}: it is confirmed, not built again`;
  if (kind !== 'build') return `${row}: ${of}${because}`;
  const { needs } = settings.release;
  const checked =
    needs.length === 0 ? '' : `, once ${needs.join(', ')} ${needs.length === 1 ? 'is' : 'are'} green there`;
  return `${row}: ${of}${because}${checked}${afterNeeds(job)}`;
}

/** What a release comes to for one job: its tags, or why there are none. */
export function planRelease(job: Job, pipeline: 'release' | 'tag', plan: ReleasePlan): PlannedJob {
  const { decided, settings, component, branch, released } = plan;
  const { version, commit, kind } = decided;
  const release = { version: version.raw, final: version.kind === 'final' };
  const base = { pipeline, job: job.name };
  const reason = reasonOf(plan, job);
  if (kind === 'confirm' || kind === 'failed')
    return { ...base, decision: decisions[kind], reason, images: [], release };
  const images = imagesOfComponent(component, settings.components, imagesOf(job));
  if (job.content.template !== 'upload-image')
    return {
      ...base,
      decision: decisions[kind],
      reason,
      images: images.map(({ name }) => ({ name, tags: [] })),
      release,
    };
  const named = nameImages(images, nameRelease(settings, version, { sha: commit, branch }, released));
  if (named.kind === 'illegal')
    return { ...base, decision: 'refuse', reason: `${decided.row}: ${named.because}`, images: [], release };
  return { ...base, decision: decisions[kind], reason, images: named.images, release };
}

function skipped(job: Job, reason: string, decision: 'skip' | 'wait' = 'skip'): PlannedJob {
  return { pipeline: 'release', job: job.name, decision, reason, images: [] };
}

/** Why a push releases nothing, in the words of its row. */
function whyNone({ facts, decision }: PushedComponent): string {
  const { role, change } = facts;
  if (change === 'deleted') return 'V1: the branch was deleted: a release that runs goes on';
  if (decision.dev.kind === 'failed') return `${decision.row}: ${decision.dev.because}`;
  if (role.kind === 'other') return `V2: \`${facts.branch}\` is no release branch`;
  if (role.kind !== 'release') return `${decision.row}: no release, as \`${facts.branch}\` has dev images only`;
  if (change === 'cut') return `${decision.row}: the branch was just cut: nothing in it is new`;
  return `${decision.row}: no version became final in this push`;
}

function planOne(ref: PushedRef, pushed: PushedComponent, settings: VersionSettings): readonly PlannedJob[] {
  const { component, decision, facts } = pushed;
  const released = [...facts.released];
  return decision.releases.flatMap((decided) => {
    const before = [...released];
    if (decided.kind !== 'failed') released.push(decided.version);
    const jobs = ref.jobsAt.get(decided.commit) ?? ref.jobs;
    const release = { version: decided.version.raw, final: decided.version.kind === 'final' };
    if (typeof jobs === 'string')
      return [{ pipeline: 'release', job: 'sluice', decision: 'refuse', reason: jobs, images: [], release } as const];
    return jobsFor(jobs, component, settings).map((job) => {
      const why = whyNotHere(job, { branch: ref.branch, isWatched: true });
      if (why !== null) return skipped(job, why);
      return planRelease(job, 'release', { decided, component, settings, branch: ref.branch, released: before });
    });
  });
}

/** Those with an image of the component; and those without any image, which are for every release. */
export function jobsFor(jobs: readonly Job[], component: VersionComponent, settings: VersionSettings): readonly Job[] {
  return jobsOn(jobs, 'release').filter((job) => {
    const images = imagesOf(job);
    return images.length === 0 || imagesOfComponent(component, settings.components, images).length > 0;
  });
}

/** What becomes of the release jobs after a push, oldest release first. */
export function planReleases(ref: PushedRef): readonly PlannedJob[] {
  const { versions } = ref;
  if (versions === null)
    return jobsOn(ref.jobs, 'release').map((job) =>
      skipped(job, 'no version is kept in this repository: only a tag releases something'),
    );
  return versions.components.flatMap((pushed) => {
    const made = planOne(ref, pushed, versions.settings);
    if (made.length > 0) return made;
    const { waits } = pushed.decision;
    const reason = waits === null ? whyNone(pushed) : `${pushed.decision.row}: ${waits}`;
    const jobs = jobsFor(ref.jobs, pushed.component, versions.settings);
    return jobs.map((job) => skipped(job, reason, waits === null ? 'skip' : 'wait'));
  });
}
