import { closeSync, constants, openSync, readSync } from 'node:fs';

/**
 * Which of these containers the kernel's log says ran out of memory. Podman's own flag comes from conmon, which with cgroup v1
 * beside v2 (this machine) never sets it. Best effort: empty where the log cannot be read or has moved on.
 */
export function findOomKills(ids: readonly string[]): ReadonlySet<string> {
  if (ids.length === 0) return new Set();
  const killed = new Set<string>();
  for (const record of kernelRecords()) {
    if (!record.includes('oom-kill:')) continue;
    const id = /task_memcg=\S*?libpod-([0-9a-f]{64})/.exec(record)?.[1];
    if (id !== undefined && ids.includes(id)) killed.add(id);
  }
  return killed;
}

function* kernelRecords(): Generator<string> {
  const log = openLog();
  if (log === null) return;
  const buffer = Buffer.alloc(8192);
  try {
    for (let length = readRecord(log, buffer); length !== null; length = readRecord(log, buffer)) {
      yield buffer.toString('latin1', 0, length);
    }
  } finally {
    closeSync(log);
  }
}

function openLog(): number | null {
  try {
    return openSync('/dev/kmsg', constants.O_RDONLY | constants.O_NONBLOCK);
  } catch {
    // Closed to us in many containers: then only podman's own flag counts.
    return null;
  }
}

/** One record per read; null at the end of the log. */
function readRecord(log: number, buffer: Buffer): number | null {
  try {
    return readSync(log, buffer);
  } catch (cause) {
    // EPIPE: the record was overwritten before it was read, the next one is there.
    return cause instanceof Error && 'code' in cause && cause.code === 'EPIPE' ? 0 : null;
  }
}
