import type { Project } from '../../model/project.ts';
import type { GitHubApp } from './app.ts';
import { statusOf } from './call-failure.ts';
import { pathOf } from './repository-client.ts';

/** Closes it; one that is closed or merged already is left, whatever GitHub says to the attempt. */
export async function closePullRequest(app: GitHubApp, project: Project, number: number): Promise<void> {
  const { pulls } = app.as({ kind: 'sort', installation: project.installation, repository: project.id }).rest;
  const which = { ...pathOf(project), pull_number: number };
  try {
    await pulls.update({ ...which, state: 'closed' });
  } catch (error) {
    if (statusOf(error) !== 422) throw error;
    const { data } = await pulls.get(which);
    if (data.state !== 'closed') throw error;
  }
}
