import type { Review } from '../../model/gate-view.ts';
import type { Permission } from '../../model/person.ts';
import type { Project } from '../../model/project.ts';
import { isSha, type Sha, toSha } from '../../model/sha.ts';
import type { GitHubApp } from './app.ts';
import type { Client } from './octokit.ts';
import { personFrom } from './people.ts';
import { pathOf } from './repository-client.ts';
import { readPermissionOnly } from './rights.ts';

type Decision = Omit<Review, 'permission'>;

const states: Readonly<Record<string, Review['state']>> = {
  APPROVED: 'approved',
  CHANGES_REQUESTED: 'changes-requested',
  DISMISSED: 'dismissed',
};

/** A commit that no head can be: GitHub no longer knows which one was reviewed. */
const noCommit = toSha('0'.repeat(40));

/**
 * What each person last decided, with what they may do now; a comment takes nothing back. All pages or a throw, but a
 * permission that cannot be read is null.
 */
export async function readReviews(
  app: GitHubApp,
  client: Client,
  project: Project,
  number: number,
): Promise<readonly Review[]> {
  const which = { ...pathOf(project), pull_number: number, per_page: 100 };
  const listed = await client.paginate(client.rest.pulls.listReviews, which);
  const latest = new Map<number, Decision>();
  // A review may be begun before another and submitted after it; one that is dismissed stays where it was.
  for (const decision of listed.flatMap((review) => toDecision(review) ?? [])) {
    const before = latest.get(decision.by.id);
    if (before === undefined || decision.at >= before.at) latest.set(decision.by.id, decision);
  }
  const permissionOf = (decision: Decision): Promise<Permission | null> =>
    readPermissionOnly(app, client, project, decision.by);
  return Promise.all(
    [...latest.values()].map(async (decision) => ({ ...decision, permission: await permissionOf(decision) })),
  );
}

function toDecision(review: {
  readonly user: { readonly id: number; readonly login: string; readonly type?: string } | null;
  readonly state: string;
  readonly commit_id: string | null;
  readonly submitted_at?: string;
}): Decision | null {
  const state = Object.hasOwn(states, review.state) ? states[review.state] : undefined;
  if (state === undefined) return null;
  return {
    by: personFrom(review.user),
    state,
    commit: commitOf(review.commit_id),
    at: review.submitted_at === undefined ? 0 : Date.parse(review.submitted_at),
  };
}

function commitOf(id: string | null): Sha {
  return id !== null && isSha(id) ? id : noCommit;
}
