import type { Annotation, CheckRun, CheckSuite } from '../check-model.ts';
import { nodeId } from '../ids.ts';
import { appOf, gitFolder, pullsOf } from '../lookup.ts';
import { readCommit } from '../objects.ts';
import type { CommitStatus, Repository, World } from '../world.ts';
import { userViewOf } from './accounts.ts';
import { appView } from './apps.ts';
import { simpleCommitView } from './commits.ts';
import { minimalPullView } from './pulls.ts';
import { minimalRepositoryView } from './repositories.ts';
import { isoTime, isoTimeOrNull, repositoryApi, repositoryPage } from './urls.ts';

// Forks are not looked at: the checks of a fork's pull request name no pull request (docs: check_suite event).
function pullsAt(world: World, repo: Repository, sha: string) {
  return pullsOf(repo)
    .filter(({ state, pull }) => state === 'open' && pull.headSha === sha && pull.headRepositoryId === repo.id)
    .map((issue) => minimalPullView(world, repo, issue));
}

/** GitHub's `check-run`. */
export function checkRunView(world: World, repo: Repository, run: CheckRun) {
  const url = `${repositoryApi(world, repo)}/check-runs/${run.id}`;
  const page = `${repositoryPage(world, repo)}/runs/${run.id}`;
  return {
    id: run.id,
    name: run.name,
    node_id: nodeId('CheckRun', run.id),
    head_sha: run.headSha,
    external_id: run.externalId ?? '',
    url,
    html_url: page,
    details_url: run.detailsUrl ?? page,
    status: run.status,
    conclusion: run.conclusion,
    started_at: isoTimeOrNull(run.startedAt),
    completed_at: isoTimeOrNull(run.completedAt),
    output: {
      title: run.title,
      summary: run.summary,
      text: run.text,
      annotations_count: run.annotations.length,
      annotations_url: `${url}/annotations`,
    },
    check_suite: { id: run.suiteId },
    app: appView(world, appOf(world, run.appId)),
    pull_requests: pullsAt(world, repo, run.headSha),
  };
}

export function runsOf(world: World, suite: CheckSuite): CheckRun[] {
  return [...world.checkRuns.values()].filter((run) => run.suiteId === suite.id);
}

/** GitHub's `check-suite`. */
export async function checkSuiteView(world: World, repo: Repository, suite: CheckSuite) {
  const url = `${repositoryApi(world, repo)}/check-suites/${suite.id}`;
  const names = new Set(runsOf(world, suite).map((run) => run.name));
  return {
    id: suite.id,
    node_id: nodeId('CheckSuite', suite.id),
    head_branch: suite.headBranch,
    head_sha: suite.headSha,
    status: suite.status,
    conclusion: suite.conclusion,
    url,
    before: suite.before,
    after: suite.headSha,
    pull_requests: pullsAt(world, repo, suite.headSha),
    app: appView(world, appOf(world, suite.appId)),
    repository: minimalRepositoryView(world, repo),
    created_at: isoTime(suite.createdAt),
    updated_at: isoTime(suite.updatedAt),
    rerequestable: true,
    runs_rerequestable: true,
    latest_check_runs_count: names.size,
    check_runs_url: `${url}/check-runs`,
    head_commit: simpleCommitView(await readCommit(gitFolder(world, repo), suite.headSha)),
  };
}

/** GitHub's `check-annotation`. */
export function annotationView(world: World, repo: Repository, run: CheckRun, annotation: Annotation) {
  return {
    path: annotation.path,
    blob_href: `${repositoryPage(world, repo)}/blob/${run.headSha}/${annotation.path}`,
    start_line: annotation.start_line,
    start_column: annotation.start_column ?? null,
    end_line: annotation.end_line,
    end_column: annotation.end_column ?? null,
    annotation_level: annotation.annotation_level,
    title: annotation.title ?? null,
    message: annotation.message,
    raw_details: annotation.raw_details ?? null,
  };
}

/** GitHub's `simple-commit-status`; with `creator` it is a `status`. */
export function statusView(world: World, repo: Repository, status: CommitStatus) {
  const creator = userViewOf(world, status.creatorId);
  return {
    url: `${repositoryApi(world, repo)}/statuses/${status.sha}`,
    avatar_url: creator?.avatar_url ?? null,
    id: status.id,
    node_id: nodeId('Status', status.id),
    state: status.state,
    description: status.description,
    target_url: status.targetUrl,
    context: status.context,
    created_at: isoTime(status.at),
    updated_at: isoTime(status.at),
    creator,
  };
}
