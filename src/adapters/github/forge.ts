import type { Forge } from '../../ports/forge.ts';
import type { GitHubApp } from './app.ts';
import { listCheckRuns, toObserved } from './check-runs.ts';
import { readComments } from './comments.ts';
import { readForcedAt } from './force-pushes.ts';
import { isOneOf } from './initiators.ts';
import { readInstallation } from './installation.ts';
import { createProjects } from './projects.ts';
import { listOpenPullRequests, pullRequestNumbersAt, readPullRequest } from './pull-requests.ts';
import { addReaction, hasOwnReaction } from './reactions.ts';
import { writeReply } from './reply.ts';
import { readRights } from './rights.ts';

/** GitHub as a Forge. */
export function createForge(app: GitHubApp): Forge {
  return {
    ...createProjects(app),
    installedAt: async (project) => (await readInstallation(app, project)).createdAt,
    pullRequest: (project, number) => readPullRequest(app, project, number),
    openPullRequests: (project) => listOpenPullRequests(app, project),
    pullRequestsAt: (project, head) => pullRequestNumbersAt(app, project, head),
    comments: (project, number, since) => readComments(app, project, number, since),
    forcedAt: (project, number) => readForcedAt(app, project, number),
    rights: (project, person) => readRights(app, project, person),
    isOneOf: (project, person, names) => isOneOf(app, project, person, names),
    checkRuns: async (project, commit) => (await listCheckRuns(app, project, commit)).map(toObserved),
    react: (project, number, comment, reaction) => addReaction(app, project, number, comment, reaction),
    hasReacted: (project, number, comment) => hasOwnReaction(app, project, number, comment),
    reply: (project, number, to, text) => writeReply(app, project, number, to, text),
    checkoutToken: (project) =>
      app.mint({ kind: 'checkout', installation: project.installation, repository: project.id }),
  };
}
