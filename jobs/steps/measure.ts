import { writeFile } from 'node:fs/promises';
import {
  BrokenLayout,
  findImage,
  parseJson,
  readSmallBlob,
  toLayoutDescriptor,
  verifyLayoutBlob,
} from '../../src/adapters/oci/layout.ts';
import type { MeasureInput } from '../../src/core/pod/step-input.ts';
import type { InputReader } from './read-input.ts';

/** What was found of an image by reading all of it. */
export interface Measure {
  readonly digest: string;
  /** Compressed, config and layers. */
  readonly bytes: number;
  readonly layers: number;
}

const mostLayers = 1000;

/** Leaves digest and size of the one image in the layout in the termination message. */
export async function measure(reader: InputReader): Promise<void> {
  const input: MeasureInput = { layout: reader.text('layout'), result: reader.text('result') };
  const result = await measureLayout(input.layout);
  await writeFile(input.result, JSON.stringify(result));
  console.log(`${describeMeasure(result)} Nothing was pushed.`);
}

/** Computes digest and size, every blob read and compared: nothing is taken from the builder's word. */
export async function measureLayout(layout: string): Promise<Measure> {
  const image = await findImage(layout);
  const manifest = parseJson(await readSmallBlob(layout, image), image.digest);
  const layers = listIn(manifest, 'layers').map((layer, index) => toLayoutDescriptor(layer, `layer ${index + 1}`));
  if (layers.length > mostLayers) throw new BrokenLayout(`it has more than ${mostLayers} layers`);
  const blobs = [toLayoutDescriptor((manifest as { config?: unknown }).config, 'the config'), ...layers];
  for (const blob of blobs) await verifyLayoutBlob(layout, blob);
  const bytes = blobs.reduce((sum, { size }) => sum + size, 0);
  return { digest: image.digest, bytes, layers: layers.length };
}

/** For the log: two lines, the second without an end. */
export function describeMeasure({ digest, bytes, layers }: Measure): string {
  const count = layers === 1 ? '1 layer' : `${layers} layers`;
  return `Built ${digest}\n${count}, ${(bytes / 1_000_000).toFixed(1)} MB compressed.`;
}

function listIn(value: unknown, key: string): readonly unknown[] {
  const found = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;
  if (!Array.isArray(found)) throw new BrokenLayout(`${key} is not a list`);
  return found;
}
