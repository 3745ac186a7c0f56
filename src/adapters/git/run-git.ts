import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';

/** How a git command ended; a code other than 0 is for the caller to judge. */
export interface GitResult {
  readonly code: number;
  readonly stdout: Buffer;
  /** At most 4,000 characters. */
  readonly stderr: string;
  readonly ended: 'by-itself' | 'too-late' | 'output-too-large' | 'cancelled';
}

export interface GitCall {
  readonly input?: string | Buffer;
  readonly env?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
  /** Ends the command and everything it started. */
  readonly signal?: AbortSignal;
}

/** Runs git in one bare repository: arguments as they are, never a shell. */
export type Git = (repository: string, args: readonly string[], call?: GitCall) => Promise<GitResult>;

export interface GitBounds {
  readonly timeoutMs: number;
  readonly maxOutputBytes: number;
}

/** One command with all that it sees. */
export interface GitRun extends GitBounds {
  readonly folder: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly input?: string | Buffer | undefined;
}

/** Starts one command and follows it to its end; rejects when it cannot be started. The signal ends it and everything it started. */
export type RunGit = (run: GitRun, signal?: AbortSignal) => Promise<GitResult>;

/** As a child of this process. */
export const runHere: RunGit = (run, signal) => {
  const { args, folder: cwd, env } = run;
  // A group of its own, so that git's children (remote-http, index-pack) end with it.
  const child = spawn('git', args, { cwd, env, detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
  return follow(child, run, signal);
};

/** `environment` is all that git sees of ours, besides what one call adds. */
export function createGit(
  environment: Readonly<Record<string, string>>,
  bounds: GitBounds,
  run: RunGit = runHere,
): Git {
  return (repository, args, { env, input, timeoutMs = bounds.timeoutMs, signal } = {}) => {
    const seen = { ...environment, ...env, GIT_DIR: repository };
    return run({ ...bounds, folder: '/', args, env: seen, input, timeoutMs }, signal);
  };
}

function follow(child: ChildProcessWithoutNullStreams, run: GitRun, signal: AbortSignal | undefined) {
  return new Promise<GitResult>((resolve, reject) => {
    let ended: GitResult['ended'] = 'by-itself';
    const stop = (why: GitResult['ended']) => {
      ended = ended === 'by-itself' ? why : ended;
      endGroup(child.pid);
    };
    const cancel = () => stop('cancelled');
    const timer = setTimeout(() => stop('too-late'), run.timeoutMs);
    const stdout = gather(child.stdout, run.maxOutputBytes, () => stop('output-too-large'));
    const stderr = gather(child.stderr, 4_000, () => undefined);
    const release = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', cancel);
    };
    signal?.addEventListener('abort', cancel);
    // A command that ends before it has read its input closes the pipe; its exit code tells why.
    child.stdin.on('error', () => child.stdin.destroy());
    child.on('error', (cause) => {
      release();
      reject(new Error(`cannot start git ${run.args[0]}`, { cause }));
    });
    child.on('close', (code) => {
      release();
      resolve({ code: code ?? -1, stdout: stdout(), stderr: stderr().toString(), ended });
    });
    child.stdin.end(run.input);
  });
}

/** Collects up to so many bytes; what exceeds them is dropped and told once. */
function gather(stream: NodeJS.ReadableStream, maximum: number, onOverflow: () => void): () => Buffer {
  const parts: Buffer[] = [];
  let size = 0;
  stream.on('data', (part: Buffer) => {
    const room = maximum - size;
    if (room > 0) parts.push(part.subarray(0, room));
    if (size <= maximum && size + part.length > maximum) onOverflow();
    size += part.length;
  });
  return () => Buffer.concat(parts);
}

function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (cause) {
    // ESRCH: it ended by itself in this moment, which is what we want.
    if ((cause as NodeJS.ErrnoException).code !== 'ESRCH') throw cause;
  }
}

/** Says what was tried and what git answered. */
export function gitFailure(attempt: string, result: GitResult): Error {
  const how = result.ended === 'by-itself' ? `code ${result.code}` : result.ended;
  return new Error(`cannot ${attempt}: git ended with ${how}: ${result.stderr.trim()}`);
}
