import type { BuildOrder, PoolSettings, ResolvedImage } from '../../model/order.ts';
import { type BuildahPlan, planBuildah } from '../builders/buildah.ts';
import { builderOptionsFor } from '../builders/builder-options.ts';
import type { BuilderOptions } from '../builders/options.ts';
import type { StepInputName } from './job-template.ts';
import { secretVolume, volumePaths } from './volumes.ts';

/** Where a container leaves its result. */
export const resultPath = '/dev/termination-log';

/** Where a builder leaves the image as an OCI layout. */
export const layoutPath = `${volumePaths.out}/image`;

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
  readonly limits: CheckoutLimits;
  readonly result: string;
}

export interface CheckoutLimits {
  readonly packBytes: number;
  readonly files: number;
  readonly bytes: number;
  readonly fetchSeconds: number;
}

/** `SLUICE_STEP` of the step `measure`. */
export interface MeasureInput {
  readonly layout: string;
  readonly result: string;
}

/** `SLUICE_STEP` of the step `build-with-buildah`. */
export interface BuildInput extends BuildahPlan {
  /** `extraEnv` of the image. */
  readonly environment: Readonly<Record<string, string>>;
  readonly result: string;
}

/** History and files together stay below the size of the volume `src`. */
const checkoutLimits: CheckoutLimits = {
  packBytes: 2 * 1024 ** 3,
  files: 500_000,
  bytes: 2.5 * 1024 ** 3,
  fetchSeconds: 900,
};

export function builderOptions(order: BuildOrder, resolved: ResolvedImage, pool: PoolSettings): BuilderOptions {
  return builderOptionsFor(order, resolved, pool, { root: volumePaths.src, layout: layoutPath });
}

function checkoutInput(order: BuildOrder): CheckoutInput {
  const { checkout, project, image } = order;
  return {
    cloneUrl: checkout.cloneUrl,
    base: checkout.base,
    heads: checkout.heads,
    tree: checkout.tree,
    folder: volumePaths.src,
    tokenFile: project.private ? `${volumePaths['git-token']}/${secretVolume.file}` : null,
    context: image?.image.context ?? '.',
    keepGit: image === null,
    limits: checkoutLimits,
    result: resultPath,
  };
}

function buildInput(order: BuildOrder, pool: PoolSettings): BuildInput {
  if (order.image === null) throw new Error(`build ${order.build.id} names no image to build`);
  const plan = planBuildah(builderOptions(order, order.image, pool));
  return { ...plan, environment: order.image.image.extraEnv, result: resultPath };
}

/** The JSON that a step program reads; never a shell string (intake A10). */
export function stepInput(name: StepInputName, order: BuildOrder, pool: PoolSettings): string {
  const measure: MeasureInput = { layout: layoutPath, result: resultPath };
  const inputs = {
    checkout: () => checkoutInput(order),
    build: () => buildInput(order, pool),
    measure: () => measure,
  };
  return JSON.stringify(inputs[name]());
}
