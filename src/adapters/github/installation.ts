import type { Project } from '../../model/project.ts';
import type { GitHubApp } from './app.ts';

/** The installation through which the App sees a repository: since when (ms), and whether its account is an organisation. */
export async function readInstallation(app: GitHubApp, project: Pick<Project, 'installation'>) {
  const client = await app.asApp();
  const { data } = await client.rest.apps.getInstallation({ installation_id: project.installation });
  return { createdAt: Date.parse(data.created_at), isOrganization: data.target_type === 'Organization' };
}
