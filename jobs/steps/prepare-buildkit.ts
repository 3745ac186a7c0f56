import { readFile, writeFile } from 'node:fs/promises';
import { withAllStages } from '../../src/core/from/all-stages.ts';
import type { BuildkitInput } from '../../src/core/pod/step-input.ts';
import type { InputReader } from './read-input.ts';
import { copyIgnoreFiles } from './rewrite-container-file.ts';

export function readBuildkit(reader: InputReader): BuildkitInput {
  const config = reader.inside('config');
  return {
    file: reader.text('file'),
    target: reader.textOrNull('target'),
    stages: reader.text('stages'),
    config: { to: config.text('to'), text: config.anyText('text') },
  };
}

/** Writes the daemon's settings, and the container file with a last stage that needs all others. What is no file is left to the builder to say. */
export async function prepareBuildkit({ file, target, stages, config }: BuildkitInput): Promise<void> {
  await writeFile(config.to, config.text);
  const text = await readFile(file, 'latin1').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT' || cause.code === 'EISDIR') return null;
    throw cause;
  });
  if (text === null) return;
  // Byte for byte: only what is added is ours.
  await writeFile(stages, withAllStages(text, target), 'latin1');
  await copyIgnoreFiles(file, stages);
}
