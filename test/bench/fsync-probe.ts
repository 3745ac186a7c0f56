import { closeSync, fsyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { type Spread, spreadOf } from './percentiles.ts';

/** What one write of 4 KB to the disk of this folder takes until it is there, in ms. */
export function probeFsync(folder: string): Spread {
  const file = join(folder, 'fsync-probe');
  const handle = openSync(file, 'w');
  const block = Buffer.alloc(4096, 1);
  const times = Array.from({ length: 100 }, () => {
    const began = performance.now();
    writeSync(handle, block);
    fsyncSync(handle);
    return performance.now() - began;
  });
  closeSync(handle);
  rmSync(file);
  return spreadOf(times);
}
