import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { RegisteredApp } from './deps.ts';
import { cliError } from './exit-codes.ts';

/** What `sluice setup` leaves for `sluice serve`: the App and its credentials, for the owner's eyes only. */
export interface AppFile extends RegisteredApp {
  readonly schema: 1;
  /** Web address of the GitHub it belongs to, as `https://github.com`. */
  readonly github: string;
  /** Where it delivers webhooks to, without path; null: nowhere, deliveries are polled. */
  readonly publicUrl: string | null;
}

/** The file's place below the data folder. */
export function appFileIn(folder: string): string {
  return join(folder, 'app.json');
}

/** Throws a usage error when there is an App already: its key exists nowhere else, so it is never overwritten. */
export async function refuseSecondApp(folder: string): Promise<void> {
  const file = appFileIn(folder);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return;
    throw cliError('usage', `cannot look whether ${file} holds an App already`, error);
  }
  const name = /"slug": "([\w-]+)"/.exec(text)?.[1] ?? 'an App';
  throw cliError('usage', `${file} holds ${name} already; name another folder by --out, or move the file away`);
}

/** Writes the file whole or not at all, readable by its owner only. */
export async function writeAppFile(folder: string, app: AppFile): Promise<string> {
  const file = appFileIn(folder);
  const draft = `${file}.new`;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await rm(draft, { force: true });
  const handle = await open(draft, 'wx', 0o600);
  try {
    await handle.writeFile(`${JSON.stringify(app, null, 2)}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(draft, file);
  return file;
}
