import type { Project } from '../../model/project.ts';
import type { GitHubApp } from './app.ts';

/**
 * The installation through which the App sees a repository: since when (ms), whether its account is an organisation, and
 * whether it may change the forge's own workflows.
 */
export async function readInstallation(app: GitHubApp, project: Pick<Project, 'installation'>) {
  const client = await app.asApp();
  const { data } = await client.rest.apps.getInstallation({ installation_id: project.installation });
  return {
    createdAt: Date.parse(data.created_at),
    isOrganization: data.target_type === 'Organization',
    workflows: data.permissions.workflows === 'write',
  };
}
