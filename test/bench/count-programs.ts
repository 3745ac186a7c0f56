import childProcess, { type ChildProcess } from 'node:child_process';
import { syncBuiltinESMExports } from 'node:module';
import type { HelperRequest } from '../../src/adapters/git/git-helper.ts';

/** Counts what this process starts, itself or by its helper, by program and first word that is no option; must run before others import. */
export function countPrograms(): Map<string, number> {
  const counts = new Map<string, number>();
  const spawn = childProcess.spawn;
  const count = (program: string, args: readonly string[]): void => {
    const name = nameOf(program, args);
    counts.set(name, (counts.get(name) ?? 0) + 1);
  };
  const counting = (...given: unknown[]): unknown => {
    const [program, args] = given as [string, readonly string[] | undefined];
    count(program, Array.isArray(args) ? args : []);
    return (spawn as (...args: unknown[]) => unknown)(...given);
  };
  const fork = childProcess.fork;
  const forking = (...given: unknown[]): ChildProcess => {
    const child = (fork as (...args: unknown[]) => ChildProcess)(...given);
    const send = child.send.bind(child) as (...args: unknown[]) => boolean;
    const sending = (...message: unknown[]): boolean => {
      const [{ kind, run }] = message as [Partial<Extract<HelperRequest, { kind: 'run' }>>];
      if (kind === 'run' && run !== undefined) count('git', run.args);
      return send(...message);
    };
    return Object.assign(child, { send: sending });
  };
  Object.assign(childProcess, { spawn: counting, fork: forking });
  syncBuiltinESMExports();
  return counts;
}

function nameOf(program: string, args: readonly string[]): string {
  const verb = args.find((word) => /^[a-z][a-z-]+$/.test(word)) ?? '';
  return `${program.slice(program.lastIndexOf('/') + 1)} ${verb}`.trim();
}
