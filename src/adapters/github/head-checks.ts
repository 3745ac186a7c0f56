import type { Conclusion } from '../../model/check-run.ts';
import type { HeadCheck } from '../../model/gate-view.ts';
import type { Project } from '../../model/project.ts';
import type { Sha } from '../../model/sha.ts';
import { conclusions } from './check-runs.ts';
import type { Client } from './octokit.ts';
import { pathOf } from './repository-client.ts';

/**
 * The latest check run of each name and App on a commit, and while that has not concluded the latest that has: in the queue
 * the last conclusion counts while a re-run is under way (gate.md §2). Every page or a throw. `now`: ms, for what the forge
 * gives no time.
 */
export async function listHeadChecks(
  client: Client,
  project: Project,
  head: Sha,
  now: number,
): Promise<readonly HeadCheck[]> {
  const which = { ...pathOf(project), ref: head, filter: 'all', per_page: 100 } as const;
  const listed = await client.paginate(client.rest.checks.listForRef, which);
  // Times are whole seconds: which of two is the later one, its id says.
  const runs = Map.groupBy(
    listed.toSorted((one, other) => other.id - one.id),
    (run) => `${run.app?.id ?? ''} ${run.name}`,
  );
  return [...runs.values()].flatMap(latestRuns).map((run) => ({
    name: run.name,
    app: run.app?.id ?? null,
    kind: 'check-run',
    conclusion: run.status === 'completed' ? conclusionOf(run.conclusion) : null,
    at: timeOf(run.completed_at ?? run.started_at, now),
    externalId: run.external_id,
  }));
}

function latestRuns<R extends { readonly status: string }>([latest, ...earlier]: readonly R[]): readonly R[] {
  if (latest === undefined || latest.status === 'completed') return latest === undefined ? [] : [latest];
  return [latest, ...earlier.filter(({ status }) => status === 'completed').slice(0, 1)];
}

/** The latest commit status of each context, every page or a throw. */
export async function listHeadStatuses(client: Client, project: Project, head: Sha): Promise<readonly HeadCheck[]> {
  const which = { ...pathOf(project), ref: head, per_page: 100 };
  const found: HeadCheck[] = [];
  for await (const { data } of client.paginate.iterator(client.rest.repos.getCombinedStatusForRef, which)) {
    // Octokit's types promise the list itself; here the answer comes as it was sent.
    const { statuses } = data as unknown as { readonly statuses: readonly RestStatus[] };
    found.push(...statuses.map(toHeadCheck));
  }
  return found;
}

interface RestStatus {
  readonly context: string;
  readonly state: string;
  readonly updated_at: string;
  readonly avatar_url: string | null;
}

function toHeadCheck({ context, state, updated_at, avatar_url }: RestStatus): HeadCheck {
  return {
    name: context,
    app: appIn(avatar_url),
    kind: 'status',
    conclusion: state === 'success' ? 'success' : state === 'failure' || state === 'error' ? 'failure' : null,
    at: Date.parse(updated_at),
  };
}

/**
 * The combined answer names no creator; the picture's address is the forge's own and holds an App's id (`/in/2740`) or an
 * account's (`/u/1`). One that is not understood is nobody's App, which satisfies no rule that asks for one.
 */
function appIn(avatarUrl: string | null): number | null {
  if (avatarUrl === null || !URL.canParse(avatarUrl)) return null;
  const digits = /^(?:\/avatars)?\/in\/([1-9]\d{0,14})$/.exec(new URL(avatarUrl).pathname)?.[1];
  return digits === undefined ? null : Number(digits);
}

/** A word that is not known is no conclusion. */
function conclusionOf(word: string | null): Conclusion | 'stale' | null {
  return word !== null && (conclusions.includes(word) || word === 'stale') ? (word as Conclusion | 'stale') : null;
}

function timeOf(text: string | null, now: number): number {
  return text === null ? now : Date.parse(text);
}
