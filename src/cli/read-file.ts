import { readFile } from 'node:fs/promises';
import { cliError } from './exit-codes.ts';

/** A file that a person named. Missing it is null where that is allowed; else it throws a usage error. */
export async function readNamedFile(file: string, { mayBeMissing = false } = {}): Promise<Buffer | null> {
  try {
    return await readFile(file);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unreadable';
    if (code === 'ENOENT' && mayBeMissing) return null;
    const why = code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'it is a folder' : code;
    throw cliError('usage', `cannot read ${file}: ${why}`, cause);
  }
}
