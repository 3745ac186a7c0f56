import { execFile } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Stage } from './stage.ts';

type Checkable = Pick<Stage, 'folder' | 'github'>;

const run = promisify(execFile);

/** One commit that `main` once was. */
export interface MainCommit {
  readonly sha: string;
  readonly subject: string;
  /** What the check said of it, run once more on exactly its files. */
  readonly isGreen: boolean;
  readonly said: string;
}

async function judge(stage: Checkable, repo: string, sha: string): Promise<Pick<MainCommit, 'isGreen' | 'said'>> {
  const folder = await mkdtemp(join(stage.folder, 'checked-'));
  const archive = join(folder, 'files.tar');
  await run('git', ['-C', stage.github.gitFolder(repo), 'archive', '--format=tar', `--output=${archive}`, sha]);
  await run('tar', ['-xf', archive, '-C', folder]);
  return run('sh', ['./check.sh'], { cwd: folder }).then(
    ({ stdout }) => ({ isGreen: true, said: stdout.trim() }),
    (failure: { readonly stdout?: string }) => ({ isGreen: false, said: (failure.stdout ?? '').trim() }),
  );
}

/** Everything that `main` ever was, oldest first: its first-parent line, each commit checked once more. */
export async function historyOfMain(stage: Checkable, repo: string): Promise<readonly MainCommit[]> {
  const folder = stage.github.gitFolder(repo);
  const { stdout } = await run('git', ['-C', folder, 'log', '--first-parent', '--reverse', '--format=%H %s', 'main']);
  const history: MainCommit[] = [];
  for (const line of stdout.trim().split('\n')) {
    const [sha = '', ...subject] = line.split(' ');
    history.push({ sha, subject: subject.join(' '), ...(await judge(stage, repo, sha)) });
  }
  return history;
}

export function historyLine({ sha, subject, isGreen, said }: MainCommit): string {
  return `${isGreen ? '✔' : '✖'} ${sha.slice(0, 8)} ${subject} (${said})`;
}
