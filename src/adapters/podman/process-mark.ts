import { readFile } from 'node:fs/promises';

/** A process by more than its number, which the kernel gives away again: its start time in clock ticks since boot. */
export interface ProcessMark {
  readonly pid: number;
  readonly startTime: string;
}

export async function isRunning(mark: ProcessMark): Promise<boolean> {
  const stat = await readFile(`/proc/${mark.pid}/stat`, 'utf8').catch(() => 'no such process');
  // The second field is the program's name in brackets and may hold spaces.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[19] === mark.startTime && fields[0] !== 'Z';
}

/** Kills the process group that this process leads; nothing when it is gone. */
export async function killGroup(mark: ProcessMark): Promise<void> {
  if (!(await isRunning(mark))) return;
  try {
    process.kill(-mark.pid, 'SIGKILL');
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'ESRCH')) throw cause;
  }
}
