import { spawn } from 'node:child_process';

/** What a command of the person's own git gave. */
export interface UserGitResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the person's git in the person's clone: with their configuration, credentials and prompts. */
export type UserGit = (args: readonly string[], env?: Readonly<Record<string, string>>) => Promise<UserGitResult>;

/** Set while a git hook or an alias runs; they would lead git elsewhere than to the named folder (`git rev-parse --local-env-vars`). */
const leadingElsewhere = [
  'GIT_ALTERNATE_OBJECT_DIRECTORIES',
  'GIT_COMMON_DIR',
  'GIT_DIR',
  'GIT_GRAFT_FILE',
  'GIT_INDEX_FILE',
  'GIT_NAMESPACE',
  'GIT_OBJECT_DIRECTORY',
  'GIT_PREFIX',
  'GIT_SHALLOW_FILE',
  'GIT_WORK_TREE',
];

/** `environment` is the person's whole one. */
export function createUserGit(folder: string, environment: Readonly<Record<string, string>>): UserGit {
  const own = Object.fromEntries(Object.entries(environment).filter(([name]) => !leadingElsewhere.includes(name)));
  // No background work, and nothing that only a person who watches would need.
  const quiet = ['-c', 'gc.auto=0', '-c', 'maintenance.auto=false', '-c', 'advice.addEmbeddedRepo=false'];
  return (args, env = {}) =>
    new Promise((resolve, reject) => {
      const child = spawn('git', ['-C', folder, ...quiet, ...args], {
        env: { ...own, LC_ALL: 'C', ...env },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let stdout = '';
      let stderr = '';
      child.stdout.setEncoding('utf8').on('data', (part: string) => {
        stdout += part;
      });
      child.stderr.setEncoding('utf8').on('data', (part: string) => {
        stderr = (stderr + part).slice(-4000);
      });
      child.on('error', (cause) => reject(new Error(`cannot start git in ${folder}`, { cause })));
      child.on('close', (code) => resolve({ code: code ?? -1, stdout, stderr }));
    });
}

/** The output of a command that must succeed, without the newline at its end; throws with git's own words. */
export async function demandUserGit(
  git: UserGit,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const result = await git(args, env);
  if (result.code !== 0)
    throw new Error(
      `git ${args[0] ?? ''} ended with code ${result.code}: ${result.stderr.trim() || 'it said nothing'}`,
    );
  return result.stdout.replace(/\n$/, '');
}
