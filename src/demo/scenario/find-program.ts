import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

/** The program's absolute path on the search path, or null. */
export async function findProgram(name: string, path: string): Promise<string | null> {
  for (const folder of path.split(delimiter).filter((each) => each !== '')) {
    const candidate = join(folder, name);
    try {
      await access(candidate, constants.X_OK);
      return candidate;
    } catch {}
  }
  return null;
}
