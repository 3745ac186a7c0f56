import type { Project } from '../../model/project.ts';
import { type Sha, toSha } from '../../model/sha.ts';
import { documents } from './documents.ts';
import type { Client } from './octokit.ts';

/** What GraphQL says of a pull request, and REST does not. */
export interface PullRequestFacts {
  readonly head: Sha;
  /** Whether GitHub finds every required review there, code owners' included; null where it does not say. */
  readonly reviewed: boolean | null;
  readonly unresolved: number;
  /** For each listed commit, whether its signature was verified; GitHub lists 250 at most. */
  readonly signatures: readonly boolean[];
}

interface Page<T> {
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  readonly nodes: readonly (T | null)[] | null;
}

interface PullRequestPage {
  readonly headRefOid: string;
  readonly reviewDecision: string | null;
  readonly reviewThreads: Page<{ readonly isResolved: boolean }>;
  readonly commits: Page<{ readonly commit: { readonly signature: { readonly isValid: boolean } | null } }>;
}

interface Answer {
  readonly repository: { readonly pullRequest: PullRequestPage | null } | null;
}

/** Every page or a throw; an answer of which a part is missing is a throw too. */
export async function readFacts(client: Client, project: Project, number: number): Promise<PullRequestFacts> {
  const threads = collector<{ readonly isResolved: boolean }>();
  const commits = collector<{ readonly commit: { readonly signature: { readonly isValid: boolean } | null } }>();
  for (;;) {
    const where = { owner: project.owner, name: project.name, number };
    const variables = { ...where, threads: threads.cursor(), commits: commits.cursor() };
    const request = { request: { repeatable: true } };
    const answer: Answer = await client.graphql<Answer>(documents.PullRequestFacts, { ...variables, ...request });
    const found = answer.repository?.pullRequest;
    if (!found) throw new Error(`no pull request ${number} in ${project.owner}/${project.name}`);
    const isMore = [threads.take(found.reviewThreads), commits.take(found.commits)].includes(true);
    if (isMore) continue;
    return {
      head: toSha(found.headRefOid),
      reviewed: reviewedIn(found.reviewDecision),
      unresolved: threads.items.filter(({ isResolved }) => !isResolved).length,
      signatures: commits.items.map(({ commit }) => commit.signature?.isValid === true),
    };
  }
}

/** Gathers a list that comes in pages, beside another that may have fewer: behind its last page there are no more. */
function collector<T>() {
  const items: T[] = [];
  let after: string | null = null;
  return {
    items,
    cursor: () => after,
    /** Gives whether there is more. */
    take: ({ nodes, pageInfo }: Page<T>): boolean => {
      if (!nodes?.every((node) => node !== null)) throw new Error('GitHub keeps back a part of its answer');
      items.push(...nodes);
      after = pageInfo.endCursor ?? after;
      return pageInfo.hasNextPage;
    },
  };
}

/** Requested changes say nothing of whose approval is missing. */
function reviewedIn(decision: string | null): boolean | null {
  if (decision === 'APPROVED') return true;
  return decision === 'REVIEW_REQUIRED' ? false : null;
}
