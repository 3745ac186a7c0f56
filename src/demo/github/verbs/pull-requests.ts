import { editPull, reopenPull, setAutoMerge, setDraft } from '../edit-pull.ts';
import { putLabel, takeLabel } from '../labels.ts';
import { withRepository } from '../locks.ts';
import { accountNamed, fullName, type PullIssue, pullNamed, repositoryNamed } from '../lookup.ts';
import { type MergeMethod, type MergeOutcome, mergePull } from '../merge.ts';
import type { FileChanges } from '../objects.ts';
import { closePull, openPull } from '../pulls.ts';
import type { Account, Repository, World } from '../world.ts';
import { pushFiles } from './pushes.ts';

export interface PullWish {
  readonly repo: string;
  readonly by: string;
  /** Made from the base if it is not there; a new name if absent. */
  readonly branch?: string;
  /** Full name of the fork that the branch is in; the repository itself if absent. */
  readonly fork?: string;
  /** One commit on the branch; null content deletes. Absent: the branch is taken as it is. */
  readonly files?: FileChanges;
  readonly title?: string;
  readonly body?: string;
  readonly draft?: boolean;
  readonly base?: string;
  readonly message?: string;
}

/** Pull requests, as people open, change, label and merge them. */
export function pullRequestVerbs(world: World) {
  const change = <T>(
    name: string,
    number: number,
    login: string,
    act: (repo: Repository, issue: PullIssue, by: Account) => Promise<T>,
  ): Promise<T> => {
    const repo = repositoryNamed(world, name);
    return withRepository(world, repo, () => act(repo, pullNamed(repo, number), accountNamed(world, login)));
  };
  const edit = async (name: string, n: number, by: string, fields: Parameters<typeof editPull>[3]): Promise<void> => {
    const outcome = await change(name, n, by, (repo, issue, who) => editPull(world, repo, issue, fields, who));
    if (outcome.kind === 'refused') throw new Error(`cannot edit #${n}: ${JSON.stringify(outcome.errors)}`);
  };
  return {
    openPullRequest: (wish: PullWish) => open(world, wish),
    closePullRequest: (name: string, n: number, by: string): Promise<void> =>
      change(name, n, by, (repo, issue, who) => closePull(world, repo, issue, who)),
    async reopen(name: string, n: number, by: string): Promise<void> {
      const outcome = await change(name, n, by, (repo, issue, who) => reopenPull(world, repo, issue, who));
      if (outcome.kind === 'refused') throw new Error(`cannot reopen #${n}: ${outcome.because}`);
    },
    convertToDraft: (name: string, n: number, by: string): Promise<void> =>
      change(name, n, by, (repo, issue, who) => setDraft(world, repo, issue, true, who)),
    readyForReview: (name: string, n: number, by: string): Promise<void> =>
      change(name, n, by, (repo, issue, who) => setDraft(world, repo, issue, false, who)),
    enableAutoMerge: (name: string, n: number, by: string, method: MergeMethod = 'merge'): Promise<void> =>
      change(name, n, by, (repo, issue, who) => setAutoMerge(world, repo, issue, method, who)),
    disableAutoMerge: (name: string, n: number, by: string): Promise<void> =>
      change(name, n, by, (repo, issue, who) => setAutoMerge(world, repo, issue, null, who)),
    retarget: (name: string, n: number, base: string, by: string): Promise<void> => edit(name, n, by, { base }),
    editTitle: (name: string, n: number, title: string, by: string): Promise<void> => edit(name, n, by, { title }),
    editBody: (name: string, n: number, body: string, by: string): Promise<void> => edit(name, n, by, { body }),
    label: (name: string, n: number, label: string, by: string): Promise<void> =>
      change(name, n, by, (repo, issue, who) => putLabel(world, repo, issue, label, who)),
    async unlabel(name: string, n: number, label: string, by: string): Promise<void> {
      await change(name, n, by, (repo, issue, who) => takeLabel(world, repo, issue, label, who));
    },
    /** The next `count` merges by the button or endpoint get a tree that is not the merge's. */
    async miscomputeMerges(name: string, count = 1): Promise<void> {
      world.miscomputed.set(repositoryNamed(world, name).id, count);
    },
    pressMerge: (
      name: string,
      n: number,
      by: string,
      { method = 'merge', sha }: { readonly method?: MergeMethod; readonly sha?: string } = {},
    ): Promise<MergeOutcome> =>
      change(name, n, by, (repo, issue, who) => mergePull(world, repo, issue, { by: who, method, sha })),
  };
}

async function open(world: World, wish: PullWish) {
  const repo = repositoryNamed(world, wish.repo);
  const from = repositoryNamed(world, wish.fork ?? wish.repo);
  const base = wish.base ?? repo.defaultBranch;
  const branch = wish.branch ?? `${wish.by}-${repo.nextNumber}`;
  const { by, files, message } = wish;
  if (files) await pushFiles(world, { repo: fullName(world, from), by, branch, files, ...(message && { message }) });
  const opened = await withRepository(world, repo, () =>
    openPull(world, repo, {
      title: wish.title ?? message ?? `Change ${Object.keys(files ?? {}).join(', ')}`,
      body: wish.body ?? null,
      from,
      headRef: branch,
      baseRef: base,
      draft: wish.draft ?? false,
      by: accountNamed(world, by),
    }),
  );
  if (opened.kind === 'refused') throw new Error(`cannot open it: ${JSON.stringify(opened.errors)}`);
  const { id, number, pull } = opened.issue;
  const { headSha, baseSha } = pull;
  const url = `${world.url}/${fullName(world, repo)}/pull/${number}`;
  return { id, number, headSha, baseSha, branch, headRepo: fullName(world, from), url };
}
