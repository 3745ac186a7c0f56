import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';

const main = join(import.meta.dirname, '../../src/main.ts');

/** How a process ended: one of the two is null. */
export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** One `sluice serve` of its own. */
export interface ServedProcess {
  readonly pid: number;
  readonly ended: Promise<ProcessEnd>;
  isOver(): boolean;
  /** Resolves once it has ended. */
  kill(signal: NodeJS.Signals): Promise<ProcessEnd>;
  /** Both outputs so far, the newest 4 MB. */
  output(): string;
  /** Where it listens; rejects with its last words when it ends before. */
  url(): Promise<string>;
  /** Resolves once it serves; rejects as `url` does. */
  ready(): Promise<void>;
}

export interface ServeWishes {
  readonly role: 'web' | 'worker' | 'all';
  readonly data: string;
  readonly redis: string;
  readonly publicUrl: string | null;
  readonly environment: Readonly<Record<string, string>>;
}

/** Starts the real command line. The caller ends it. */
export function startServe(wishes: ServeWishes): ServedProcess {
  const { role, data, redis, publicUrl, environment } = wishes;
  const place = ['--port', '0', '--data', data, '--redis', redis, ...(publicUrl ? ['--public-url', publicUrl] : [])];
  return startProgram([main, 'serve', '--role', role, '--executor', 'process', ...place], {
    HOME: data,
    ...environment,
  });
}

/** Starts a program of ours that says where it listens and that it serves as `sluice serve` does. The caller ends it. */
export function startProgram(args: readonly string[], environment: Readonly<Record<string, string>>): ServedProcess {
  const child = spawn(process.execPath, args, {
    env: { PATH: process.env.PATH ?? '', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = collect(child);
  const ended = new Promise<ProcessEnd>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
    child.once('error', () => resolve({ code: null, signal: null }));
  });
  const isOver = () => child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
  const find = async (pattern: RegExp): Promise<string> => {
    for (;;) {
      const found = pattern.exec(output())?.[1];
      if (found !== undefined) return found;
      if (isOver()) throw new Error(`the process ended before it served: ${output().slice(-2000)}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  return {
    pid: child.pid ?? 0,
    ended,
    isOver,
    output,
    async kill(signal) {
      if (!isOver()) child.kill(signal);
      return ended;
    },
    url: () => find(/Listening on (\S+);/),
    ready: async () => void (await find(/"msg":"(serving)"/)),
  };
}

function collect(child: ChildProcess): () => string {
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      if (text.length > 8_000_000) text = text.slice(-4_000_000);
    });
  }
  return () => text;
}
