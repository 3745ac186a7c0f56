import { latestByName } from '../checks.ts';
import { accountOf, fullName, pullNamed, pullsOf, repositoryNamed } from '../lookup.ts';
import { commentsOn } from '../views/issues.ts';
import { isoTime } from '../views/urls.ts';
import type { World } from '../world.ts';

/** What people see: nothing here changes anything. */
export function sightVerbs(world: World) {
  return {
    async pullRequest(name: string, n: number) {
      const { number, title, body, state, labels, pull } = pullNamed(repositoryNamed(world, name), n);
      const { draft, headSha, baseRef, merged } = pull;
      const mergeCommitSha = merged?.sha ?? null;
      return {
        number,
        title,
        body,
        state,
        draft,
        headSha,
        baseRef,
        labels: [...labels],
        merged: merged !== null,
        mergeCommitSha,
      };
    },
    /** Those that are no pull requests, oldest first. */
    async issues(name: string) {
      const issues = [...repositoryNamed(world, name).issues.values()].filter(({ pull }) => pull === null);
      return issues.map(({ number, title, body, state, authorId }) => ({
        number,
        title,
        body: body ?? '',
        state,
        author: accountOf(world, authorId).login,
      }));
    },
    async openPullRequests(name: string): Promise<number[]> {
      return pullsOf(repositoryNamed(world, name))
        .filter(({ state }) => state === 'open')
        .map(({ number }) => number);
    },
    /** The latest per App and name, in the order of their first appearance. */
    async checkRuns(name: string, sha: string) {
      const repo = repositoryNamed(world, name);
      const all = [...world.checkRuns.values()].filter((run) => run.repositoryId === repo.id && run.headSha === sha);
      return latestByName(all).map((run) => ({
        id: run.id,
        name: run.name,
        appId: run.appId,
        suiteId: run.suiteId,
        status: run.status,
        conclusion: run.conclusion,
        title: run.title,
        summary: run.summary,
        text: run.text,
        annotations: [...run.annotations],
        actions: [...run.actions],
        externalId: run.externalId,
        detailsUrl: run.detailsUrl,
      }));
    },
    async comments(name: string, n: number) {
      const repo = repositoryNamed(world, name);
      return commentsOn(world, repo, n).map((comment) => ({
        id: comment.id,
        author: accountOf(world, comment.authorId).login,
        body: comment.body,
        createdAt: isoTime(comment.createdAt),
        reactions: comment.reactions.map(({ content }) => content),
      }));
    },
    async repositories(): Promise<string[]> {
      return [...world.repositories.values()].map((repo) => fullName(world, repo));
    },
  };
}
