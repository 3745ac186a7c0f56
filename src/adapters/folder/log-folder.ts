import type { FileHandle } from 'node:fs/promises';
import { mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { BuildId } from '../../model/build.ts';
import { toBuildId } from '../../model/build.ts';
import type { LogStore, LogWriter } from '../../ports/logs.ts';
import type { LogLimits, RemovedLogs } from './remove-old-logs.ts';
import { removeOldLogs } from './remove-old-logs.ts';
import { afterFirstLineEnd, completeLength, continuationLength } from './utf8.ts';

/** Logs as one file per Build in a folder. */
export interface LogFolder extends LogStore {
  /** Removes what is too old at `now` (ms), then the oldest until the rest is within the size limit. */
  removeOld(now: number, limits: LogLimits): Promise<RemovedLogs>;
}

/** At most so many bytes come from one `read`. */
const readLimit = 1024 * 1024;

// An ended log's file is read-only: unlike a file beside it, that belongs to the very file this writer wrote, should
// another worker have begun the log anew meanwhile.
const writableMode = 0o640;
const endedMode = 0o440;

/** The folder is made when missing. A reader whose offset is past the end of a log begun anew waits for it to get there. */
export function createLogFolder(folder: string): LogFolder {
  const fileOf = (build: BuildId) => join(folder, `${toBuildId(build)}.log`);
  return {
    async begin(build) {
      const file = fileOf(build);
      await mkdir(folder, { recursive: true });
      await rm(file, { force: true });
      return writerTo(await open(file, 'ax', writableMode), file);
    },
    read: (build, offset) => withFile(fileOf(build), null, (handle) => readFrom(handle, offset)),
    tail: (build, bytes) => withFile(fileOf(build), '', (handle) => readTail(handle, bytes)),
    removeOld: (now, limits) => removeOldLogs(folder, now, limits),
  };
}

function writerTo(handle: FileHandle, file: string): LogWriter {
  let last = Promise.resolve();
  let hasEnded = false;
  const inOrder = (step: () => Promise<void>) => {
    const mine = last.then(step);
    last = mine.catch(evenAfterFailure);
    return mine;
  };
  const close = (before: () => Promise<void>) => {
    if (hasEnded) return last;
    hasEnded = true;
    return inOrder(async () => {
      await before();
      await handle.close();
    });
  };
  return {
    write(text) {
      if (hasEnded) return Promise.reject(new Error(`cannot write to ${file}: the log has ended`));
      return inOrder(async () => {
        try {
          await handle.appendFile(text);
        } catch (cause) {
          throw new Error(`cannot write ${text.length} characters to ${file}`, { cause });
        }
      });
    },
    end: () => close(() => handle.chmod(endedMode)),
    leave: () => close(async () => undefined),
  };
}

/** A failed write rejects for its own caller; those behind it are still tried. */
function evenAfterFailure(): void {}

async function withFile<T>(file: string, absent: T, use: (handle: FileHandle) => Promise<T>): Promise<T> {
  const handle = await openIfThere(file);
  if (handle === null) return absent;
  try {
    return await use(handle);
  } finally {
    await handle.close();
  }
}

async function openIfThere(file: string): Promise<FileHandle | null> {
  try {
    return await open(file, 'r');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return null;
    throw new Error(`cannot read the log ${file}`, { cause });
  }
}

async function readFrom(handle: FileHandle, offset: number) {
  const { size, mode } = await handle.stat();
  const isEnded = (mode & 0o777) === endedMode;
  const bytes = await readBytes(handle, offset, Math.min(readLimit, size - offset));
  const isAll = offset + bytes.length >= size;
  // A character that is only partly there comes with the next read; at the very end nothing will complete it.
  const length = isEnded && isAll ? bytes.length : completeLength(bytes);
  return { text: bytes.toString('utf8', 0, length), next: offset + length, ended: isEnded && isAll };
}

async function readTail(handle: FileHandle, count: number): Promise<string> {
  const { size } = await handle.stat();
  if (size <= count) return (await readBytes(handle, 0, size)).toString('utf8');
  // One byte more shows whether the cut is between two lines already; a line longer than all is cut between characters.
  const bytes = await readBytes(handle, size - count - 1, count + 1);
  const start = afterFirstLineEnd(bytes) ?? 1 + continuationLength(bytes.subarray(1));
  return bytes.toString('utf8', start);
}

async function readBytes(handle: FileHandle, offset: number, count: number): Promise<Buffer> {
  if (count <= 0) return Buffer.alloc(0);
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(count), 0, count, offset);
  return buffer.subarray(0, bytesRead);
}
