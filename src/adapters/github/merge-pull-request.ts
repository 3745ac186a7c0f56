import type { Project } from '../../model/project.ts';
import type { LandingMethod } from '../../model/queue.ts';
import { isSha, type Sha } from '../../model/sha.ts';
import type { MergeEndpointOutcome } from '../../ports/gate-forge.ts';
import type { GitHubApp } from './app.ts';
import { judgeFailure } from './call-failure.ts';
import { pathOf } from './repository-client.ts';

export interface MergeWish {
  readonly number: number;
  readonly head: Sha;
  readonly method: LandingMethod;
  /** The whole message; a rebase has none, its commits keep their own. */
  readonly message: string;
}

/**
 * Presses the merge button once. A limit that was met, or a lost answer, is `unknown`: nothing is sent again. Only what GitHub
 * refused for want of the permission to change workflows is asked for once more, with that.
 */
export async function mergePullRequest(
  app: GitHubApp,
  project: Project,
  wish: MergeWish,
): Promise<MergeEndpointOutcome> {
  const outcome = await press(app, project, wish, false);
  const isForWorkflows = outcome.kind === 'refused' && /without `workflows` permission/.test(outcome.because);
  return isForWorkflows ? press(app, project, wish, true) : outcome;
}

async function press(
  app: GitHubApp,
  project: Project,
  wish: MergeWish,
  workflows: boolean,
): Promise<MergeEndpointOutcome> {
  const client = app.as({ kind: 'merge', installation: project.installation, repository: project.id, workflows });
  const { number, head, method } = wish;
  try {
    const { data } = await client.rest.pulls.merge({
      ...pathOf(project),
      pull_number: number,
      sha: head,
      merge_method: method,
      ...(method !== 'rebase' && titleAndBody(wish.message)),
      request: { retries: 0 },
    });
    if (data.merged && isSha(data.sha)) return { kind: 'merged', commit: data.sha };
    return { kind: 'unknown', because: `GitHub answered: ${data.message}` };
  } catch (error) {
    const failure = judgeFailure(error, app.clock.now());
    if (failure.kind === 'refused') return { kind: isMoved(failure) ? 'moved' : 'refused', because: failure.because };
    const because = failure.kind === 'limited' ? 'GitHub takes no more calls for now' : failure.because;
    return { kind: 'unknown', because };
  }
}

/** 409 speaks of the head; that the base moved is one of many meanings of 405 and told apart by GitHub's words. */
function isMoved({ status, because }: { readonly status: number; readonly because: string }): boolean {
  return status === 409 || (status === 405 && /^Base branch was modified/.test(because));
}

function titleAndBody(message: string): { readonly commit_title: string; readonly commit_message: string } {
  const [title = '', ...lines] = message.split('\n');
  return { commit_title: title, commit_message: lines.join('\n').trim() };
}
