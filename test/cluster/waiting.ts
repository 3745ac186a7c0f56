import type { StandInGitHub } from '../../src/demo/github/server.ts';

export type CheckRun = Awaited<ReturnType<StandInGitHub['checkRuns']>>[number];

/** Looks until there is something, two minutes at most if not said otherwise; then throws what was waited for. */
export type Until = <T>(what: string, look: () => Promise<T | undefined | false>, seconds?: number) => Promise<T>;

/** What is waited for in vain is told together with these last words of whoever was to bring it. */
export function waitUntil(lastWords: () => Promise<string>): Until {
  return async (what, look, seconds = 120) => {
    const end = Date.now() + seconds * 1000;
    for (;;) {
      const found = await look();
      if (found !== undefined && found !== false) return found;
      if (Date.now() > end) throw new Error(`waited ${seconds} s in vain: ${what}\n${await lastWords()}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  };
}

/** The check runs of this GitHub: as they are now, and once they are completed. */
export function checksOf(github: Pick<StandInGitHub, 'checkRuns'>, until: Until) {
  const check = async (repo: string, sha: string, name: string): Promise<CheckRun | undefined> =>
    (await github.checkRuns(repo, sha)).find((run) => run.name === name);
  return {
    check,
    concluded: (repo: string, sha: string, name: string, seconds = 120): Promise<CheckRun> =>
      until(
        `${name} on ${sha.slice(0, 8)} to be completed`,
        async () => {
          const run = await check(repo, sha, name);
          return run?.status === 'completed' && run;
        },
        seconds,
      ),
  };
}
