import { type FileHandle, open, stat } from 'node:fs/promises';
import { isMissing } from './record.ts';

/** A file that grows, and that its writer may replace by a new one when it is too long. */
export interface GrowingFile {
  /** The next piece, at most 256 KiB; empty when there is nothing more for now. */
  readonly read: () => Promise<Buffer>;
  readonly close: () => Promise<void>;
}

export function openGrowingFile(path: string): GrowingFile {
  let file: FileHandle | null = null;
  let position = 0;
  const buffer = Buffer.alloc(256 * 1024);

  async function readOn(): Promise<Buffer> {
    file ??= await openIfThere(path);
    if (file === null) return Buffer.alloc(0);
    const { bytesRead } = await file.read(buffer, 0, buffer.length, position);
    position += bytesRead;
    return Buffer.from(buffer.subarray(0, bytesRead));
  }

  async function close(): Promise<void> {
    await file?.close();
    file = null;
  }

  return {
    read: async () => {
      const piece = await readOn();
      if (piece.length > 0 || file === null || !(await isReplaced(file, path))) return piece;
      await close();
      position = 0;
      return readOn();
    },
    close,
  };
}

async function openIfThere(path: string): Promise<FileHandle | null> {
  try {
    return await open(path);
  } catch (cause) {
    if (isMissing(cause)) return null;
    throw new Error(`cannot open the log ${path}`, { cause });
  }
}

async function isReplaced(file: FileHandle, path: string): Promise<boolean> {
  try {
    const [mine, theirs] = await Promise.all([file.stat(), stat(path)]);
    return mine.ino !== theirs.ino;
  } catch (cause) {
    if (isMissing(cause)) return false;
    throw new Error(`cannot look at the log ${path}`, { cause });
  }
}
