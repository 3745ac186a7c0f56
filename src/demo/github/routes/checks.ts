import { created, notFound, ok, page, refuse, unprocessable } from '../answers.ts';
import { type Answer, actingAccount, type Call, textField } from '../call.ts';
import type { CheckRun, CheckSuite } from '../check-model.ts';
import { changeCheckRun, createCheckRun, type RunFields } from '../check-writes.ts';
import { latestByName, tellCheckRun, tellSuite } from '../checks.ts';
import { gitFolder } from '../lookup.ts';
import { objectType, resolveCommit } from '../objects.ts';
import { inRepository, type Routes } from '../route.ts';
import { annotationView, checkRunView, checkSuiteView, runsOf } from '../views/checks.ts';
import type { Repository } from '../world.ts';

export const checkRoutes: Routes = {
  'checks/create': inRepository(['checks:write'], 'nobody', createRun),
  'checks/update': inRepository(['checks:write'], 'nobody', updateRun),
  'checks/get': inRepository(['checks:read'], 'read', (call, repo) => {
    const run = runNamed(call, repo);
    return run ? ok(checkRunView(call.world, repo, run)) : notFound();
  }),
  'checks/list-annotations': inRepository(['checks:read'], 'read', (call, repo) => {
    const run = runNamed(call, repo);
    if (!run) return notFound();
    return page(call, run.annotations, (annotation) => annotationView(call.world, repo, run, annotation));
  }),
  'checks/rerequest-run': inRepository(['checks:write'], 'write', async (call, repo) => {
    const run = runNamed(call, repo);
    if (!run) return notFound();
    await tellCheckRun(call.world, repo, run, 'rerequested', actingAccount(call));
    return created({});
  }),
  'checks/get-suite': inRepository(['checks:read'], 'read', async (call, repo) => {
    const suite = suiteNamed(call, repo);
    return suite ? ok(await checkSuiteView(call.world, repo, suite)) : notFound();
  }),
  'checks/list-for-suite': inRepository(['checks:read'], 'read', (call, repo) => {
    const suite = suiteNamed(call, repo);
    return suite ? listRuns(call, repo, runsOf(call.world, suite)) : notFound();
  }),
  'checks/rerequest-suite': inRepository(['checks:write'], 'write', async (call, repo) => {
    const suite = suiteNamed(call, repo);
    if (!suite) return notFound();
    await tellSuite(call.world, repo, suite, 'rerequested', actingAccount(call));
    return created({});
  }),
  'checks/list-for-ref': inRepository(['checks:read'], 'read', async (call, repo) => {
    const sha = await commitOfRef(call, repo);
    if (!sha) return noCommit(call.params.ref ?? '');
    const runs = [...call.world.checkRuns.values()];
    return listRuns(
      call,
      repo,
      runs.filter((run) => run.repositoryId === repo.id && run.headSha === sha),
    );
  }),
  'checks/list-suites-for-ref': inRepository(['checks:read'], 'read', listSuites),
};

async function createRun(call: Call, repo: Repository): Promise<Answer> {
  const { world, actor, body } = call;
  if (actor.kind !== 'installation') return refuse(403, 'You must authenticate via a GitHub App.');
  const headSha = textField(call, 'head_sha') ?? '';
  if ((await objectType(gitFolder(world, repo), headSha)) !== 'commit') return noCommit(headSha);
  const run = await createCheckRun(world, repo, { app: actor.app, bot: actor.bot, headSha }, body as RunFields);
  return created(checkRunView(world, repo, run));
}

async function updateRun(call: Call, repo: Repository): Promise<Answer> {
  const { world, actor, body } = call;
  const run = runNamed(call, repo);
  if (!run) return notFound();
  if (actor.kind !== 'installation' || actor.app.id !== run.appId)
    return refuse(403, 'Invalid app_id `" "` - check run can only be modified by the GitHub App that created it.');
  await changeCheckRun(world, repo, { run, bot: actor.bot }, body as RunFields);
  return ok(checkRunView(world, repo, run));
}

function noCommit(sha: string): Answer {
  return unprocessable(`No commit found for SHA: ${sha}`);
}

async function commitOfRef(call: Call, repo: Repository): Promise<string | null> {
  return resolveCommit(gitFolder(call.world, repo), call.params.ref ?? '');
}

function runNamed(call: Call, repo: Repository): CheckRun | undefined {
  const run = call.world.checkRuns.get(Number(call.params.check_run_id));
  return run?.repositoryId === repo.id ? run : undefined;
}

function suiteNamed(call: Call, repo: Repository): CheckSuite | undefined {
  const suite = call.world.suites.get(Number(call.params.check_suite_id));
  return suite?.repositoryId === repo.id ? suite : undefined;
}

// Newest first; `filter=latest` (the default) shows one of each name and App.
function listRuns(call: Call, repo: Repository, all: readonly CheckRun[]): Promise<Answer> {
  const { query } = call;
  const name = query.get('check_name');
  const status = query.get('status');
  const app = query.get('app_id');
  const chosen = (query.get('filter') === 'all' ? [...all] : latestByName(all))
    .filter((run) => name === null || run.name === name)
    .filter((run) => status === null || run.status === status)
    .filter((run) => app === null || run.appId === Number(app))
    .toSorted((a, b) => b.id - a.id);
  return page(
    call,
    chosen,
    (run) => checkRunView(call.world, repo, run),
    (check_runs, total_count) => ({ total_count, check_runs }),
  );
}

async function listSuites(call: Call, repo: Repository): Promise<Answer> {
  const { world, query } = call;
  const sha = await commitOfRef(call, repo);
  if (!sha) return noCommit(call.params.ref ?? '');
  const app = query.get('app_id');
  const name = query.get('check_name');
  const suites = [...world.suites.values()]
    .filter((suite) => suite.repositoryId === repo.id && suite.headSha === sha)
    .filter((suite) => app === null || suite.appId === Number(app))
    .filter((suite) => name === null || runsOf(world, suite).some((run) => run.name === name));
  return page(
    call,
    suites,
    (suite) => checkSuiteView(world, repo, suite),
    (check_suites, total_count) => ({ total_count, check_suites }),
  );
}
