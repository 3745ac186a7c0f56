import { created, noContent, notFound, ok, page, pageOf, refuse, unprocessable } from '../answers.ts';
import { type Answer, actingAccount, type Call, type RepositoryHandler, textField } from '../call.ts';
import { diffFiles } from '../diff.ts';
import { editPull, reopenPull } from '../edit-pull.ts';
import { withRepository } from '../locks.ts';
import { accountOf, findRepository, gitFolder, mayAtLeast, type PullIssue, pullOf, pullsOf } from '../lookup.ts';
import { type MergeMethod, mergeInto, mergePull } from '../merge.ts';
import { mergeBase, readCommits, refTarget } from '../objects.ts';
import { askMergeability, closePull, openPull } from '../pulls.ts';
import { inRepository, type Routes } from '../route.ts';
import { commitView, fileView } from '../views/commits.ts';
import { pullView, simplePullView } from '../views/pulls.ts';
import type { Account, Repository } from '../world.ts';
import { sorted } from './sorting.ts';

const read = ['pull_requests:read'];
const write = ['pull_requests:write'];

export const pullRoutes: Routes = {
  'pulls/list': inRepository(read, 'read', listPulls),
  'pulls/create': inRepository(write, 'read', createPull),
  'pulls/get': inRepository(
    read,
    'read',
    withPull((call, repo, issue) =>
      withRepository(call.world, repo, async () => {
        await askMergeability(call.world, repo, issue);
        return ok(await pullView(call.world, repo, issue));
      }),
    ),
  ),
  'pulls/update': inRepository(write, 'read', withPull(updatePull)),
  'pulls/list-files': inRepository(read, 'read', withPull(listFiles)),
  'pulls/list-commits': inRepository(
    read,
    'read',
    withPull(async (call, repo, issue) => {
      const range = [issue.pull.headSha, `^${issue.pull.baseSha}`, '--'];
      // At most 250 commits (GH-OA, pulls/list-commits).
      const commits = await readCommits(gitFolder(call.world, repo), ['--reverse', ...range]);
      return page(call, commits.slice(0, 250), (commit) => commitView(call.world, repo, commit));
    }),
  ),
  'pulls/merge': inRepository(['contents:write'], 'write', withPull(merge)),
  'pulls/check-if-merged': inRepository(
    ['contents:read'],
    'read',
    withPull((_call, _repo, { pull }) => (pull.merged ? noContent() : notFound())),
  ),
  'pulls/update-branch': inRepository(write, 'write', withPull(updateBranch)),
};

/** For a pull request of the repository; 404 for any other number. */
export function withPull(
  handle: (call: Call, repo: Repository, issue: PullIssue) => Answer | Promise<Answer>,
): RepositoryHandler {
  return (call, repo) => {
    const issue = pullOf(repo, Number(call.params.pull_number));
    return issue ? handle(call, repo, issue) : notFound();
  };
}

function listPulls(call: Call, repo: Repository): Promise<Answer> {
  const { query, world } = call;
  const state = query.get('state') ?? 'open';
  const [owner, ref] = (query.get('head') ?? '').split(':');
  const base = query.get('base');
  const all = pullsOf(repo)
    .filter((issue) => state === 'all' || issue.state === state)
    .filter(({ pull }) => ref === undefined || (pull.headOwner === owner && pull.headRef === ref))
    .filter(({ pull }) => base === null || pull.baseRef === base);
  const usual = ['updated', 'popularity', 'long-running'].includes(query.get('sort') ?? '') ? 'asc' : 'desc';
  return page(call, sorted(call, all, usual), (issue) => simplePullView(world, repo, issue));
}

async function createPull(call: Call, repo: Repository): Promise<Answer> {
  const { world } = call;
  const by = actingAccount(call);
  const from = headOf(call, repo);
  if (!from) return unprocessable('Validation Failed', [{ resource: 'PullRequest', field: 'head', code: 'invalid' }]);
  const opened = await withRepository(world, repo, () =>
    openPull(world, repo, {
      title: textField(call, 'title') ?? '',
      body: textField(call, 'body'),
      from: from.repo,
      headRef: from.ref,
      baseRef: textField(call, 'base') ?? '',
      draft: call.body.draft === true,
      by,
    }),
  );
  if (opened.kind === 'refused') return unprocessable('Validation Failed', opened.errors);
  return created(await pullView(world, repo, opened.issue));
}

// `branch`, or `owner:branch` for a fork of this repository (GH-OA, pulls/create).
function headOf({ world, body }: Call, repo: Repository): { repo: Repository; ref: string } | null {
  const [first = '', second] = String(body.head).split(':');
  if (second === undefined) return { repo, ref: first };
  const inNetwork = [...world.repositories.values()].find(
    (other) =>
      accountOf(world, other.ownerId).login.toLowerCase() === first.toLowerCase() &&
      (other.id === repo.id || other.parentId === repo.id),
  );
  const named = typeof body.head_repo === 'string' ? findRepository(world, body.head_repo) : inNetwork;
  return named ? { repo: named, ref: second } : null;
}

async function updatePull(call: Call, repo: Repository, issue: PullIssue): Promise<Answer> {
  const by = actingAccount(call);
  if (!mayChange(call, repo, issue, by)) return refuse(403, 'Must be the author or have write rights to Repository.');
  return withRepository(call.world, repo, async () => {
    const edit = { title: call.body.title, body: call.body.body, base: call.body.base };
    const edited = await editPull(call.world, repo, issue, edit as Record<string, string | undefined>, by);
    if (edited.kind === 'refused') return unprocessable('Validation Failed', edited.errors);
    const state = textField(call, 'state');
    if (state === 'closed') await closePull(call.world, repo, issue, by);
    const reopened = state === 'open' ? await reopenPull(call.world, repo, issue, by) : null;
    if (reopened?.kind === 'refused') {
      const error = { resource: 'PullRequest', code: 'custom', field: 'state', message: reopened.because };
      return unprocessable('Validation Failed', [error]);
    }
    return ok(await pullView(call.world, repo, issue));
  });
}

function mayChange(call: Call, repo: Repository, issue: PullIssue, by: Account): boolean {
  return call.actor.kind === 'installation' || issue.authorId === by.id || mayAtLeast(call.world, repo, by, 'write');
}

// At most 3,000 files (GH-OA, pulls/list-files).
async function listFiles(call: Call, repo: Repository, issue: PullIssue): Promise<Answer> {
  const folder = gitFolder(call.world, repo);
  const tip = await refTarget(folder, `refs/heads/${issue.pull.baseRef}`);
  const { headSha, baseSha, merged } = issue.pull;
  const from = await mergeBase(folder, merged || !tip ? baseSha : tip, headSha);
  const files = (await diffFiles(folder, from, headSha)).slice(0, 3000);
  return pageOf(call, files, async (slice) => slice.map((file) => fileView(call.world, repo, headSha, file)));
}

function merge(call: Call, repo: Repository, issue: PullIssue): Promise<Answer> {
  return withRepository(call.world, repo, async () => {
    const outcome = await mergePull(call.world, repo, issue, {
      by: actingAccount(call),
      method: (textField(call, 'merge_method') ?? 'merge') as MergeMethod,
      sha: textField(call, 'sha') ?? undefined,
      title: textField(call, 'commit_title') ?? undefined,
      message: textField(call, 'commit_message') ?? undefined,
    });
    if (outcome.kind === 'refused') return refuse(outcome.status, outcome.message);
    return ok({ sha: outcome.sha, merged: true, message: 'Pull Request successfully merged' });
  });
}

async function updateBranch(call: Call, repo: Repository, issue: PullIssue): Promise<Answer> {
  const { world } = call;
  const { headSha, headRef, baseRef, headRepositoryId } = issue.pull;
  const expected = textField(call, 'expected_head_sha');
  if (expected !== null && expected !== headSha) {
    return unprocessable("expected head sha didn't match current head ref.");
  }
  if (headRepositoryId !== repo.id) return refuse(501, 'The stand-in updates only branches of the repository itself.');
  const by = actingAccount(call);
  const outcome = await withRepository(world, repo, async () => {
    const head = await refTarget(gitFolder(world, repo), `refs/heads/${baseRef}`);
    const message = `Merge branch '${baseRef}' into ${headRef}`;
    return mergeInto(world, repo, { base: headRef, head: head ?? '', message, by });
  });
  if (outcome.kind === 'conflict') return unprocessable('merge conflict between base and head');
  if (outcome.kind === 'held') return unprocessable(outcome.says);
  return { status: 202, body: { message: 'Updating pull request branch.', url: `${call.address}` } };
}
