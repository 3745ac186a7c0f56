import { type BuildParts, buildIdFor } from '../../../src/model/build.ts';
import type { Image } from '../../../src/model/image.ts';
import type { Job, JobContent } from '../../../src/model/job.ts';
import type { BuildOrder, Checkout, PoolSettings, ResolvedImage } from '../../../src/model/order.ts';
import type { Project } from '../../../src/model/project.ts';
import { toSha } from '../../../src/model/sha.ts';
import type { TrustClass } from '../../../src/model/trust.ts';

const base = toSha('b'.repeat(40));
const head = toSha('a'.repeat(40));
const tree = toSha('c'.repeat(40));

export const aPool: PoolSettings = {
  stepImage: 'localhost/sluice-step:1',
  kanikoImage: 'localhost/kaniko:v1.24.0',
  builder: 'kaniko',
  owner: 'test',
  hostUsers: null,
  runtimeClassName: null,
  nodeSelector: {},
  registryMaps: [],
  insecureRegistries: [],
};

export function anImage(over: Partial<Image> = {}): Image {
  return {
    name: 'api',
    repository: 'quay.io/acme/api',
    context: '.',
    containerFilename: ['Containerfile', 'Dockerfile'],
    targets: [],
    buildArgs: {},
    labels: {},
    tags: ['latest'],
    platforms: [],
    siblings: [],
    extraEnv: {},
    from: [],
    onlyIf: null,
    skipIf: null,
    builder: null,
    ...over,
  };
}

export interface OrderParts {
  readonly image?: Partial<Image>;
  readonly resolved?: Partial<Omit<ResolvedImage, 'image'>>;
  /** A job's own command instead of an image to build. */
  readonly command?: Partial<Extract<JobContent, { template: 'run' }>>;
  readonly job?: Partial<Job>;
  readonly parts?: Partial<BuildParts>;
  readonly checkout?: Partial<Checkout>;
  readonly project?: Partial<Project>;
  readonly trust?: TrustClass;
}

/** An untrusted change of a public project; what is given replaces what is said here. */
export function anOrder(over: OrderParts = {}): BuildOrder {
  const image = anImage(over.image);
  const run = { template: 'run', image: 'docker.io/library/node:24', command: 'npm test', env: {} } as const;
  const build = { template: 'build-image', images: [image], publish: 'promote' } as const;
  const content: JobContent = over.command ? { ...run, ...over.command } : build;
  const job: Job = {
    name: over.command ? 'unit' : 'build-image',
    pipelines: ['presubmit'],
    selection: { trigger: 'auto', branches: [], skipBranches: [], onlyIf: null, skipIf: null, optional: false },
    content,
    needs: [],
    pool: 'default',
    resources: { cpu: '2', memory: '4Gi', ephemeralStorage: '20Gi' },
    timeoutSeconds: 3600,
    allowPrivilegeEscalation: false,
    definition: 'd'.repeat(32),
    ...over.job,
  };
  const parts: BuildParts = {
    subject: 'presubmit/4711/5',
    entry: 'main',
    commit: head,
    job: job.name,
    point: over.command ? {} : { image: image.name },
    definition: job.definition,
    request: 1,
    attempt: 1,
    ...over.parts,
  };
  return {
    build: { id: buildIdFor(parts), parts, trust: over.trust ?? 'untrusted', state: { phase: 'starting', since: 0 } },
    project: {
      id: 4711,
      owner: 'acme',
      name: 'api',
      private: false,
      defaultBranch: 'main',
      installation: 7,
      cloneUrl: 'https://github.test/acme/api.git',
      ...over.project,
    },
    job,
    checkout: { cloneUrl: 'https://github.test/acme/api.git', base, heads: [head], tree, ...over.checkout },
    image: over.command ? null : { image, containerFile: 'Dockerfile', target: null, platform: null, ...over.resolved },
  };
}
