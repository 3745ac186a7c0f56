import type { Project } from '../../model/project.ts';
import { documents } from './documents.ts';
import type { Client } from './octokit.ts';
import type { Writer } from './people.ts';

/** A review, or the pull request's own text. */
export interface WrittenText {
  readonly author: Writer | null;
  readonly body: string;
  readonly createdAt: string;
  readonly lastEditedAt: string | null;
}

export interface ReviewText extends WrittenText {
  /** Node id, for reactions. */
  readonly id: string;
  readonly fullDatabaseId: string | null;
  readonly submittedAt: string | null;
  readonly reactionGroups: readonly { readonly content: string; readonly viewerHasReacted: boolean }[] | null;
}

export interface PullRequestTexts {
  readonly own: WrittenText;
  readonly reviews: readonly ReviewText[];
}

interface Answer {
  readonly repository: {
    readonly pullRequest:
      | (WrittenText & {
          readonly reviews: {
            readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
            readonly nodes: readonly (ReviewText | null)[] | null;
          };
        })
      | null;
  } | null;
}

/** All pages or a throw; GitHub answers with an error when the pull request is not there. */
export async function readTexts(client: Client, project: Project, number: number): Promise<PullRequestTexts> {
  const reviews: ReviewText[] = [];
  let after: string | null = null;
  for (;;) {
    const variables = { owner: project.owner, name: project.name, number, after };
    const request = { request: { repeatable: true } };
    const answer: Answer = await client.graphql<Answer>(documents.PullRequestTexts, { ...variables, ...request });
    const found = answer.repository?.pullRequest;
    if (!found) throw new Error(`no pull request ${number} in ${project.owner}/${project.name}`);
    reviews.push(...(found.reviews.nodes ?? []).filter((review) => review !== null));
    const { hasNextPage, endCursor } = found.reviews.pageInfo;
    if (!hasNextPage) return { own: found, reviews };
    after = endCursor;
  }
}
