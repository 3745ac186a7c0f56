import { createGitHelper } from '../../adapters/git/git-helper.ts';
import type { RunGit } from '../../adapters/git/run-git.ts';

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
export function runGit(folder: string, args: readonly string[], { input, env }: GitInput = {}): ReturnType<RunGit> {
  return helper.run({ folder, args, env: gitEnvironment(env), input, ...bounds });
}

const bounds = { timeoutMs: 10 * 60_000, maxOutputBytes: 2 ** 30 };
const helper = createGitHelper();

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
