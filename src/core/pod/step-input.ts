import type { ReplacedLine } from '../../model/from.ts';
import type { TriedTarget } from '../../model/isolation.ts';
import type { BuildOrder, PoolSettings, ResolvedImage, Sibling, TakenFiles } from '../../model/order.ts';
import { fullName } from '../../model/project.ts';
import type { PromotedImage } from '../../model/promotion.ts';
import { type BuildahPlan, planBuildah } from '../builders/buildah.ts';
import { builderOptionsFor } from '../builders/builder-options.ts';
import { buildkitdConfig } from '../builders/buildkit.ts';
import { type BuilderOptions, builtFile } from '../builders/options.ts';
import { keptOf } from './artifacts.ts';
import type { StepInputName } from './job-template.ts';
import { siblingsFor, siblingTokenFile } from './siblings.ts';
import { tokenFile, volumePaths } from './volumes.ts';

/** Where a container leaves its result. */
export const resultPath = '/dev/termination-log';

/** Where a builder leaves the image as an OCI layout. */
export const layoutPath = `${volumePaths.out}/image`;

/** Where what a command made is laid out before it is pushed. */
const keptLayoutPath = `${volumePaths.out}/kept`;

/** Where the checkout leaves a container file whose lines `from` rules replace: outside of the context, which stays the author's. */
export const rewrittenPath = `${volumePaths.out}/Containerfile`;

/** Where BuildKit's daemon and client meet; what both are given is written there by the checkout. */
export const buildkitPlaces = {
  socket: `${volumePaths.buildkit}/buildkitd.sock`,
  config: `${volumePaths.buildkit}/buildkitd.toml`,
  state: volumePaths['buildkit-state'],
} as const;

/** The container file with a last stage that needs all others. */
export const stagesPath = `${volumePaths.buildkit}/Containerfile`;

/** `SLUICE_STEP` of the step `checkout`. Paths are absolute. */
export interface CheckoutInput {
  readonly cloneUrl: string;
  readonly base: string;
  readonly heads: readonly string[];
  readonly tree: string;
  readonly folder: string;
  /** Null for a project that everybody may read. */
  readonly tokenFile: string | null;
  /** Folder of the image's context; links in it must not leave it. `.`: the whole repository. */
  readonly context: string;
  /** A repository without remote stays in `.git`; else none. */
  readonly keepGit: boolean;
  /** Other projects, for the context; only without `keepGit`. */
  readonly siblings: readonly SiblingInput[];
  /** Left out: the container file is built as it is. */
  readonly rewrite?: RewriteInput;
  /** Left out: another builder builds it. */
  readonly buildkit?: BuildkitInput;
  readonly limits: CheckoutLimits;
  readonly result: string;
}

/** A container file of the checkout that is written once more, with other lines. */
export interface RewriteInput {
  /** From the root of the checkout. */
  readonly file: string;
  /** Absolute. */
  readonly to: string;
  readonly lines: readonly ReplacedLine[];
}

/** What BuildKit needs beside the context. */
export interface BuildkitInput {
  /** The container file that is built, absolute. */
  readonly file: string;
  readonly target: string | null;
  /** Where it is written once more, with a last stage that needs all others. */
  readonly stages: string;
  /** The daemon's settings, and where they are written to. */
  readonly config: { readonly to: string; readonly text: string };
}

/** What goes into `.siblings/` and `name` of the context. */
export interface SiblingInput {
  /** `owner/name`. */
  readonly name: string;
  readonly cloneUrl: string;
  readonly commit: string;
  readonly ref: string | null;
  readonly tokenFile: string | null;
}

export interface CheckoutLimits {
  readonly packBytes: number;
  readonly files: number;
  readonly bytes: number;
  readonly fetchSeconds: number;
}

/** `SLUICE_STEP` of the step `own`. */
export type OwnInput = Pick<CheckoutInput, 'folder' | 'result'>;

/** `SLUICE_STEP` of the step `measure`. */
export interface MeasureInput {
  readonly layout: string;
  readonly result: string;
}

/** `SLUICE_STEP` of the step `upload`. */
export interface UploadInput {
  readonly layout: string;
  readonly repository: string;
  readonly tag: string;
  /** Folder of the secret volume: the credential is in its files, and nowhere in here. */
  readonly keys: string;
  /** The registry is spoken to without TLS. */
  readonly insecure: boolean;
  readonly result: string;
}

/** `SLUICE_STEP` of the step `promote`. */
export interface PromoteInput {
  readonly images: readonly PromotedImage[];
  /** Folder of the secret volume. */
  readonly keys: string;
  /** Hosts of registries that are spoken to without TLS. */
  readonly insecure: readonly string[];
  readonly result: string;
}

/** `SLUICE_STEP` of the step `keep`. */
export interface KeepInput extends UploadInput {
  /** Of the checkout. */
  readonly folder: string;
  readonly paths: readonly string[];
  readonly maxBytes: number;
}

/** `SLUICE_STEP` of the step `take`. */
export interface TakeInput {
  readonly artifacts: readonly TakenFiles[];
  /** Where each lands, in a folder of its job's name. */
  readonly folder: string;
  readonly keys: string;
  /** Hosts of registries that are spoken to without TLS. */
  readonly insecure: readonly string[];
  readonly result: string;
}

/** `SLUICE_STEP` of the step `build-with-buildah`. */
export interface BuildInput extends BuildahPlan {
  /** `extraEnv` of the image. */
  readonly environment: Readonly<Record<string, string>>;
  readonly result: string;
}

/** `SLUICE_STEP` of the step `canary`. */
export type CanaryInput =
  | { readonly listens: true; readonly listen: number; readonly result: string }
  | {
      readonly listens: false;
      readonly listen: null;
      /** What it must reach. */
      readonly control: TriedTarget;
      /** What it must not. */
      readonly targets: readonly TriedTarget[];
      /** For each. */
      readonly attemptMs: number;
      readonly result: string;
    };

/** History and files together stay below the size of the volume `src`. */
const checkoutLimits: CheckoutLimits = {
  packBytes: 2 * 1024 ** 3,
  files: 500_000,
  bytes: 2.5 * 1024 ** 3,
  fetchSeconds: 900,
};

export function builderOptions(order: BuildOrder, resolved: ResolvedImage, pool: PoolSettings): BuilderOptions {
  return builderOptionsFor(order, resolved, pool, {
    root: volumePaths.src,
    layout: layoutPath,
    rewritten: rewrittenPath,
  });
}

function siblingInput({ project, commit, ref }: Sibling): SiblingInput {
  const file = project.private ? `${volumePaths['git-token']}/${siblingTokenFile(project)}` : null;
  return { name: fullName(project), cloneUrl: project.cloneUrl, commit, ref, tokenFile: file };
}

function rewriteInput(resolved: ResolvedImage | null): Pick<CheckoutInput, 'rewrite'> {
  const lines = resolved?.replaced ?? [];
  if (resolved === null || lines.length === 0) return {};
  return { rewrite: { file: resolved.containerFile, to: rewrittenPath, lines } };
}

function buildkitInput(order: BuildOrder, pool: PoolSettings): Pick<CheckoutInput, 'buildkit'> {
  if (pool.builder !== 'buildkit' || order.image === null) return {};
  const options = builderOptions(order, order.image, pool);
  const { target } = options;
  const config = { to: buildkitPlaces.config, text: buildkitdConfig(options) };
  return { buildkit: { file: builtFile(options), target, stages: stagesPath, config } };
}

function checkoutInput(order: BuildOrder, pool: PoolSettings): CheckoutInput {
  const { checkout, project, image } = order;
  return {
    cloneUrl: checkout.cloneUrl,
    base: checkout.base,
    heads: checkout.heads,
    tree: checkout.tree,
    folder: volumePaths.src,
    tokenFile: project.private ? `${volumePaths['git-token']}/${tokenFile}` : null,
    context: image?.image.context ?? '.',
    keepGit: image === null,
    siblings: siblingsFor(order).map(siblingInput),
    ...rewriteInput(image),
    ...buildkitInput(order, pool),
    limits: checkoutLimits,
    result: resultPath,
  };
}

function buildInput(order: BuildOrder, pool: PoolSettings): BuildInput {
  if (order.image === null) throw new Error(`build ${order.build.id} names no image to build`);
  const plan = planBuildah(builderOptions(order, order.image, pool));
  return { ...plan, environment: order.image.image.extraEnv, result: resultPath };
}

function registryHostOf(repository: string): string {
  return repository.split('/')[0] ?? '';
}

function uploadInput({ build, upload }: BuildOrder, { insecureRegistries }: PoolSettings): UploadInput {
  if (upload === undefined) throw new Error(`build ${build.id} names no place to upload to`);
  const { repository, tag } = upload;
  const insecure = insecureRegistries.includes(registryHostOf(repository));
  return { layout: layoutPath, repository, tag, keys: volumePaths.registry, insecure, result: resultPath };
}

function promoteInput({ build, promote }: BuildOrder, { insecureRegistries }: PoolSettings): PromoteInput {
  if (promote === undefined) throw new Error(`build ${build.id} names nothing to promote`);
  const { images } = promote;
  const hosts = new Set(images.flatMap(({ from, to }) => [from.repository, to].map(registryHostOf)));
  const insecure = insecureRegistries.filter((host) => hosts.has(host));
  return { images, keys: volumePaths['registry-promote'], insecure, result: resultPath };
}

function canaryInput({ build, canary }: BuildOrder): CanaryInput {
  if (canary === undefined) throw new Error(`build ${build.id} names nothing to try`);
  if (canary.kind === 'listen') return { listens: true, listen: canary.port, result: resultPath };
  const { control, targets, attemptMs } = canary;
  return { listens: false, listen: null, control, targets, attemptMs, result: resultPath };
}

function keepInput(order: BuildOrder, { insecureRegistries }: PoolSettings): KeepInput {
  const { build, upload } = order;
  const kept = keptOf(order);
  if (kept === null || upload === undefined) throw new Error(`build ${build.id} names nothing to keep`);
  const { paths, maxBytes } = kept;
  const { repository, tag } = upload;
  return {
    layout: keptLayoutPath,
    repository,
    tag,
    keys: volumePaths['registry-keep'],
    insecure: insecureRegistries.includes(registryHostOf(repository)),
    folder: volumePaths.src,
    paths,
    maxBytes,
    result: resultPath,
  };
}

function takeInput({ build, takes }: BuildOrder, { insecureRegistries }: PoolSettings): TakeInput {
  if (takes === undefined) throw new Error(`build ${build.id} names nothing to take`);
  const { artifacts } = takes;
  const hosts = new Set(artifacts.map(({ from }) => registryHostOf(from.repository)));
  const insecure = insecureRegistries.filter((host) => hosts.has(host));
  return { artifacts, folder: volumePaths.artifacts, keys: volumePaths['registry-take'], insecure, result: resultPath };
}

/** The JSON that a step program reads; never a shell string (intake A10). */
export function stepInput(name: StepInputName, order: BuildOrder, pool: PoolSettings): string {
  const measure: MeasureInput = { layout: layoutPath, result: resultPath };
  const own: OwnInput = { folder: volumePaths.src, result: resultPath };
  const inputs = {
    own: () => own,
    checkout: () => checkoutInput(order, pool),
    build: () => buildInput(order, pool),
    measure: () => measure,
    upload: () => uploadInput(order, pool),
    promote: () => promoteInput(order, pool),
    canary: () => canaryInput(order),
    keep: () => keepInput(order, pool),
    take: () => takeInput(order, pool),
  };
  return JSON.stringify(inputs[name]());
}
