import childProcess from 'node:child_process';
import { syncBuiltinESMExports } from 'node:module';

/** Counts what this process starts, by program and first word that is no option; must run before others import. */
export function countPrograms(): Map<string, number> {
  const counts = new Map<string, number>();
  const spawn = childProcess.spawn;
  const counting = (...given: unknown[]): unknown => {
    const [program, args] = given as [string, readonly string[] | undefined];
    const name = nameOf(program, Array.isArray(args) ? args : []);
    counts.set(name, (counts.get(name) ?? 0) + 1);
    return (spawn as (...args: unknown[]) => unknown)(...given);
  };
  Object.assign(childProcess, { spawn: counting });
  syncBuiltinESMExports();
  return counts;
}

function nameOf(program: string, args: readonly string[]): string {
  const verb = args.find((word) => /^[a-z][a-z-]+$/.test(word)) ?? '';
  return `${program.slice(program.lastIndexOf('/') + 1)} ${verb}`.trim();
}
