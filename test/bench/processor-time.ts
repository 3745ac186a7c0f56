import { readdirSync, readFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';

const ticksPerSecond = 100;

/** Processor time of a process, of the children it has waited for and of the helper that starts git for it, in ms; NaN where the system does not tell. */
export function processorMs(pid: number): number {
  try {
    const fields = fieldsOf(pid);
    const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
    return helpersOf(pid).reduce((sum, helper) => sum + processorMs(helper), (ticks * 1000) / ticksPerSecond);
  } catch {
    return Number.NaN;
  }
}

function fieldsOf(pid: number | string): readonly string[] {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return text.slice(text.lastIndexOf(')') + 2).split(' ');
}

function helpersOf(pid: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && isHelperOf(name, pid))
    .map(Number);
}

function isHelperOf(name: string, parent: number): boolean {
  try {
    return (
      Number(fieldsOf(name)[1]) === parent &&
      readFileSync(`/proc/${name}/cmdline`, 'utf8').includes('git-helper-process.ts')
    );
  } catch {
    // It has ended meanwhile.
    return false;
  }
}

/** How busy the whole machine was since the call before, 0 to 1. */
export function createBusyMeter(): () => number {
  const read = () => {
    const times = cpus().map((cpu) => cpu.times);
    const total = times.reduce((sum, each) => sum + each.user + each.nice + each.sys + each.irq + each.idle, 0);
    return { total, idle: times.reduce((sum, each) => sum + each.idle, 0) };
  };
  let before = read();
  return () => {
    const now = read();
    const share = 1 - (now.idle - before.idle) / Math.max(1, now.total - before.total);
    before = now;
    return share;
  };
}

/** One clause on what else this machine does: figures from a busy one say little. */
export function describeMachine(): string {
  const load = loadavg()[0] ?? 0;
  return `${cpus().length} processors (${cpus()[0]?.model.trim() ?? 'unknown'}), load ${load.toFixed(1)} before the start, Node ${process.versions.node}`;
}
