import type { CheckRun, CheckSuite, Conclusion } from './check-model.ts';
import { happen } from './events.ts';
import { accountOf, appOf, installationsFor } from './lookup.ts';
import { checkRunView, checkSuiteView, runsOf } from './views/checks.ts';
import type { Account, Repository, World } from './world.ts';

/** Which push made a suite; all null for one made by a check run. */
export interface SuiteOrigin {
  readonly branch: string | null;
  readonly before: string | null;
}

/** The one suite of an App for a commit; made if there is none. */
export function ensureSuite(
  world: World,
  repo: Repository,
  appId: number,
  headSha: string,
  origin: SuiteOrigin,
): { suite: CheckSuite; isNew: boolean } {
  const known = [...world.suites.values()].find(
    (suite) => suite.repositoryId === repo.id && suite.appId === appId && suite.headSha === headSha,
  );
  if (known) return { suite: known, isNew: false };
  const at = world.now();
  const suite: CheckSuite = {
    id: world.ids.next(),
    appId,
    repositoryId: repo.id,
    headSha,
    headBranch: origin.branch,
    before: origin.before,
    status: 'queued',
    conclusion: null,
    createdAt: at,
    updatedAt: at,
  };
  world.suites.set(suite.id, suite);
  return { suite, isNew: true };
}

/** A push to a branch asks every App that may write checks for its suite. */
export async function requestSuites(
  world: World,
  repo: Repository,
  push: { readonly sha: string; readonly branch: string; readonly before: string | null; readonly by: Account },
): Promise<void> {
  for (const installation of installationsFor(world, repo)) {
    const app = appOf(world, installation.appId);
    if (app.permissions.checks !== 'write' || installation.suspendedAt !== null) continue;
    const { suite, isNew } = ensureSuite(world, repo, app.id, push.sha, push);
    if (isNew) await tellSuite(world, repo, suite, 'requested', push.by);
  }
}

export async function tellSuite(
  world: World,
  repo: Repository,
  suite: CheckSuite,
  action: 'requested' | 'rerequested' | 'completed',
  sender: Account,
): Promise<void> {
  const body = { check_suite: await suitePayload(world, repo, suite) };
  const onlyApp = action === 'completed' ? {} : { onlyApp: suite.appId };
  happen(world, { event: 'check_suite', action, sender, repository: repo, body, ...onlyApp });
}

// In webhooks a suite carries its App whole and no repository of its own.
async function suitePayload(world: World, repo: Repository, suite: CheckSuite) {
  const { repository: _, ...view } = await checkSuiteView(world, repo, suite);
  return view;
}

export type CheckRunNews = 'created' | 'completed' | 'rerequested' | { readonly requestedAction: string };

export async function tellCheckRun(
  world: World,
  repo: Repository,
  run: CheckRun,
  news: CheckRunNews,
  sender: Account,
): Promise<void> {
  const suite = world.suites.get(run.suiteId);
  if (!suite) throw new Error(`check run ${run.id} has no suite`);
  const action = typeof news === 'string' ? news : 'requested_action';
  const payload = { ...checkRunView(world, repo, run), check_suite: await suitePayload(world, repo, suite) };
  const body = {
    check_run: payload,
    ...(typeof news === 'object' && { requested_action: { identifier: news.requestedAction } }),
  };
  const owning = action === 'created' || action === 'completed' ? {} : { onlyApp: run.appId };
  happen(world, { event: 'check_run', action, sender, repository: repo, body, ...owning });
}

/** Brings a suite up to date with its runs, and says so when the last one has completed. */
export async function refreshSuite(world: World, repo: Repository, suite: CheckSuite): Promise<void> {
  const runs = latestByName(runsOf(world, suite));
  const wasCompleted = suite.status === 'completed';
  suite.updatedAt = world.now();
  suite.conclusion = null;
  if (runs.some((run) => run.status !== 'completed')) {
    suite.status = runs.some((run) => run.status !== 'queued') ? 'in_progress' : 'queued';
    return;
  }
  suite.status = 'completed';
  suite.conclusion = foldConclusions(runs.map((run) => run.conclusion ?? 'neutral'));
  const bot = accountOf(world, appOf(world, suite.appId).botId);
  if (!wasCompleted) await tellSuite(world, repo, suite, 'completed', bot);
}

const worstFirst: readonly Conclusion[] = ['failure', 'timed_out', 'action_required', 'cancelled', 'stale', 'success'];

function foldConclusions(conclusions: readonly Conclusion[]): Conclusion {
  return worstFirst.find((conclusion) => conclusions.includes(conclusion)) ?? conclusions[0] ?? 'neutral';
}

/** The newest run of each name, in the order of their first appearance. */
export function latestByName(runs: readonly CheckRun[]): CheckRun[] {
  return [...new Map(runs.map((run) => [`${run.appId}/${run.name}`, run])).values()];
}

/** More than 1,000 runs of one name in a suite: the oldest are deleted (GH-OA, checks/create). */
export function dropExcessRuns(world: World, run: CheckRun): void {
  const suite = world.suites.get(run.suiteId);
  const same = suite ? runsOf(world, suite).filter((other) => other.name === run.name) : [];
  for (const old of same.slice(0, Math.max(0, same.length - 1000))) world.checkRuns.delete(old.id);
}
