import { nodeId } from '../ids.ts';
import { accountOf, gitFolder, isPull } from '../lookup.ts';
import { readCommits } from '../objects.ts';
import type { Issue, IssueEvent, Repository, World } from '../world.ts';
import { userView } from './accounts.ts';
import { gitCommitView } from './commits.ts';
import { commentsOn, commentView } from './issues.ts';
import { reviewView } from './reviews.ts';
import { isoTime, repositoryApi } from './urls.ts';

/** GitHub's `issue-event-for-issue`. */
export function issueEventView(world: World, repo: Repository, event: IssueEvent) {
  return {
    id: event.id,
    node_id: nodeId('IssueEvent', event.id),
    url: `${repositoryApi(world, repo)}/issues/events/${event.id}`,
    actor: userView(world, accountOf(world, event.actorId)),
    event: event.event,
    commit_id: null,
    commit_url: null,
    created_at: isoTime(event.at),
    performed_via_github_app: null,
    ...event.detail,
  };
}

/** GitHub's `timeline-issue-events`: commits first, then what happened, by time. */
export async function timeline(world: World, repo: Repository, issue: Issue) {
  const events = issue.events.map((event) => ({ at: event.at, line: issueEventView(world, repo, event) }));
  const comments = commentsOn(world, repo, issue.number).map((comment) => {
    const view = commentView(world, repo, comment);
    return { at: comment.createdAt, line: { event: 'commented', actor: view.user, ...view } };
  });
  const dated = [...events, ...comments, ...reviewLines(world, repo, issue)].toSorted((a, b) => a.at - b.at);
  return [...(await commitLines(world, repo, issue)), ...dated.map(({ line }) => line)];
}

function reviewLines(world: World, repo: Repository, issue: Issue) {
  if (!isPull(issue)) return [];
  return issue.pull.reviews.map((review) => ({
    at: review.submittedAt,
    line: { event: 'reviewed', ...reviewView(world, repo, issue, review), state: review.state.toLowerCase() },
  }));
}

async function commitLines(world: World, repo: Repository, issue: Issue) {
  if (!isPull(issue)) return [];
  const range = [issue.pull.headSha, `^${issue.pull.baseSha}`, '--'];
  const commits = await readCommits(gitFolder(world, repo), ['--reverse', ...range]);
  return commits.map((commit) => ({ event: 'committed', ...gitCommitView(world, repo, commit) }));
}
