import { writeFile } from 'node:fs/promises';
import type { MeasureInput } from '../../src/core/pod/step-input.ts';
import { broken, readIndex, readJsonBlob, toDescriptor, verifyBlob } from './oci-layout.ts';
import type { InputReader } from './read-input.ts';

/** What is left in the termination message. */
interface Measure {
  readonly digest: string;
  /** Compressed, config and layers. */
  readonly bytes: number;
  readonly layers: number;
}

const mostLayers = 1000;

/** Computes digest and size of the one image in the layout, every blob read and compared: nothing is taken from the builder's word. */
export async function measure(reader: InputReader): Promise<void> {
  const input: MeasureInput = { layout: reader.text('layout'), result: reader.text('result') };
  const manifests = listIn(await readIndex(input.layout), 'manifests');
  if (manifests.length !== 1) throw broken(`its index names ${manifests.length} images instead of one`);
  const image = toDescriptor(manifests[0], 'the manifest');
  const manifest = await readJsonBlob(input.layout, image);
  const layers = listIn(manifest, 'layers').map((layer, index) => toDescriptor(layer, `layer ${index + 1}`));
  if (layers.length > mostLayers) throw broken(`it has more than ${mostLayers} layers`);
  const blobs = [toDescriptor((manifest as { config?: unknown }).config, 'the config'), ...layers];
  for (const blob of blobs) await verifyBlob(input.layout, blob);
  const bytes = blobs.reduce((sum, { size }) => sum + size, 0);
  const result: Measure = { digest: image.digest, bytes, layers: layers.length };
  await writeFile(input.result, JSON.stringify(result));
  const count = layers.length === 1 ? '1 layer' : `${layers.length} layers`;
  console.log(`Built ${image.digest}\n${count}, ${(bytes / 1_000_000).toFixed(1)} MB compressed. Nothing was pushed.`);
}

function listIn(value: unknown, key: string): readonly unknown[] {
  const found = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;
  if (!Array.isArray(found)) throw broken(`${key} is not a list`);
  return found;
}
