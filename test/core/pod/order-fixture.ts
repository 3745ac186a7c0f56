import { type Build, buildIdFor } from '../../../src/model/build.ts';
import type { Image } from '../../../src/model/image.ts';
import type { Job, JobContent } from '../../../src/model/job.ts';
import type {
  BuildkitSettings,
  BuildOrder,
  PoolSettings,
  PromoteOrder,
  ResolvedImage,
  UploadOrder,
} from '../../../src/model/order.ts';
import type { Project } from '../../../src/model/project.ts';
import { toDigest, toSha } from '../../../src/model/sha.ts';
import type { TrustClass } from '../../../src/model/trust.ts';

export const head = toSha('a'.repeat(40));
export const base = toSha('b'.repeat(40));
export const tree = toSha('c'.repeat(40));

export const pool: PoolSettings = {
  stepImage: `registry.acme.io/sluice-steps@sha256:${'1'.repeat(64)}`,
  kanikoImage: `registry.acme.io/kaniko@sha256:${'2'.repeat(64)}`,
  builder: 'kaniko',
  owner: 'sluice-test',
  hostUsers: null,
  runtimeClassName: null,
  nodeSelector: {},
  registryMaps: [],
  insecureRegistries: [],
};

/** A pool in which BuildKit builds. */
export function byBuildkit(form: BuildkitSettings['form']): PoolSettings {
  return {
    ...pool,
    builder: 'buildkit',
    buildkit: { image: `registry.acme.io/buildkit@sha256:${'3'.repeat(64)}`, form },
  };
}

const project: Project = {
  id: 4711,
  owner: 'acme',
  name: 'api',
  private: false,
  defaultBranch: 'main',
  installation: 7,
  cloneUrl: 'https://github.example/acme/api.git',
};

const image: Image = {
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
};

/** What a test says about an order; the rest is as in most. */
export interface OrderParts {
  readonly image?: Partial<Image>;
  readonly resolved?: Partial<ResolvedImage>;
  readonly job?: Partial<Job>;
  readonly project?: Partial<Project>;
  readonly parts?: Partial<Build['parts']>;
  readonly trust?: TrustClass;
  readonly heads?: BuildOrder['checkout']['heads'];
  /** Of an upload order: null says that it has no place. */
  readonly upload?: Partial<UploadOrder> | null;
}

/** A presubmit order of template `build-image`. */
export function imageOrder(parts: OrderParts = {}): BuildOrder {
  const entry = { ...image, ...parts.image };
  const content: JobContent = { template: 'build-image', images: [entry], publish: 'promote' };
  const resolved = { image: entry, containerFile: 'Dockerfile', target: null, platform: null, ...parts.resolved };
  return order('image-api', content, resolved, parts);
}

/** An order of the gate of template `upload-image`, of code that somebody approved. */
export function uploadOrder(parts: OrderParts = {}): BuildOrder {
  const { image: entry, trust = 'approved' } = parts;
  const made = imageOrder({ ...parts, trust, job: { name: 'upload-image', pipelines: ['gate'], ...parts.job } });
  const content: JobContent = { template: 'upload-image', images: [{ ...image, ...entry }], publish: 'promote' };
  const place = { repository: 'quay.io/acme/api', tag: 'change_12_aaaaaaaaaaaa_latest', branch: 'main' };
  const upload = parts.upload === null ? {} : { upload: { ...place, ...parts.upload } };
  return { ...made, job: { ...made.job, content }, ...upload };
}

/** What a landing has promoted by a pod: one image by way of a staging place, one in its own. */
export const promoted: PromoteOrder = {
  branch: 'main',
  images: [
    {
      from: { repository: 'staging.acme.io/api', digest: toDigest(`sha256:${'a'.repeat(64)}`) },
      to: 'quay.io/acme/api',
      tags: ['latest', '1.2.3'],
    },
    {
      from: { repository: 'ghcr.io/acme/web', digest: toDigest(`sha256:${'b'.repeat(64)}`) },
      to: 'ghcr.io/acme/web',
      tags: ['latest'],
    },
  ],
};

/** An order of template `promote-image`; `promote` null: of nothing. */
export function promoteOrder(parts: OrderParts = {}, promote: PromoteOrder | null = promoted): BuildOrder {
  const content: JobContent = { template: 'promote-image', images: [], publish: 'promote' };
  const made = order('promote-image', content, null, { trust: 'trusted', heads: [], ...parts });
  return promote === null ? made : { ...made, promote };
}

/** A presubmit order of template `run`. */
export function commandOrder(parts: OrderParts & { readonly content?: Partial<JobContent> } = {}): BuildOrder {
  const content = { template: 'run', image: 'golang:1.24', command: 'go test ./...', env: {}, ...parts.content };
  return order('unit', content as JobContent, null, parts);
}

function order(name: string, content: JobContent, resolved: ResolvedImage | null, parts: OrderParts): BuildOrder {
  const job: Job = {
    name,
    pipelines: ['presubmit'],
    selection: {
      trigger: 'auto',
      branches: [],
      skipBranches: [],
      onlyIf: null,
      skipIf: null,
      optional: false,
    },
    content,
    needs: [],
    pool: 'default',
    resources: { cpu: '2', memory: '4Gi', ephemeralStorage: '20Gi' },
    timeoutSeconds: 3600,
    allowPrivilegeEscalation: false,
    definition: 'd'.repeat(32),
    ...parts.job,
  };
  const buildParts = {
    subject: 'presubmit/4711/12',
    entry: 'main',
    commit: head,
    job: job.name,
    point: resolved === null ? {} : { image: resolved.image.name },
    definition: job.definition,
    request: 1,
    attempt: 1,
    ...parts.parts,
  };
  const build: Build = {
    id: buildIdFor(buildParts),
    parts: buildParts,
    trust: parts.trust ?? 'untrusted',
    state: { phase: 'wanted', since: 0 },
  };
  const { cloneUrl } = { ...project, ...parts.project };
  const checkout = { cloneUrl, base, heads: parts.heads ?? [head], tree };
  return { build, project: { ...project, ...parts.project }, job, checkout, image: resolved };
}
