import { spawn } from 'node:child_process';

/** What a git command did; a code other than 0 is for the caller to judge. */
export interface GitResult {
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

export interface GitInput {
  readonly input?: string | Buffer;
  readonly env?: Readonly<Record<string, string>>;
}

/** No configuration of the machine, no prompts, no hooks of a repository, one language. */
export function gitEnvironment(extra: Readonly<Record<string, string>> = {}): Record<string, string> {
  return {
    PATH: '/opt/homebrew/bin:/usr/local/bin:/usr/bin:/bin',
    HOME: '/nonexistent',
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_TERMINAL_PROMPT: '0',
    ...extra,
  };
}

/** Runs git in a bare repository, without a shell. */
export function runGit(folder: string, args: readonly string[], { input, env }: GitInput = {}): Promise<GitResult> {
  return new Promise((resolve, reject) => {
    const child = spawn('git', args, { cwd: folder, env: gitEnvironment(env), stdio: ['pipe', 'pipe', 'pipe'] });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (part: Buffer) => out.push(part));
    child.stderr.on('data', (part: Buffer) => err.push(part));
    // A command that ends before it has read its input closes the pipe; its exit code tells why.
    child.stdin.on('error', () => child.stdin.destroy());
    child.on('error', (cause) => reject(new Error(`cannot start git ${args[0]} in ${folder}`, { cause })));
    child.on('close', (code) =>
      resolve({ code: code ?? -1, stdout: Buffer.concat(out), stderr: Buffer.concat(err).toString() }),
    );
    child.stdin.end(input);
  });
}

/** The output of a git command that must succeed, without the newline at its end. */
export async function gitText(folder: string, args: readonly string[], input: GitInput = {}): Promise<string> {
  const result = await runGit(folder, args, input);
  if (result.code !== 0)
    throw new Error(`git ${args.join(' ')} in ${folder} ended with ${result.code}: ${result.stderr}`);
  return result.stdout.toString().replace(/\n$/, '');
}

/** Like `gitText`, with null where git says no (an unknown ref, no merge base). */
export async function gitMaybe(folder: string, args: readonly string[]): Promise<string | null> {
  const result = await runGit(folder, args);
  return result.code === 0 ? result.stdout.toString().replace(/\n$/, '') : null;
}
