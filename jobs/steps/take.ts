import { constants } from 'node:fs';
import { mkdir, open, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type ArtifactEntry, type OpenedArtifact, openArtifact } from '../../src/adapters/oci/open-artifact.ts';
import type { TakeInput } from '../../src/core/pod/step-input.ts';
import type { TakenFiles } from '../../src/model/order.ts';
import type { RegistryFiles } from '../../src/ports/registry-keys.ts';
import { executableKey, mostFiles, pathFault, pathKey, shownPath } from './kept-files.ts';
import type { InputReader } from './read-input.ts';
import { readKeys } from './read-keys.ts';
import { registryFailure } from './registry-failure.ts';
import { exitCodes, StepFailure } from './step-failure.ts';

/**
 * Brings the files that jobs kept, by digest, into a folder of each job's name. Nothing that the manifest says of a path is
 * believed: one that leads elsewhere, one that is there already, more files or other bytes than were kept end the step (intake A15).
 */
export async function take(reader: InputReader): Promise<void> {
  const input = readTakeInput(reader);
  const files = await readKeys(input.keys);
  let count = 0;
  for (const artifact of input.artifacts) count += await bring(artifact, input, files);
  await writeFile(input.result, JSON.stringify({ files: count }));
}

function readTakeInput(reader: InputReader): TakeInput {
  return {
    artifacts: reader.list('artifacts').map((each) => ({
      job: each.text('job'),
      from: { repository: each.inside('from').text('repository'), digest: each.inside('from').digest('digest') },
      bytes: each.number('bytes'),
    })),
    folder: reader.text('folder'),
    keys: reader.text('keys'),
    insecure: reader.texts('insecure'),
    result: reader.text('result'),
  };
}

async function bring(artifact: TakenFiles, input: TakeInput, files: RegistryFiles): Promise<number> {
  const { from } = artifact;
  const insecure = input.insecure.includes(from.repository.split('/')[0] ?? '');
  try {
    const opened = await openArtifact(from, { files, insecure });
    try {
      demandSize(artifact, opened.entries);
      for (const entry of opened.entries) await writeEntry(opened, entry, artifact, input.folder);
    } finally {
      opened.close();
    }
    console.log(`${artifact.job}: ${opened.entries.length} files of ${from.repository}@${from.digest}`);
    return opened.entries.length;
  } catch (cause) {
    if (cause instanceof StepFailure) throw cause;
    throw registryFailure(cause, `the server's credential must allow pulling from ${from.repository}`);
  }
}

function demandSize({ job, bytes }: TakenFiles, entries: readonly ArtifactEntry[]): void {
  const sum = entries.reduce((all, { size }) => all + size, 0);
  if (entries.length > mostFiles || sum !== bytes)
    throw new StepFailure(
      exitCodes.tooLarge,
      `What ${job} kept is ${entries.length} files of ${sum} bytes, and was said to be ${bytes} bytes`,
    );
}

async function writeEntry(
  opened: OpenedArtifact,
  entry: ArtifactEntry,
  { job }: TakenFiles,
  folder: string,
): Promise<void> {
  const name = entry.annotations[pathKey];
  const path = `${job}/${typeof name === 'string' ? name : ''}`;
  const fault = pathFault(path);
  if (fault !== null) throw new StepFailure(exitCodes.leavingLink, `The artifact ${shownPath(path)} ${fault}`);
  const to = join(folder, path);
  const mode = entry.annotations[executableKey] === 'true' ? 0o755 : 0o644;
  await using file = await openNew(to, path, mode);
  try {
    for await (const piece of opened.read(entry)) await file.writeFile(piece);
  } catch (cause) {
    // Nobody is to find half of it, or another content than was kept.
    await rm(to, { force: true });
    throw cause;
  }
}

/** Only what is not there yet: neither a file twice, nor through a link. */
async function openNew(to: string, path: string, mode: number) {
  try {
    await mkdir(dirname(to), { recursive: true });
    return await open(to, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, mode);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code !== 'EEXIST' && code !== 'ENOTDIR') throw cause;
    throw new StepFailure(exitCodes.occupied, `The artifact ${shownPath(path)} is there twice`);
  }
}
