import { resolve } from 'node:path';
import { loadJobLibrary } from '../../src/config/job-library.ts';
import { combineConfig } from '../../src/core/combine-config.ts';
import { atPoint, type JobPoint, pointOf, pointsOf } from '../../src/core/job-points.ts';
import { renderPod } from '../../src/core/pod/render-pod.ts';
import { whyNotRender } from '../../src/core/pod/why-not-render.ts';
import { type PathKind, pathsToLookUp } from '../../src/core/resolve-images.ts';
import { type Build, buildIdFor } from '../../src/model/build.ts';
import type { ConfigState } from '../../src/model/config.ts';
import type { Job } from '../../src/model/job.ts';
import type { BuildOrder, PoolSettings } from '../../src/model/order.ts';
import type { PodManifest } from '../../src/model/pod.ts';
import type { Project } from '../../src/model/project.ts';
import { toSha } from '../../src/model/sha.ts';
import { parseConfig } from '../../src/project-config.ts';

const library = await loadJobLibrary(resolve(import.meta.dirname, '../../jobs'));

export const shas = { head: toSha('a'.repeat(40)), base: toSha('b'.repeat(40)), tree: toSha('c'.repeat(40)) };

const pool: PoolSettings = {
  stepImage: `registry.acme.io/sluice-steps@sha256:${'1'.repeat(64)}`,
  kanikoImage: `registry.acme.io/kaniko@sha256:${'2'.repeat(64)}`,
  builder: 'kaniko',
  owner: 'sluice-test',
  hostUsers: false,
  runtimeClassName: 'gvisor',
  nodeSelector: { 'acme.io/builds': 'untrusted' },
  registryMaps: [],
  insecureRegistries: [],
};

export function projectOf(isPrivate: boolean): Project {
  const cloneUrl = 'https://github.example/acme/shop.git';
  const names = { owner: 'acme', name: 'shop', defaultBranch: 'main', cloneUrl };
  return { id: 4711, installation: 7, private: isPrivate, ...names };
}

export interface RenderedJob {
  readonly job: Job;
  readonly order: BuildOrder;
  readonly pod: PodManifest;
}

export const parseHead = (text: string): ConfigState => parseConfig(text, 'shop', 'Dockerfile');

/** All that a head's file makes of a presubmit over this base: the pods of unapproved code. Null: the file is refused. */
export function renderHead(base: string, head: string, isPrivate: boolean): readonly RenderedJob[] | null {
  const combined = combineConfig(parseHead(base), parseHead(head));
  if (combined.kind !== 'usable') return null;
  const { jobs } = combined.config;
  const images = jobs.flatMap((job) => ('images' in job.content ? job.content.images : []));
  const kinds = new Map<string, PathKind>(images.flatMap(pathsToLookUp).map((path) => [path, { kind: 'file' }]));
  for (const image of images) kinds.set(image.context, { kind: 'folder' });
  return jobs
    .filter((job) => job.pipelines.includes('presubmit'))
    .flatMap((job) => {
      const points = pointsOf(job, null, { kinds });
      return points.kind === 'refused' ? [] : points.points.flatMap((point) => rendered(job, point, isPrivate));
    });
}

function rendered(job: Job, point: JobPoint, isPrivate: boolean): readonly RenderedJob[] {
  const project = projectOf(isPrivate);
  const parts = {
    subject: 'presubmit/4711/12',
    entry: 'main',
    commit: shas.head,
    job: job.name,
    point: pointOf(point),
    definition: job.definition,
    request: 1,
    attempt: 1,
  };
  const state = { phase: 'wanted', since: 0 } as const;
  const build: Build = { id: buildIdFor(parts), parts, trust: 'untrusted', state };
  const checkout = { cloneUrl: project.cloneUrl, base: shas.base, heads: [shas.head], tree: shas.tree };
  const order: BuildOrder = { build, project, checkout, ...atPoint(job, point) };
  if (whyNotRender(order, pool, library) !== null) return [];
  return [{ job, order, pod: renderPod(order, pool, library) }];
}
