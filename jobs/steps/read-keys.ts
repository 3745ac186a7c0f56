import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RegistryFiles } from '../../src/ports/registry-keys.ts';
import { exitCodes, StepFailure } from './step-failure.ts';

/** The files of a credential's secret volume; a cluster keeps entries of its own beside them, which begin with two dots. */
export async function readKeys(folder: string): Promise<RegistryFiles> {
  const names = await readdir(folder).catch((cause: Error) => {
    throw new StepFailure(exitCodes.badInput, `The credential of the registry is not there: ${cause.message}`);
  });
  const files: Record<string, string> = {};
  for (const name of names.filter((each) => !each.startsWith('..')))
    files[name] = await readFile(join(folder, name), 'utf8');
  return files;
}
