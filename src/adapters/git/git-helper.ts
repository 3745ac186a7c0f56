import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { GitResult, GitRun, RunGit } from './run-git.ts';

/** What is sent to the helper. */
export type HelperRequest =
  | { readonly kind: 'run'; readonly id: number; readonly run: GitRun }
  | { readonly kind: 'cancel'; readonly id: number };

/** What it answers, once for each run. */
export interface HelperAnswer {
  readonly id: number;
  readonly outcome: { readonly result: GitResult } | { readonly because: string };
}

/** Starts git for a process that is large. */
export interface GitHelper {
  readonly run: RunGit;
  /** What runs goes on to its end, and whoever waits for it is told that it is lost; a new run starts another helper. */
  close(): void;
}

interface Waiting {
  readonly resolve: (result: GitResult) => void;
  readonly reject: (cause: Error) => void;
}

const file = fileURLToPath(new URL('./git-helper-process.ts', import.meta.url));

/**
 * A process that is started with the first run and has nothing to do but to start git: starting a program copies the page
 * tables of the process that starts it, and holds it up meanwhile (10 ms with 250 MB, 1 ms for a small one). What was under
 * way when the helper ends rejects, and may have had its effect.
 */
export function createGitHelper(): GitHelper {
  let helper: ChildProcess | null = null;
  let waiting = new Map<number, Waiting>();
  let last = 0;

  /** Nobody is kept from ending by a helper that waits. */
  function hold(child: ChildProcess): void {
    if (waiting.size > 0) {
      child.ref();
      child.channel?.ref();
    } else {
      child.unref();
      child.channel?.unref();
    }
  }

  function lose(child: ChildProcess, because: string): void {
    if (helper !== child) return;
    helper = null;
    const lost = waiting;
    waiting = new Map();
    // What it still runs keeps us from ending as little as one that waits.
    hold(child);
    for (const { reject } of lost.values()) reject(new Error(`the process that starts git ended: ${because}`));
  }

  function started(): ChildProcess {
    if (helper !== null) return helper;
    // A group of its own: Ctrl-C is for us, who wait for what it does. Nothing of our environment goes there.
    const child = fork(file, [], {
      execArgv: [],
      env: {},
      detached: true,
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    helper = child;
    child.on('message', ({ id, outcome }: HelperAnswer) => {
      const asked = waiting.get(id);
      waiting.delete(id);
      // One that was closed may answer late: what its successor is asked keeps nobody waiting for it.
      if (helper === child) hold(child);
      if ('result' in outcome) asked?.resolve(outcome.result);
      else asked?.reject(new Error(outcome.because));
    });
    child.on('error', (cause) => lose(child, cause.message));
    child.on('exit', (code, signal) => lose(child, `${signal ?? `code ${code}`}`));
    return child;
  }

  function send(child: ChildProcess, request: HelperRequest): void {
    child.send(request, (cause) => {
      if (cause !== null) lose(child, cause.message);
    });
  }

  return {
    run(run, signal) {
      const child = started();
      last += 1;
      const id = last;
      const cancel = (): void => send(child, { kind: 'cancel', id });
      const answered = new Promise<GitResult>((resolve, reject) => waiting.set(id, { resolve, reject }));
      hold(child);
      send(child, { kind: 'run', id, run });
      signal?.addEventListener('abort', cancel);
      return answered.finally(() => signal?.removeEventListener('abort', cancel));
    },
    close() {
      const child = helper;
      if (child === null) return;
      lose(child, 'it was closed');
      if (child.connected) child.disconnect();
    },
  };
}
