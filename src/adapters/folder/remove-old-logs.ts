import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

export interface LogLimits {
  /** Logs not written to for longer than this many ms go. */
  readonly keepMs: number;
  /** Of the rest the oldest go until all together are at most so many bytes. */
  readonly maxBytes: number;
}

export interface RemovedLogs {
  readonly removed: number;
  /** What the logs still there take. */
  readonly bytes: number;
}

interface LogFile {
  readonly file: string;
  readonly writtenAt: number;
  readonly bytes: number;
}

/** Removes logs from the folder, and nothing else in it; a folder that is missing is empty. */
export async function removeOldLogs(folder: string, now: number, limits: LogLimits): Promise<RemovedLogs> {
  const files = await listLogs(folder);
  const newestFirst = files.sort((a, b) => b.writtenAt - a.writtenAt);
  let bytes = 0;
  let removed = 0;
  for (const each of newestFirst) {
    if (now - each.writtenAt > limits.keepMs || bytes + each.bytes > limits.maxBytes) {
      await rm(each.file, { force: true });
      removed++;
    } else bytes += each.bytes;
  }
  return { removed, bytes };
}

async function listLogs(folder: string): Promise<LogFile[]> {
  const names = await unlessMissing(readdir(folder), []);
  const logs = names.filter((name) => /^b-[a-z0-9-]+\.log$/.test(name)).map((name) => join(folder, name));
  const found = await Promise.all(
    logs.map(async (file) => {
      const state = await unlessMissing(stat(file), null);
      return state === null ? [] : [{ file, writtenAt: state.mtimeMs, bytes: state.size }];
    }),
  );
  return found.flat();
}

async function unlessMissing<T>(work: Promise<T>, missing: T): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return missing;
    throw cause;
  }
}
