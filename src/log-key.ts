import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cliError } from './cli/exit-codes.ts';

async function read(file: string): Promise<string | null> {
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return null;
    throw cause;
  }
}

/** The key that the addresses of logs are signed with, made once and kept for the owner's eyes; two processes that make it get the same. */
export async function keepLogKey(data: string, fresh: string): Promise<string> {
  const file = join(data, 'log-key');
  const there = await read(file);
  if (there === null) {
    try {
      await writeFile(file, `${fresh}\n`, { mode: 0o600, flag: 'wx' });
      return fresh;
    } catch (cause) {
      if (!(cause instanceof Error && 'code' in cause && cause.code === 'EEXIST')) throw cause;
    }
  }
  const key = there ?? (await read(file)) ?? '';
  if (key.length < 16)
    throw cliError('usage', `${file} holds no key: remove it, and a new one is made (old log links end with it)`);
  return key;
}
