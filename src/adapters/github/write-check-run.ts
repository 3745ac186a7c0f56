import { type CheckRunReport, isFinal } from '../../model/check-run.ts';
import type { Project } from '../../model/project.ts';
import type { GitHubApp } from './app.ts';
import { judgeFailure, statusOf } from './call-failure.ts';
import { type CheckRunRequests, requestsFor, shortenedRequests } from './check-run-body.ts';
import { listCheckRuns, type RestCheckRun } from './check-runs.ts';
import { pathOf, repositoryClient } from './repository-client.ts';

export type CheckRunWriting =
  | { readonly kind: 'written'; readonly id: number }
  /** Write nothing through this installation before so many ms have passed. */
  | { readonly kind: 'limited'; readonly retryAfterMs: number }
  /** Never to be had, in GitHub's words. */
  | { readonly kind: 'refused'; readonly because: string }
  /** To be tried again, which finds by `externalId` what was written all the same. */
  | { readonly kind: 'failed'; readonly because: string };

type Existing = Pick<RestCheckRun, 'id' | 'status' | 'conclusion' | 'output'>;

/**
 * What is completed there is never reopened, and says no other thing later: whoever lost what it knew may come to another end.
 * `stale` is the forge's own word for what was never concluded.
 */
function mustStay(existing: Existing, { state }: CheckRunReport): boolean {
  if (existing.status !== 'completed' || existing.conclusion === 'stale') return false;
  return state.status !== 'completed' || state.conclusion !== existing.conclusion;
}

/** Those that show this report: more than one where a create came late, after another had been made in its place. */
async function writeAll(
  app: GitHubApp,
  project: Project,
  report: CheckRunReport,
  there: readonly Existing[],
): Promise<number> {
  const ids: number[] = [];
  for (const existing of there.length > 0 ? there : [null]) {
    const stays = existing !== null && mustStay(existing, report);
    const sent = existing?.output.annotations_count ?? 0;
    ids.push(stays ? existing.id : await writeOrShorten(app, project, report, existing, sent));
  }
  return Math.max(...ids);
}

/**
 * Makes the forge show this report. `knownId`: the check run's id where an earlier writing gave it, null to look for one
 * with the same `externalId` before a new one is made. One that ends is looked for all the same: none of that id is left open.
 * Once `signal` aborted, another writer may be at it: none is made any more. Repeating it changes nothing; what is completed there is never
 * reopened or given another conclusion (commands.md §6). Never throws.
 */
export async function writeCheckRun(
  app: GitHubApp,
  project: Project,
  report: CheckRunReport,
  knownId: number | null,
  signal?: AbortSignal,
): Promise<CheckRunWriting> {
  try {
    const there = await thereOf(app, project, report, knownId);
    // Whoever was paused meanwhile would make a second one.
    signal?.throwIfAborted();
    return { kind: 'written', id: await writeAll(app, project, report, there) };
  } catch (error) {
    const failure = judgeFailure(error, app.clock.now());
    app.log.warn({ ...aboutOf(project, report), ...failure }, 'check run not written');
    return failure.kind === 'refused' ? { kind: 'refused', because: failure.because } : failure;
  }
}

async function readKnown(app: GitHubApp, project: Project, knownId: number | null): Promise<Existing | null> {
  if (knownId === null) return null;
  try {
    const client = repositoryClient(app, project);
    return (await client.rest.checks.get({ ...pathOf(project), check_run_id: knownId })).data;
  } catch (error) {
    // Of more than a thousand of one name GitHub deletes the oldest.
    if (statusOf(error) === 404) return null;
    throw error;
  }
}

/** What is to show this report by now: what goes on, in the newest alone, which is the one that people are shown. */
async function thereOf(
  app: GitHubApp,
  project: Project,
  report: CheckRunReport,
  knownId: number | null,
): Promise<readonly Existing[]> {
  const isLast = isFinal(report);
  const known = isLast ? null : await readKnown(app, project, knownId);
  if (known) return [known];
  const found = await findByExternalId(app, project, report);
  if (!isLast) return found.slice(0, 1);
  const missed = found.some(({ id }) => id === knownId) ? null : await readKnown(app, project, knownId);
  return missed ? [missed, ...found] : found;
}

/** Newest first. */
async function findByExternalId(app: GitHubApp, project: Project, report: CheckRunReport): Promise<Existing[]> {
  const listed = await listCheckRuns(app, project, report.commit, report.name);
  return listed.filter((run) => run.external_id === report.externalId).sort((one, other) => other.id - one.id);
}

async function writeOrShorten(
  app: GitHubApp,
  project: Project,
  report: CheckRunReport,
  existing: Existing | null,
  sent: number,
): Promise<number> {
  try {
    return await send(app, project, report, existing, requestsFor(report, sent));
  } catch (error) {
    if (statusOf(error) !== 422) throw error;
    app.log.warn({ ...aboutOf(project, report), because: String(error) }, 'check run shortened');
    // A create may have been taken before a later part was not.
    const now = existing ?? (await findByExternalId(app, project, report))[0] ?? null;
    return send(app, project, report, now, shortenedRequests(report));
  }
}

async function send(
  app: GitHubApp,
  project: Project,
  report: CheckRunReport,
  existing: Existing | null,
  { first, more }: CheckRunRequests,
): Promise<number> {
  const { checks } = repositoryClient(app, project).rest;
  const path = pathOf(project);
  const { data } = existing
    ? await checks.update({ ...path, check_run_id: existing.id, ...first })
    : await checks.create({ ...path, head_sha: report.commit, ...first });
  for (const output of more) await checks.update({ ...path, check_run_id: data.id, output });
  // Whose it is and why is told by who asked for it.
  app.log.debug({ ...aboutOf(project, report), id: data.id, state: report.state }, 'check run written');
  return data.id;
}

function aboutOf(project: Project, report: CheckRunReport): object {
  return { repository: project.id, check: report.name, externalId: report.externalId };
}
