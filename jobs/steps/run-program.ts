import { type ChildProcess, spawn } from 'node:child_process';

export interface ProgramResult {
  readonly code: number;
  readonly stdout: Buffer;
  /** The last 4,000 characters. */
  readonly stderr: string;
}

export interface ProgramCall {
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly input?: string;
  /** Ends the program and everything it started. */
  readonly signal?: AbortSignal;
  /** Lets what it prints go to our own output instead of gathering it. */
  readonly shown?: boolean;
}

const running = new Set<ChildProcess>();

/** Runs a program with these very arguments, no shell; whatever its exit code says is for the caller to judge. */
export function runProgram(program: string, args: readonly string[], call: ProgramCall): Promise<ProgramResult> {
  const { promise, resolve, reject } = Promise.withResolvers<ProgramResult>();
  const output = call.shown === true ? 'inherit' : 'pipe';
  const stdio = [call.input === undefined ? 'ignore' : 'pipe', output, output] as const;
  // A group of its own: git's children end with it.
  const child = spawn(program, args, { env: call.env, cwd: call.cwd ?? '/', detached: true, stdio: [...stdio] });
  const stop = () => endGroup(child);
  const parts: Buffer[] = [];
  let stderr = '';
  running.add(child);
  call.signal?.addEventListener('abort', stop);
  child.stdout?.on('data', (part: Buffer) => parts.push(part));
  child.stderr?.on('data', (part: Buffer) => (stderr = (stderr + part.toString()).slice(-4000)));
  // A program that ends before it has read everything closes the pipe; its exit code tells why.
  child.stdin?.on('error', () => child.stdin?.destroy());
  child.stdin?.end(call.input);
  child.on('error', (cause) => reject(new Error(`cannot start ${program}`, { cause })));
  child.on('close', (code) => {
    running.delete(child);
    call.signal?.removeEventListener('abort', stop);
    resolve({ code: code ?? 128, stdout: Buffer.concat(parts), stderr });
  });
  return promise;
}

/** Ends everything that is still running. */
export function endPrograms(): void {
  for (const child of running) endGroup(child);
}

function endGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch (cause) {
    // ESRCH: it has just ended by itself.
    if ((cause as NodeJS.ErrnoException).code !== 'ESRCH') throw cause;
  }
}
