import type { z } from 'zod';
import type { PromotionMode } from '../../model/promotion.ts';
import type { Finding } from '../problems/finding.ts';
import { streamsSchema } from '../schema/from.ts';
import { imageSchema, type WrittenImage } from '../schema/image.ts';
import { jobSchema, type WrittenJob } from '../schema/job.ts';
import { gateSchema, promotionSchema, type WrittenGate, type WrittenPromotion } from '../schema/later.ts';
import { versionSchema, type WrittenVersion } from '../schema/version.ts';
import { type Located, nodeAt } from '../yaml/located.ts';
import { resolvePromotion, type ServerStaging } from './resolve-promotion.ts';

export interface ImageEntry {
  /** Place in the list; null for one that the file does not hold. */
  readonly index: number | null;
  readonly name: string | null;
  /** Null where nothing can be said of it beyond its name. */
  readonly written: WrittenImage | null;
  /** Keys that are wrong by themselves, and were read as if they were not there. */
  readonly damaged: ReadonlySet<string>;
}

export interface JobEntry {
  readonly name: string;
  readonly written: WrittenJob | null;
  readonly damaged: ReadonlySet<string>;
  /** Written as `NAME:` with nothing or null. */
  readonly isRemoved: boolean;
}

/** Images and jobs of a file, each read for itself so that one broken entry does not hide what is wrong with the others. */
export interface Entries {
  readonly images: readonly ImageEntry[];
  /** False where a name could not be read: then nothing is said about unknown names. */
  readonly allImagesNamed: boolean;
  readonly jobs: readonly JobEntry[];
  /** `streams:` by name; null where it could not be read. */
  readonly streams: Readonly<Record<string, string>> | null;
  /** `promotion:`, as far as it could be read. */
  readonly promotion: WrittenPromotion;
  readonly promotionMode: PromotionMode;
  /** `gate:`, as far as it could be read. */
  readonly gate: WrittenGate;
  /** `version:`, as far as it could be read. */
  readonly version: { readonly written: WrittenVersion | null; readonly damaged: ReadonlySet<string> };
}

/** Takes note of a mistake. */
export type Report = (finding: Finding) => void;

/** `imagelessDefault` stands for `images:` where the file has none. */
export function readEntries(root: Located, imagelessDefault: WrittenImage | null, server: ServerStaging): Entries {
  const imagesNode = nodeAt(root, ['images']);
  const images = imagesNode === undefined ? defaultImages(imagelessDefault) : readImages(imagesNode);
  const jobsNode = nodeAt(root, ['jobs']);
  const promotion = readIntact(promotionSchema, nodeAt(root, ['promotion'])?.value).written ?? {};
  return {
    images,
    allImagesNamed:
      (imagesNode === undefined || Array.isArray(imagesNode.value)) && images.every((image) => image.name !== null),
    jobs: jobsNode === undefined ? [] : [...jobsNode.entries].map(([name, entry]) => readJob(name, entry.node)),
    streams: streamsSchema.safeParse(nodeAt(root, ['streams'])?.value ?? {}).data ?? null,
    promotion,
    promotionMode: resolvePromotion(promotion, server).mode,
    gate: readIntact(gateSchema, nodeAt(root, ['gate'])?.value).written ?? {},
    version: readIntact(versionSchema, nodeAt(root, ['version'])?.value),
  };
}

function defaultImages(image: WrittenImage | null): ImageEntry[] {
  return image === null ? [] : [{ index: null, name: image.name, written: image, damaged: new Set() }];
}

function readImages(list: Located): ImageEntry[] {
  return list.items.map((node, index) => {
    const name = nodeAt(node, ['name'])?.value;
    return { index, name: typeof name === 'string' ? name : null, ...readIntact(imageSchema, node.value) };
  });
}

function readJob(name: string, node: Located): JobEntry {
  return { name, isRemoved: node.value === null, ...readIntact(jobSchema, node.value) };
}

// What is wrong in one key must not hide what is wrong with the others.
function readIntact<Schema extends z.ZodType>(schema: Schema, value: unknown) {
  const first = schema.safeParse(value);
  if (first.success) return { written: first.data, damaged: new Set<string>() };
  const damaged = new Set(
    first.error.issues.flatMap((issue) => (issue.code === 'unrecognized_keys' ? issue.keys : [String(issue.path[0])])),
  );
  const entries = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  const second = schema.safeParse(Object.fromEntries(entries.filter(([key]) => !damaged.has(key))));
  return { written: second.success && entries.length > 0 ? second.data : null, damaged };
}
