import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PodSecrets } from '../../ports/executor.ts';

/** One secret volume of one container, to be read by its user alone. */
export async function writeSecrets(folder: string, files: PodSecrets[string]): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const [file, content] of Object.entries(files)) {
    await writeFile(join(folder, file), content, { mode: 0o400 });
  }
  await chmod(folder, 0o500);
}
