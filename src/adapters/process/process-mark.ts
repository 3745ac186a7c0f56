import { readdir, readFile } from 'node:fs/promises';

/** A process by more than its number, which the kernel gives away again: its start time in clock ticks since boot. */
export interface ProcessMark {
  readonly pid: number;
  readonly startTime: string;
}

/** Null when there is no such process, or only its exit status still waits to be read. */
export async function markOf(pid: number): Promise<ProcessMark | null> {
  const stat = await readProc(pid, 'stat');
  // The second field is the program's name in brackets and may hold spaces.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const startTime = fields[19];
  return startTime === undefined || fields[0] === 'Z' ? null : { pid, startTime };
}

export async function isRunning(mark: ProcessMark): Promise<boolean> {
  return (await markOf(mark.pid))?.startTime === mark.startTime;
}

/** Sends a signal to a process or, with a negative number, to a group; one that is gone is no error. */
export function signal(pid: number, name: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(pid, name);
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'ESRCH')) throw cause;
  }
}

/** Kills every process that was started with this home, wherever it has moved itself: daemons leave their group, not their environment. */
export async function killByHome(home: string): Promise<void> {
  const entry = `HOME=${home}`;
  for (const name of await readdir('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid)) continue;
    if ((await readProc(pid, 'environ')).split('\0').includes(entry)) signal(pid, 'SIGKILL');
  }
}

async function readProc(pid: number, file: 'stat' | 'environ'): Promise<string> {
  try {
    return await readFile(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    // Ended meanwhile, or another user's.
    return '';
  }
}
