import { writeFile } from 'node:fs/promises';
import type { MeasureInput } from '../../src/core/pod/step-input.ts';
import { broken, readIndex, readJsonBlob, toDescriptor, verifyBlob } from './oci-layout.ts';
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
  const manifests = listIn(await readIndex(layout), 'manifests');
  if (manifests.length !== 1) throw broken(`its index names ${manifests.length} images instead of one`);
  const image = toDescriptor(manifests[0], 'the manifest');
  const manifest = await readJsonBlob(layout, image);
  const layers = listIn(manifest, 'layers').map((layer, index) => toDescriptor(layer, `layer ${index + 1}`));
  if (layers.length > mostLayers) throw broken(`it has more than ${mostLayers} layers`);
  const blobs = [toDescriptor((manifest as { config?: unknown }).config, 'the config'), ...layers];
  for (const blob of blobs) await verifyBlob(layout, blob);
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
  if (!Array.isArray(found)) throw broken(`${key} is not a list`);
  return found;
}
