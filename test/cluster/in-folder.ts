import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What is undone at the end, the last first. */
export type Ends = (() => Promise<unknown>)[];

/**
 * Makes a folder of its own and has it furnished; `stop` undoes all that was put into `ends`, and the folder. Where furnishing
 * fails it is undone at once, and the failure thrown.
 */
export async function inFolder<Furnished>(
  prefix: string,
  furnish: (folder: string, ends: Ends, stop: () => Promise<void>) => Promise<Furnished>,
): Promise<Furnished> {
  const folder = await mkdtemp(join(tmpdir(), prefix));
  const ends: Ends = [() => rm(folder, { recursive: true, force: true, maxRetries: 5 })];
  const stop = async (): Promise<void> => {
    for (const end of ends.reverse()) await end();
  };
  try {
    return await furnish(folder, ends, stop);
  } catch (cause) {
    await stop();
    throw cause;
  }
}
