import type { Conclusion } from '../check-model.ts';
import { changeCheckRun, createCheckRun } from '../check-writes.ts';
import { accountNamed, accountOf, appOf, repositoryNamed } from '../lookup.ts';
import { addStatus } from '../statuses.ts';
import type { CommitStatus, World } from '../world.ts';

export interface CheckWish {
  readonly repo: string;
  /** Any App: it need not be installed. */
  readonly app: number;
  readonly sha: string;
  readonly name: string;
  /** Absent: the run goes on. */
  readonly conclusion?: Conclusion;
  readonly title?: string;
  readonly summary?: string;
  /** What the App calls it; left out: nothing, or what it called it before. */
  readonly externalId?: string;
}

export interface StatusWish {
  readonly repo: string;
  readonly by: string;
  readonly sha: string;
  readonly context: string;
  readonly state: CommitStatus['state'];
  readonly description?: string;
}

/** What other Apps and people say of a commit. */
export function checkVerbs(world: World) {
  return {
    /** Goes on with this App's run of the name while that is not completed, else begins another; gives its id. */
    async reportCheck({ repo: name, app: appId, sha, ...wish }: CheckWish): Promise<number> {
      const repo = repositoryNamed(world, name);
      const app = appOf(world, appId);
      const bot = accountOf(world, app.botId);
      const { title = wish.name, summary = '', conclusion, externalId } = wish;
      const named = { output: { title, summary }, ...(externalId !== undefined && { external_id: externalId }) };
      const fields = conclusion ? { conclusion, ...named } : { status: 'in_progress' as const, ...named };
      const open = [...world.checkRuns.values()].find(
        (run) =>
          run.repositoryId === repo.id &&
          run.appId === appId &&
          run.headSha === sha &&
          run.name === wish.name &&
          run.status !== 'completed',
      );
      if (!open)
        return (await createCheckRun(world, repo, { app, bot, headSha: sha }, { name: wish.name, ...fields })).id;
      await changeCheckRun(world, repo, { run: open, bot }, fields);
      return open.id;
    },
    async commitStatus({ repo: name, by, ...wish }: StatusWish): Promise<void> {
      const repo = repositoryNamed(world, name);
      const status = { targetUrl: null, ...wish, description: wish.description ?? null };
      await addStatus(world, repo, status, accountNamed(world, by));
    },
  };
}
