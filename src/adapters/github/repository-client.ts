import type { Project } from '../../model/project.ts';
import type { GitHubApp } from './app.ts';
import type { Client } from './octokit.ts';

/** A client that may do no more than our daily work in this one repository. */
export function repositoryClient(app: GitHubApp, project: Project): Client {
  return app.as({ kind: 'work', installation: project.installation, repository: project.id });
}

/** How REST names the repository in a path. */
export function pathOf(project: Project): { readonly owner: string; readonly repo: string } {
  return { owner: project.owner, repo: project.name };
}
