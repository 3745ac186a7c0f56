import type { Project } from '../../model/project.ts';
import type { GitHubApp } from './app.ts';
import { documents } from './documents.ts';
import { repositoryClient } from './repository-client.ts';

interface Answer {
  readonly repository: {
    readonly pullRequest: {
      readonly timelineItems: { readonly nodes: readonly ({ readonly createdAt?: string } | null)[] | null };
    } | null;
  } | null;
}

/** When the head of a pull request was last forced, ms, by the whole second; null: never. A throw where GitHub does not say. */
export async function readForcedAt(app: GitHubApp, project: Project, number: number): Promise<number | null> {
  const variables = { owner: project.owner, name: project.name, number };
  const client = repositoryClient(app, project);
  const request = { request: { repeatable: true } };
  const answer: Answer = await client.graphql<Answer>(documents.ForcePushes, { ...variables, ...request });
  const found = answer.repository?.pullRequest;
  if (!found) throw new Error(`no pull request ${number} in ${project.owner}/${project.name}`);
  const at = found.timelineItems.nodes?.at(-1)?.createdAt;
  return at === undefined ? null : Date.parse(at);
}
