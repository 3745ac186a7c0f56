import type { Project } from '../../model/project.ts';
import type { GitHubApp } from './app.ts';
import { statusOf } from './call-failure.ts';
import type { Client } from './octokit.ts';
import { valueAt } from './read-payload.ts';
import { pathOf } from './repository-client.ts';

/** What a label looks like that we make; one that is there is left as its owners want it. */
const look = { color: '5319e7', description: 'Read and written by the merge gate' };

/** Puts a label on a pull request, or takes it off; made first where the repository has none of that name. */
export async function setLabel(
  app: GitHubApp,
  project: Project,
  number: number,
  label: string,
  present: boolean,
): Promise<void> {
  const client = app.as({ kind: 'sort', installation: project.installation, repository: project.id });
  const which = { ...pathOf(project), issue_number: number };
  if (!present) return removeLabel(client, { ...which, name: label });
  await ensureLabel(client, project, label);
  await client.rest.issues.addLabels({ ...which, labels: [label] });
}

async function removeLabel(
  client: Client,
  which: { readonly owner: string; readonly repo: string; readonly issue_number: number; readonly name: string },
): Promise<void> {
  try {
    await client.rest.issues.removeLabel(which);
  } catch (error) {
    // The pull request itself may be what is not there.
    const isOff = statusOf(error) === 404 && error instanceof Error && /^Label does not exist/.test(error.message);
    if (!isOff) throw error;
  }
}

/** Names of labels differ whatever their case. */
async function ensureLabel(client: Client, project: Project, label: string): Promise<void> {
  const listed = await client.paginate(client.rest.issues.listLabelsForRepo, { ...pathOf(project), per_page: 100 });
  if (listed.some(({ name }) => name.toLowerCase() === label.toLowerCase())) return;
  try {
    await client.rest.issues.createLabel({ ...pathOf(project), name: label, ...look });
  } catch (error) {
    if (!isThereAlready(error)) throw error;
  }
}

function isThereAlready(error: unknown): boolean {
  const errors = valueAt(error, 'response', 'data', 'errors');
  return Array.isArray(errors) && errors.some((each) => valueAt(each, 'code') === 'already_exists');
}
