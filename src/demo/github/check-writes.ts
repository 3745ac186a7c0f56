import type { Annotation, CheckRun, Conclusion } from './check-model.ts';
import { dropExcessRuns, ensureSuite, refreshSuite, tellCheckRun } from './checks.ts';
import type { Account, App, Repository, World } from './world.ts';

/** The fields of a check run as REST takes them. */
export interface RunFields {
  readonly name?: string;
  readonly external_id?: string;
  readonly details_url?: string;
  readonly status?: CheckRun['status'];
  readonly conclusion?: Conclusion;
  readonly started_at?: string;
  readonly completed_at?: string;
  readonly output?: {
    readonly title?: string;
    readonly summary?: string;
    readonly text?: string;
    readonly annotations?: readonly Annotation[];
  };
  readonly actions?: CheckRun['actions'];
}

/** Makes a check run of an App on a commit that is there, and tells it. */
export async function createCheckRun(
  world: World,
  repo: Repository,
  { app, bot, headSha }: { readonly app: App; readonly bot: Account; readonly headSha: string },
  fields: RunFields,
): Promise<CheckRun> {
  const { suite } = ensureSuite(world, repo, app.id, headSha, { branch: null, before: null });
  const run: CheckRun = {
    id: world.ids.next(),
    suiteId: suite.id,
    appId: app.id,
    repositoryId: repo.id,
    headSha,
    name: '',
    externalId: null,
    detailsUrl: null,
    status: 'queued',
    conclusion: null,
    startedAt: world.now(),
    completedAt: null,
    title: null,
    summary: null,
    text: null,
    annotations: [],
    actions: [],
  };
  change(world, run, fields);
  world.checkRuns.set(run.id, run);
  dropExcessRuns(world, run);
  await tellCheckRun(world, repo, run, 'created', bot);
  if (run.status === 'completed') await tellCheckRun(world, repo, run, 'completed', bot);
  await refreshSuite(world, repo, suite);
  return run;
}

/** Changes a check run, and tells it once it is completed. */
export async function changeCheckRun(
  world: World,
  repo: Repository,
  { run, bot }: { readonly run: CheckRun; readonly bot: Account },
  fields: RunFields,
): Promise<void> {
  const wasCompleted = run.status === 'completed';
  change(world, run, fields);
  if (run.status === 'completed' && !wasCompleted) await tellCheckRun(world, repo, run, 'completed', bot);
  const suite = world.suites.get(run.suiteId);
  if (suite) await refreshSuite(world, repo, suite);
}

// A conclusion completes the run; completing it without a time takes the present one (GH-OA, checks/create).
function change(world: World, run: CheckRun, fields: RunFields): void {
  run.name = fields.name ?? run.name;
  run.externalId = fields.external_id ?? run.externalId;
  run.detailsUrl = fields.details_url ?? run.detailsUrl;
  run.actions = fields.actions ?? run.actions;
  if (fields.started_at) run.startedAt = Date.parse(fields.started_at);
  const status = fields.conclusion ? 'completed' : (fields.status ?? run.status);
  run.status = status;
  run.conclusion = status === 'completed' ? (fields.conclusion ?? run.conclusion) : null;
  if (status === 'completed') {
    run.completedAt = fields.completed_at ? Date.parse(fields.completed_at) : (run.completedAt ?? world.now());
  } else run.completedAt = null;
  if (fields.output) writeOutput(run, fields.output);
}

function writeOutput(run: CheckRun, output: NonNullable<RunFields['output']>): void {
  run.title = output.title ?? run.title;
  run.summary = output.summary ?? run.summary;
  run.text = output.text ?? run.text;
  run.annotations.push(...(output.annotations ?? []));
}
