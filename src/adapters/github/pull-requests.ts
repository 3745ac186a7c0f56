import type { Project } from '../../model/project.ts';
import type { PullRequest } from '../../model/pull-request.ts';
import { type Sha, toSha } from '../../model/sha.ts';
import type { GitHubApp } from './app.ts';
import { statusOf } from './call-failure.ts';
import { personFrom } from './people.ts';
import { pathOf, repositoryClient } from './repository-client.ts';

/** What the list and the single answer have in common. */
interface RestPullRequest {
  readonly number: number;
  readonly title: string;
  readonly user: { readonly id: number; readonly login: string; readonly type?: string } | null;
  readonly state: string;
  readonly merged_at: string | null;
  readonly draft?: boolean;
  readonly head: { readonly sha: string; readonly ref: string };
  readonly base: { readonly ref: string };
  readonly labels: readonly { readonly name?: string }[];
  readonly created_at: string;
  readonly updated_at: string;
  readonly html_url: string;
}

export async function readPullRequest(app: GitHubApp, project: Project, number: number): Promise<PullRequest | null> {
  const client = repositoryClient(app, project);
  try {
    const { data } = await client.rest.pulls.get({ ...pathOf(project), pull_number: number });
    return toPullRequest(data);
  } catch (error) {
    if (statusOf(error) === 404) return null;
    throw error;
  }
}

/** Oldest first, so that one opened while the pages are read comes on the last of them. */
export async function listOpenPullRequests(app: GitHubApp, project: Project): Promise<readonly PullRequest[]> {
  const client = repositoryClient(app, project);
  const order = { state: 'open', sort: 'created', direction: 'asc', per_page: 100 } as const;
  const listed = await client.paginate(client.rest.pulls.list, { ...pathOf(project), ...order });
  return listed.map(toPullRequest);
}

/**
 * From the list of open ones, whose unchanged pages cost nothing: GitHub's own search by commit may leave out heads
 * that live in forks.
 */
export async function pullRequestNumbersAt(app: GitHubApp, project: Project, head: Sha): Promise<readonly number[]> {
  const open = await listOpenPullRequests(app, project);
  return open.filter((pullRequest) => pullRequest.head === head).map((pullRequest) => pullRequest.number);
}

export function toPullRequest(data: RestPullRequest): PullRequest {
  return {
    number: data.number,
    title: data.title,
    author: personFrom(data.user),
    state: data.merged_at !== null ? 'merged' : data.state === 'open' ? 'open' : 'closed',
    draft: data.draft === true,
    head: toSha(data.head.sha),
    headRef: data.head.ref,
    baseRef: data.base.ref,
    labels: data.labels.flatMap((label) => label.name ?? []),
    createdAt: Date.parse(data.created_at),
    updatedAt: Date.parse(data.updated_at),
    url: data.html_url,
  };
}
