import { writeFile } from 'node:fs/promises';
import { BrokenLayout } from '../../src/adapters/oci/layout.ts';
import { type PushedLayout, pushLayout } from '../../src/adapters/oci/push-layout.ts';
import type { UploadInput } from '../../src/core/pod/step-input.ts';
import { describeMeasure, measureLayout } from './measure.ts';
import type { InputReader } from './read-input.ts';
import { readKeys } from './read-keys.ts';
import { registryFailure } from './registry-failure.ts';

/**
 * Measures the one image in the layout, pushes it and reads it back. Leaves in the termination message what was measured and where
 * it is now. The credential is read from its files alone, and shown to nobody but the registry.
 */
export async function upload(reader: InputReader): Promise<void> {
  const input: UploadInput = {
    layout: reader.text('layout'),
    repository: reader.text('repository'),
    tag: reader.text('tag'),
    keys: reader.text('keys'),
    insecure: reader.flag('insecure'),
    result: reader.text('result'),
  };
  const measured = await measureLayout(input.layout);
  const { digest, tag, mediaType, manifestBytes } = await push(input);
  if (digest !== measured.digest)
    throw new BrokenLayout(`it was measured as ${measured.digest} and pushed as ${digest}`);
  const { repository } = input;
  const uploaded = { repository, tag, mediaType, manifestBytes };
  await writeFile(input.result, JSON.stringify({ ...measured, uploaded }));
  console.log(`${describeMeasure(measured)}\nUploaded as ${repository}:${tag}`);
}

async function push({ layout, repository, tag, keys, insecure }: UploadInput): Promise<PushedLayout> {
  const files = await readKeys(keys);
  try {
    return await pushLayout({ layout, repository, tag, files, insecure });
  } catch (cause) {
    if (cause instanceof BrokenLayout) throw cause;
    throw registryFailure(cause, `the server's credential must allow pushing to ${repository}`);
  }
}
