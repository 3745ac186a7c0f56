import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { createGitHelper, type GitHelper } from '../../../src/adapters/git/git-helper.ts';
import { type GitRun, runHere } from '../../../src/adapters/git/run-git.ts';

let helper: GitHelper;
afterEach(() => helper.close());

const path = process.env.PATH ?? '';

function gitRun(args: readonly string[], more: Partial<GitRun> = {}): GitRun {
  const env = { PATH: path, GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null' };
  return { folder: tmpdir(), args, env, timeoutMs: 20_000, maxOutputBytes: 2 ** 20, ...more };
}

/** Tells the process id of whoever starts it, and stays until it is ended. */
const tellParent = (more: string): GitRun => gitRun(['-c', `alias.x=!${more}`, 'x']);

describe('git that another process starts', () => {
  it.each([
    ['with what it prints', gitRun(['--version'])],
    ['with what it is given', gitRun(['hash-object', '--stdin'], { input: 'words\n' })],
    ['with bytes that are no text', gitRun(['stripspace'], { input: Buffer.from([0xff, 0xfe, 10]) })],
    ['with what it complains of', gitRun(['no-such-verb'])],
    ['with what it sees', gitRun(['var', 'GIT_AUTHOR_IDENT'], { env: { PATH: path, GIT_AUTHOR_DATE: '1 +0000' } })],
    ['cut where it prints too much', gitRun(['-c', 'alias.x=!yes', 'x'], { maxOutputBytes: 100 })],
  ])('ends as it does here, %s', async (_how, run) => {
    helper = createGitHelper();
    expect(await helper.run(run)).toEqual(await runHere(run));
  });

  it('says so where it cannot be started', async () => {
    helper = createGitHelper();
    const nowhere = gitRun(['--version'], { env: { PATH: '/nonexistent' } });
    await expect(helper.run(nowhere)).rejects.toThrow('cannot start git --version');
  });

  it('is ended when it takes too long, and when nobody wants it any more', async () => {
    helper = createGitHelper();
    expect(await helper.run({ ...tellParent('sleep 600'), timeoutMs: 100 })).toMatchObject({ ended: 'too-late' });
    const ending = new AbortController();
    const running = helper.run(tellParent('sleep 600'), ending.signal);
    ending.abort();
    expect(await running).toMatchObject({ ended: 'cancelled' });
  });

  it('runs many at once, each told its own end', async () => {
    helper = createGitHelper();
    const texts = Array.from({ length: 40 }, (_, index) => `line ${index}\n`);
    const ends = await Promise.all(texts.map((input) => helper.run(gitRun(['stripspace'], { input }))));
    expect(ends.map(({ stdout }) => stdout.toString())).toEqual(texts);
  });

  it('is told lost where that process is killed, and the next is started by another', async () => {
    helper = createGitHelper();
    // The shell that git starts is beneath git, which is beneath the helper.
    const script = 'echo $(cut -d" " -f4 /proc/$PPID/stat)';
    const parent = Number((await helper.run(tellParent(script))).stdout);
    expect(await readFile(`/proc/${parent}/cmdline`, 'utf8')).toContain('git-helper-process.ts');
    const lost = helper.run(tellParent('sleep 1'));
    process.kill(parent, 'SIGKILL');
    await expect(lost).rejects.toThrow('the process that starts git ended: SIGKILL');
    expect(await helper.run(gitRun(['--version']))).toMatchObject({ code: 0 });
  });

  it('is a group of its own, so that Ctrl-C does not reach it', async () => {
    helper = createGitHelper();
    const script = 'echo $(cut -d" " -f4 /proc/$PPID/stat)';
    const parent = Number((await helper.run(tellParent(script))).stdout);
    const group = (await readFile(`/proc/${parent}/stat`, 'utf8')).replace(/^.*\) /, '').split(' ')[2];
    expect(Number(group)).toBe(parent);
  });

  it('keeps nobody from ending who closes it while git runs', async () => {
    helper = createGitHelper();
    const folder = await mkdtemp(join(tmpdir(), 'sluice-helper-'));
    const url = pathToFileURL(`${import.meta.dirname}/../../../src/adapters/git/git-helper.ts`);
    const program = `
      import { createGitHelper } from ${JSON.stringify(url)};
      const helper = createGitHelper();
      const running = helper.run(${JSON.stringify(tellParent(`echo $$ > ${folder}/pid; exec sleep 600`))});
      helper.close();
      await running.catch(({ message }) => console.log(message));`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program], {
      timeout: 10_000,
    });
    expect(stdout).toBe('the process that starts git ended: it was closed\n');
    const pid = () => readFile(join(folder, 'pid'), 'utf8').then(Number);
    await expect.poll(pid, { timeout: 10_000 }).toBeGreaterThan(1);
    process.kill(await pid(), 'SIGKILL');
    await rm(folder, { recursive: true });
  });

  it('keeps nobody from ending, and does not stay behind', async () => {
    helper = createGitHelper();
    const url = pathToFileURL(`${import.meta.dirname}/../../../src/adapters/git/git-helper.ts`);
    const program = `
      import { createGitHelper } from ${JSON.stringify(url)};
      const run = { ...${JSON.stringify(tellParent('echo $(cut -d" " -f4 /proc/$PPID/stat)'))} };
      console.log((await createGitHelper().run(run)).stdout.toString().trim());`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program]);
    const left = Number(stdout);
    for (let tries = 0; tries < 100 && (await isThere(left)); tries += 1) await sleep(50);
    expect(await isThere(left)).toBe(false);
  });
});

function isThere(pid: number): Promise<boolean> {
  return readFile(`/proc/${pid}/cmdline`, 'utf8').then(
    (line) => line.includes('git-helper-process.ts'),
    () => false,
  );
}
