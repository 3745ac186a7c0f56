import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';

const run = promisify(execFile);

/** A folder, and git in it as one person; a refusal is an outcome. */
export async function workplace() {
  const folder = await mkdtemp(join(tmpdir(), 'stand-in-git-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const env = {
    PATH: process.env.PATH ?? '',
    HOME: folder,
    GIT_TERMINAL_PROMPT: '0',
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
  };
  const who = ['-c', 'user.name=Mia', '-c', 'user.email=mia@example.com', '-c', 'init.defaultBranch=main'];
  const git = async (...args: string[]): Promise<{ code: number; out: string; err: string }> => {
    try {
      const { stdout, stderr } = await run('git', [...who, ...args], { cwd: folder, env });
      return { code: 0, out: stdout.trim(), err: stderr };
    } catch (error) {
      const failed = error as { code: number; stdout: string; stderr: string };
      return { code: failed.code, out: failed.stdout, err: failed.stderr };
    }
  };
  return { folder, git };
}

/** Where a token pushes to. */
export function remote(url: string, token: string, name = 'acme/app'): string {
  return `${url.replace('http://', `http://x-access-token:${token}@`)}/${name}.git`;
}
