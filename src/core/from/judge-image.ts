import type { Image } from '../../model/image.ts';
import type { PoolSettings, ResolvedImage } from '../../model/order.ts';
import { type FeatureJudgement, judgeFeatures } from '../builders/judge-features.ts';
import { inlineCode } from '../text/safe-markdown.ts';
import { fileFeatures } from './file-features.ts';
import { findBases } from './find-bases.ts';
import { type FromPlan, type FromRefusal, planFrom } from './plan-from.ts';

/** The value that comes from a project's `go.mod`. */
export const goVersionName = 'goMod.version';

/** What an image's files came to, for one platform after the other; null: the builder's own. */
export interface JudgedImage {
  readonly goVersion: string | null;
  readonly plans: ReadonlyMap<string | null, FromPlan>;
  /** For one target after the other; null: the last stage. */
  readonly features: ReadonlyMap<string | null, FeatureJudgement>;
  /** What its container file names as images, as it is written; null: one of them, or the file, is not known. */
  readonly bases: readonly string[] | null;
}

/** By `judgeKey`: two entries of one name need not be the same. */
export type JudgedImages = ReadonlyMap<string, JudgedImage>;

/** Everything of an image that `judgeImage` goes by. */
function judgeKey({ name, context, containerFilename, targets, buildArgs, labels, platforms, from }: Image): string {
  return JSON.stringify([name, context, containerFilename, targets, buildArgs, labels, platforms, from]);
}

function asksForGo({ buildArgs, labels, from }: Image): boolean {
  return JSON.stringify([buildArgs, labels, from]).includes(goVersionName);
}

/** Whether the files of an image must be read before it can be said what is built. */
function needsJudging(image: Image): boolean {
  return image.from.length > 0 || asksForGo(image);
}

/** The files of an image as they stand in a tree. */
interface ReadFiles {
  readonly path: string;
  readonly dockerfile: string | null;
  readonly goMod: string | null;
}

/** Paths of the `go.mod` that counts for an image, the nearest first; none where nothing asks for it. */
export function goModsOf(image: Image): readonly string[] {
  if (!asksForGo(image)) return [];
  return image.context === '.' ? ['go.mod'] : [`${image.context}/go.mod`, 'go.mod'];
}

/** `1.24` of a line `go 1.24.3`; null: it has none. */
export function goVersionIn(goMod: string): string | null {
  return /^go[ \t]+(\d{1,4}\.\d{1,4})/m.exec(goMod)?.[1] ?? null;
}

/**
 * What the rules of an image make of its container file, and what its builder does otherwise than it says; `dockerfile` null: it is
 * too large.
 */
export function judgeImage(
  image: Image,
  { path, dockerfile, goMod, builder }: ReadFiles & { readonly builder: PoolSettings['builder'] },
): JudgedImages {
  const { from: rules, buildArgs, name } = image;
  const goVersion = goMod === null ? null : goVersionIn(goMod);
  const values = { image: name, ...(goVersion === null ? {} : { [goVersionName]: goVersion }) };
  const plans = platformsOf(image).map((platform): [string | null, FromPlan] => {
    if (dockerfile !== null) return [platform, planFrom({ rules, path, dockerfile, buildArgs, platform, values })];
    return [platform, { kind: 'refused', rule: 0, because: `${inlineCode(path)} is too large to apply rules to it` }];
  });
  const features = targetsOf(image).map((target): [string | null, FeatureJudgement] => [
    target,
    judgeFeatures(dockerfile === null ? [] : fileFeatures(dockerfile, target), builder),
  ]);
  const bases = dockerfile === null ? null : basesOf(image, dockerfile);
  return new Map([[judgeKey(image), { goVersion, plans: new Map(plans), features: new Map(features), bases }]]);
}

function basesOf(image: Image, dockerfile: string): readonly string[] | null {
  const buildArgs = new Map(Object.entries(image.buildArgs));
  const named = platformsOf(image).flatMap((platform) => findBases(dockerfile, { buildArgs, platform }).bases);
  const texts = named.map((base) => (base.image.kind === 'text' ? base.image.text : null));
  return texts.includes(null) ? null : [...new Set(texts.flatMap((text) => text ?? []))];
}

/** What the container file of an image names as images; null: that is not known. */
export function judgedBases(image: Image, judged: JudgedImages): readonly string[] | null {
  return judged.get(judgeKey(image))?.bases ?? null;
}

function targetsOf({ targets }: Image): readonly (string | null)[] {
  return targets.length === 0 ? [null] : targets;
}

function platformsOf({ platforms }: Image): readonly (string | null)[] {
  return platforms.length === 0 ? [null] : platforms;
}

type JudgedParts =
  | { readonly kind: 'parts'; readonly parts: Pick<ResolvedImage, 'replaced' | 'goVersion'> }
  | { readonly kind: 'refused'; readonly because: string };

/** What was judged of one Build's image; refused as well where it should have been and was not. */
export function judgedParts(image: Image, platform: string | null, judged: JudgedImages): JudgedParts {
  if (!needsJudging(image)) return { kind: 'parts', parts: {} };
  const found = judged.get(judgeKey(image));
  const plan = found?.plans.get(platform);
  const name = inlineCode(image.name);
  if (found === undefined || plan === undefined)
    return { kind: 'refused', because: `the \`from\` rules of image ${name} were not applied to its container file` };
  if (plan.kind === 'refused') return { kind: 'refused', because: `image ${name}: ${plan.because}` };
  const { goVersion } = found;
  return {
    kind: 'parts',
    parts: {
      ...(image.from.length === 0 ? {} : { replaced: plan.replaced }),
      ...(goVersion === null ? {} : { goVersion }),
    },
  };
}

/** What is wrong with an image's rules on any of its platforms, each once. */
export function refusedRules(image: Image, judged: JudgedImages): readonly FromRefusal[] {
  const plans = [...(judged.get(judgeKey(image))?.plans.values() ?? [])];
  const refused = plans.filter((plan) => plan.kind === 'refused');
  return [...new Map(refused.map((plan) => [plan.because, plan])).values()];
}

/** What is said of its container file for this target; none where nobody read it. */
export function judgedFeatures(image: Image, target: string | null, judged: JudgedImages): FeatureJudgement {
  return judged.get(judgeKey(image))?.features.get(target) ?? { refused: [], notes: [] };
}
