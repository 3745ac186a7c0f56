import type { GateView } from '../../model/gate-view.ts';
import type { Project } from '../../model/project.ts';
import { isSha, toSha } from '../../model/sha.ts';
import type { GitHubApp } from './app.ts';
import { statusOf } from './call-failure.ts';
import { listHeadChecks, listHeadStatuses } from './head-checks.ts';
import type { Client } from './octokit.ts';
import { readFacts } from './pull-request-facts.ts';
import { toPullRequest } from './pull-requests.ts';
import { pathOf } from './repository-client.ts';
import { readReviews } from './reviews.ts';

/**
 * Everything that the gate judges of a pull request, with a token that only reads; null when it is not there. Throws when a
 * page is missing, or when the head moved meanwhile: then no two parts need to speak of the same change.
 */
export async function readGateView(app: GitHubApp, project: Project, number: number): Promise<GateView | null> {
  const client = app.as({ kind: 'judge', installation: project.installation, repository: project.id });
  const found = await readPull(client, project, number);
  if (found === null) return null;
  const pull = toPullRequest(found);
  const [reviews, runs, statuses, facts] = await Promise.all([
    readReviews(app, client, project, number),
    listHeadChecks(client, project, pull.head, app.clock.now()),
    listHeadStatuses(client, project, pull.head),
    readFacts(client, project, number),
  ]);
  if (facts.head !== pull.head) {
    throw new Error(`the head of pull request ${number} of ${project.owner}/${project.name} moved while it was read`);
  }
  return {
    pull,
    body: found.body ?? '',
    reviews,
    codeOwnersApproved: facts.reviewed,
    checks: [...runs, ...statuses],
    unresolved: facts.unresolved,
    autoMerge: found.auto_merge !== null,
    mergedAs: found.merged && isSha(found.merge_commit_sha ?? '') ? toSha(found.merge_commit_sha ?? '') : null,
    // Of a fork nobody is told who pushed, and what a commit says of itself anyone can write.
    lastPusher: null,
    signed: areSigned(facts.signatures, found.commits),
    commits: found.commits,
  };
}

/** Null: GitHub does not list all of them. */
function areSigned(signatures: readonly boolean[], commits: number): boolean | null {
  if (signatures.includes(false)) return false;
  return signatures.length === commits && commits > 0 ? true : null;
}

async function readPull(client: Client, project: Project, number: number) {
  try {
    return (await client.rest.pulls.get({ ...pathOf(project), pull_number: number })).data;
  } catch (error) {
    if (statusOf(error) === 404) return null;
    throw error;
  }
}
