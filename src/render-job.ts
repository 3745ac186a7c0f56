import type { LocalClone } from './adapters/git/local-clone.ts';
import { cliError } from './cli/exit-codes.ts';
import { loadJobLibrary } from './config/job-library.ts';
import { keepPlaceOf } from './core/gate/job-artifacts.ts';
import { atPoint, type JobPoint, pointOf, pointsOf } from './core/job-points.ts';
import { nearestNames } from './core/nearest-names.ts';
import { renderPod } from './core/pod/render-pod.ts';
import { whyNotRender } from './core/pod/why-not-render.ts';
import { withoutUpload } from './core/pod/without-upload.ts';
import type { TreeFacts } from './core/presubmit/facts.ts';
import { uploadPlaceOf } from './core/promote/places.ts';
import { projectOf } from './local-project.ts';
import { readTree } from './local-tree.ts';
import type { Machine } from './machine.ts';
import { buildIdFor } from './model/build.ts';
import type { PreparedChange } from './model/code.ts';
import type { ProjectConfig } from './model/config.ts';
import type { Job } from './model/job.ts';
import type { BuildOrder, ResolvedImage } from './model/order.ts';
import type { PodManifest } from './model/pod.ts';
import type { Project } from './model/project.ts';
import type { PromotionSettings } from './model/promotion.ts';
import type { Sha } from './model/sha.ts';
import { subjectIdOf } from './model/subject.ts';
import { poolSettings } from './pool-settings.ts';
import { readWorkingTree } from './working-tree.ts';

interface Place {
  readonly project: Project;
  readonly baseRef: string;
  readonly prepared: PreparedChange;
}

/** The job of that name; throws a usage error that names those there are. */
export function demandJob(jobs: readonly Job[], name: string): Job {
  const found = jobs.find((job) => job.name === name);
  if (found) return found;
  const names = jobs.map((job) => job.name);
  const near = nearestNames(name, names);
  const advice =
    near.length > 0
      ? `did you mean ${near.join(' or ')}?`
      : names.length > 0
        ? `there are ${names.join(', ')}.`
        : 'no job is configured here.';
  throw cliError('usage', `there is no job ${JSON.stringify(name)}; ${advice}`);
}

/** The configuration of a tree; throws with the mistakes of one that cannot be used. */
export function demandConfig({ config }: TreeFacts): ProjectConfig {
  if (config.kind === 'usable') return config.config;
  const mistakes = config.problems.map(
    ({ file, line, column, message, hint }) =>
      `\n  ${file}:${line}:${column}: ${message}${hint === null ? '' : ` ${hint}`}`,
  );
  throw cliError('failed', `${config.because}${mistakes.join('')}`);
}

/** As the gate would ask for it, were this change its candidate. */
function asUpload(order: BuildOrder, promotion: PromotionSettings, branch: string): BuildOrder {
  const { build, image: resolved, job } = order;
  const keeps = job.content.template === 'run' && job.content.artifacts !== undefined;
  if (!keeps && (job.content.template !== 'upload-image' || resolved === null)) return order;
  // Only approved code is queued.
  const approved = { ...order, build: { ...build, trust: 'approved' as const } };
  if (!job.pipelines.includes('gate')) return approved;
  if (promotion.mode === 'rebuild') return { ...approved, job: withoutUpload(job) };
  const { commit } = build.parts;
  const place =
    resolved === null ? keepPlaceOf(job, promotion, { number: 1, commit }) : placeOfImage(resolved, promotion, commit);
  return place === null ? approved : { ...approved, upload: { ...place, branch } };
}

function placeOfImage({ image, target, platform }: ResolvedImage, promotion: PromotionSettings, candidate: Sha) {
  return uploadPlaceOf(image, promotion, { number: 1, candidate, target, platform });
}

/** What a server would be asked for, were the working tree a pull request. */
export function orderFor(place: Place, job: Job, point: JobPoint): BuildOrder {
  const { project, baseRef, prepared } = place;
  const { base, head, merge } = prepared;
  const subject = subjectIdOf({ kind: 'presubmit', repository: project.id, number: 1 });
  const parts = {
    subject,
    entry: baseRef,
    commit: head,
    job: job.name,
    point: pointOf(point),
    definition: job.definition,
    request: 1,
    attempt: 1,
  };
  return {
    build: { id: buildIdFor(parts), parts, trust: 'untrusted', state: { phase: 'wanted', since: 0 } },
    project,
    checkout: { cloneUrl: project.cloneUrl, base, heads: [head], tree: merge.kind === 'merged' ? merge.tree : head },
    ...atPoint(job, point),
  };
}

/** The pods of one job for the working tree, as a server with default settings would make them. */
export async function renderJob(clone: LocalClone, name: string, machine: Machine): Promise<readonly PodManifest[]> {
  const { baseRef, prepared } = await readWorkingTree(clone);
  const project = await projectOf(clone);
  const tree = prepared.merge.kind === 'merged' ? prepared.merge.tree : prepared.head;
  const { facts } = await readTree(clone.source, project, { base: prepared.base, tree }, 'kaniko');
  const { jobs, gate } = demandConfig(facts);
  const job = demandJob(jobs, name);
  const points = pointsOf(job, null, facts);
  if (points.kind === 'refused') throw cliError('failed', `${name}: ${points.because}`);
  const library = await loadJobLibrary(machine.jobsFolder);
  const pool = poolSettings(machine, 'kaniko', `localhost/sluice-steps:${machine.version}`, 'sluice');
  return points.points.map((point) => {
    const order = asUpload(orderFor({ project, baseRef, prepared }, job, point), gate.promotion, baseRef);
    const reason = whyNotRender(order, pool, library);
    if (reason !== null) throw cliError('failed', reason);
    return renderPod(order, pool, library);
  });
}
