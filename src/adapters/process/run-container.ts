import { type ChildProcess, spawn } from 'node:child_process';
import { open, rm } from 'node:fs/promises';
import { constants } from 'node:os';
import type { ObservedContainer, PodContainer } from '../../model/pod.ts';
import { planCommand } from './plan-command.ts';
import { signal } from './process-mark.ts';
import { type BuildRecord, pathsIn, readTail } from './record.ts';

type Terminated = ObservedContainer['state'] & { readonly kind: 'terminated' };

/** A container that was started, or could not be. */
export interface RunningContainer {
  readonly name: string;
  readonly startedAt: number;
  /** Resolves at its end; nothing of its process group is left then. */
  readonly end: Promise<Terminated>;
  /** Null, or why it could not be started; `end` says 128, `StartError` then. */
  readonly failure: () => string | null;
  /** To the whole process group. */
  readonly signal: (name: 'SIGTERM' | 'SIGKILL') => void;
}

/** Starts a container's command in a process group of its own, output into its log file. */
export async function runContainer(
  record: BuildRecord,
  folder: string,
  container: PodContainer,
  now: () => number,
): Promise<RunningContainer> {
  const paths = pathsIn(folder);
  const { program, args, env, workingDir } = planCommand(record, folder, container);
  const startedAt = now();
  await using log = await open(paths.log(container.name), 'a', 0o600);
  const child = spawn(program, args, { cwd: workingDir, env, stdio: ['ignore', log.fd, log.fd], detached: true });
  const group = child.pid;
  let failure: string | null = null;

  async function waitForEnd(): Promise<Terminated> {
    const code = await exitOf(child, (words) => {
      failure = `${container.name}: ${words}`;
    });
    if (group !== undefined) signal(-group, 'SIGKILL');
    await rm(paths.secrets(container.name), { recursive: true, force: true });
    const message = await readTail(paths.result(container.name), 4096);
    const reason = failure !== null ? 'StartError' : code === 0 ? 'Completed' : 'Error';
    const from = failure === null ? startedAt : null;
    return { kind: 'terminated', exitCode: code, reason, message, startedAt: from, finishedAt: now() };
  }

  const end = waitForEnd();
  const send = (name: 'SIGTERM' | 'SIGKILL') => {
    if (group !== undefined && child.exitCode === null && child.signalCode === null) signal(-group, name);
  };
  return { name: container.name, startedAt, end, failure: () => failure, signal: send };
}

function exitOf(child: ChildProcess, onFailure: (words: string) => void): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  child.once('error', (error) => {
    onFailure(error.message);
    resolve(128);
  });
  child.once('exit', (code, name) => resolve(code ?? 128 + (name === null ? 0 : constants.signals[name])));
  return promise;
}
