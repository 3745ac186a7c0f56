import type { CheckStatus, Conclusion, ObservedCheckRun } from '../../model/check-run.ts';
import type { Project } from '../../model/project.ts';
import { type Sha, toSha } from '../../model/sha.ts';
import type { GitHubApp } from './app.ts';
import { pathOf, repositoryClient } from './repository-client.ts';

/** A check run as REST shows it, with what is read of it. */
export interface RestCheckRun {
  readonly id: number;
  readonly name: string;
  readonly head_sha: string;
  readonly external_id: string | null;
  readonly status: string;
  readonly conclusion: string | null;
  readonly output: {
    readonly title: string | null;
    readonly summary: string | null;
    readonly text: string | null;
    readonly annotations_count: number;
  };
  readonly started_at: string | null;
  readonly completed_at: string | null;
  readonly app: { readonly id: number } | null;
}

/** The words of a completed check run that we know. */
export const conclusions: readonly string[] = [
  'success',
  'failure',
  'neutral',
  'cancelled',
  'skipped',
  'timed_out',
  'action_required',
] satisfies Conclusion[];

/** Those of our App on a commit, re-runs included, every page or a throw. */
export async function listCheckRuns(
  app: GitHubApp,
  project: Project,
  commit: Sha,
  name?: string,
): Promise<readonly RestCheckRun[]> {
  const client = repositoryClient(app, project);
  const which = { ...pathOf(project), ref: commit, app_id: app.appId, filter: 'all', per_page: 100 } as const;
  const listed = await client.paginate(client.rest.checks.listForRef, {
    ...which,
    ...(name !== undefined && { check_name: name }),
  });
  return listed.filter((run) => run.app?.id === app.appId && run.head_sha === commit);
}

export function toObserved(run: RestCheckRun): ObservedCheckRun {
  return {
    id: run.id,
    name: run.name,
    commit: toSha(run.head_sha),
    externalId: run.external_id ?? '',
    state: stateOf(run),
    title: run.output.title ?? '',
    summary: run.output.summary ?? '',
    text: run.output.text ?? '',
    startedAt: timeOf(run.started_at),
    completedAt: timeOf(run.completed_at),
  };
}

/** `stale` (unfinished for 14 days, ended by the forge) counts as cancelled; what waits in any way is queued. */
function stateOf(run: RestCheckRun): CheckStatus {
  if (run.status === 'completed') {
    const conclusion = run.conclusion !== null && conclusions.includes(run.conclusion) ? run.conclusion : 'cancelled';
    return { status: 'completed', conclusion: conclusion as Conclusion };
  }
  return { status: run.status === 'in_progress' ? 'in_progress' : 'queued' };
}

function timeOf(text: string | null): number | null {
  return text === null ? null : Date.parse(text);
}
