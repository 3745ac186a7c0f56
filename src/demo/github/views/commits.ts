import type { FileDiff } from '../diff.ts';
import { nodeId } from '../ids.ts';
import type { Commit, Signature } from '../objects.ts';
import type { Account, Repository, World } from '../world.ts';
import { userView } from './accounts.ts';
import { isoTime, repositoryApi, repositoryPage } from './urls.ts';

const unsigned = { verified: false, reason: 'unsigned', signature: null, payload: null, verified_at: null };

function signatureView({ name, email, date }: Signature) {
  return { name, email, date: isoTime(Date.parse(date)) };
}

function accountByEmail(world: World, email: string): Account | undefined {
  return [...world.accounts.values()].find((account) => account.email === email);
}

function authorView(world: World, signature: Signature) {
  const account = accountByEmail(world, signature.email);
  return account ? userView(world, account) : null;
}

/** GitHub's `commit` without its files. */
export function commitView(world: World, repo: Repository, commit: Commit) {
  const api = repositoryApi(world, repo);
  const page = repositoryPage(world, repo);
  return {
    sha: commit.sha,
    node_id: nodeId('Commit', commit.sha),
    commit: {
      author: signatureView(commit.author),
      committer: signatureView(commit.committer),
      message: commit.message,
      tree: { sha: commit.tree, url: `${api}/git/trees/${commit.tree}` },
      url: `${api}/git/commits/${commit.sha}`,
      comment_count: 0,
      verification: unsigned,
    },
    url: `${api}/commits/${commit.sha}`,
    html_url: `${page}/commit/${commit.sha}`,
    comments_url: `${api}/commits/${commit.sha}/comments`,
    author: authorView(world, commit.author),
    committer: authorView(world, commit.committer),
    parents: commit.parents.map((sha) => ({
      sha,
      url: `${api}/commits/${sha}`,
      html_url: `${page}/commit/${sha}`,
    })),
  };
}

/** GitHub's `git-commit`. */
export function gitCommitView(world: World, repo: Repository, commit: Commit) {
  const { commit: inner, sha, node_id, html_url, parents } = commitView(world, repo, commit);
  const { author, committer, message, tree, url, verification } = inner;
  const gitUrl = (parent: string): string => `${repositoryApi(world, repo)}/git/commits/${parent}`;
  const gitParents = parents.map((parent) => ({ ...parent, url: gitUrl(parent.sha) }));
  return { sha, node_id, url, html_url, author, committer, message, tree, parents: gitParents, verification };
}

/** GitHub's `simple-commit`, as check suites carry it. */
export function simpleCommitView(commit: Commit) {
  const who = ({ name, email }: Signature) => ({ name, email });
  return {
    id: commit.sha,
    tree_id: commit.tree,
    message: commit.message,
    timestamp: isoTime(Date.parse(commit.committer.date)),
    author: who(commit.author),
    committer: who(commit.committer),
  };
}

/** GitHub's `diff-entry`; `head` is the commit whose side the links show. */
export function fileView(world: World, repo: Repository, head: string, file: FileDiff) {
  const path = file.path.split('/').map(encodeURIComponent).join('/');
  const page = repositoryPage(world, repo);
  return {
    sha: file.blob,
    filename: file.path,
    status: file.status,
    additions: file.additions,
    deletions: file.deletions,
    changes: file.additions + file.deletions,
    blob_url: `${page}/blob/${head}/${path}`,
    raw_url: `${page}/raw/${head}/${path}`,
    contents_url: `${repositoryApi(world, repo)}/contents/${path}?ref=${head}`,
    ...(file.patch !== null && { patch: file.patch }),
    ...(file.previousPath !== null && { previous_filename: file.previousPath }),
  };
}

/** A commit as push webhooks carry it. */
export function pushedCommitView(
  world: World,
  repo: Repository,
  commit: Commit,
  touched: { readonly added: string[]; readonly removed: string[]; readonly modified: string[] },
) {
  const who = ({ name, email, date }: Signature) => {
    const account = accountByEmail(world, email);
    return { name, email, date: isoTime(Date.parse(date)), ...(account && { username: account.login }) };
  };
  return {
    id: commit.sha,
    tree_id: commit.tree,
    distinct: true,
    message: commit.message,
    timestamp: commit.committer.date,
    url: `${repositoryPage(world, repo)}/commit/${commit.sha}`,
    author: who(commit.author),
    committer: who(commit.committer),
    ...touched,
  };
}
