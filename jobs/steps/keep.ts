import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { mkdir, open, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { digestOf, imageType } from '../../src/adapters/oci/manifest.ts';
import { pushLayout } from '../../src/adapters/oci/push-layout.ts';
import type { KeepInput } from '../../src/core/pod/step-input.ts';
import { collectFiles, type FoundFile } from './collect-files.ts';
import { executableKey, keptType, pathKey, shownPath } from './kept-files.ts';
import type { InputReader } from './read-input.ts';
import { readKeys } from './read-keys.ts';
import { registryFailure } from './registry-failure.ts';
import { exitCodes, StepFailure } from './step-failure.ts';

/**
 * Pushes the files that a command was to make, each as a blob of one manifest, and leaves in the termination message what that is
 * and where. No archive is made of them, so that nobody has to unpack one. The credential is read from its files alone.
 */
export async function keep(reader: InputReader): Promise<void> {
  const input = readKeepInput(reader);
  const files = await collectFiles(input);
  await layOut(files, input);
  const pushed = await push(input);
  const { digest, tag, mediaType, manifestBytes, layers } = pushed;
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  const uploaded = { repository: input.repository, tag, mediaType, manifestBytes };
  await writeFile(input.result, JSON.stringify({ digest, bytes, layers, uploaded }));
  for (const { path, size } of files) console.log(`${shownPath(path)}: ${size} bytes`);
  console.log(`Kept as ${input.repository}@${digest}`);
}

function readKeepInput(reader: InputReader): KeepInput {
  return {
    layout: reader.text('layout'),
    repository: reader.text('repository'),
    tag: reader.text('tag'),
    keys: reader.text('keys'),
    insecure: reader.flag('insecure'),
    result: reader.text('result'),
    folder: reader.text('folder'),
    paths: reader.texts('paths'),
    maxBytes: reader.number('maxBytes'),
  };
}

async function layOut(files: readonly FoundFile[], { folder, layout }: KeepInput): Promise<void> {
  const blobs = join(layout, 'blobs', 'sha256');
  await mkdir(blobs, { recursive: true });
  const layers: object[] = [];
  for (const file of files) {
    const digest = await copyBlob(join(folder, file.path), file, blobs);
    const annotations = { [pathKey]: file.path, ...(file.executable ? { [executableKey]: 'true' } : {}) };
    layers.push({ mediaType: 'application/octet-stream', digest, size: file.size, annotations });
  }
  const nothing = Buffer.from('{}');
  const config = { mediaType: 'application/vnd.oci.empty.v1+json', ...(await writeBlob(nothing, blobs)) };
  const manifest = { schemaVersion: 2, mediaType: imageType, artifactType: keptType, config, layers };
  const described = await writeBlob(Buffer.from(JSON.stringify(manifest)), blobs);
  const index = { schemaVersion: 2, manifests: [{ mediaType: imageType, ...described }] };
  await writeFile(join(layout, 'index.json'), JSON.stringify(index));
}

async function writeBlob(content: Buffer, blobs: string) {
  const digest = digestOf(content);
  await writeFile(join(blobs, digest.slice('sha256:'.length)), content);
  return { digest, size: content.length };
}

/** What became of the file since it was looked at is not followed: a link, another kind of file or another size ends the step. */
async function copyBlob(from: string, { path, size }: FoundFile, blobs: string): Promise<string> {
  await using source = await open(from, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
    (cause: NodeJS.ErrnoException) => {
      throw new StepFailure(exitCodes.notMade, `The artifact ${shownPath(path)} cannot be read (${cause.code})`);
    },
  );
  const state = await source.stat();
  if (!state.isFile() || state.size !== size)
    throw new StepFailure(exitCodes.leavingLink, `The artifact ${shownPath(path)} changed while it was read`);
  const hash = createHash('sha256');
  const unnamed = join(blobs, 'unnamed');
  await using target = await open(unnamed, 'w');
  if (size > 0)
    for await (const piece of source.createReadStream({ autoClose: false, start: 0, end: size - 1 })) {
      hash.update(piece);
      await target.writeFile(piece);
    }
  const hex = hash.digest('hex');
  await rename(unnamed, join(blobs, hex));
  return `sha256:${hex}`;
}

async function push({ layout, repository, tag, keys, insecure }: KeepInput) {
  const files = await readKeys(keys);
  try {
    return await pushLayout({ layout, repository, tag, files, insecure });
  } catch (cause) {
    throw registryFailure(cause, `the server's credential must allow pushing to ${repository}`);
  }
}
