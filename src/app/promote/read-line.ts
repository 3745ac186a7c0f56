import { type LinePlace, placeInLine } from '../../core/promote/branch-line.ts';
import type { Project } from '../../model/project.ts';
import type { AppContext } from '../context.ts';
import { branchConfig } from '../gate/branch-settings.ts';
import type { ConfigReader } from '../read-config.ts';

/**
 * The line of release branches of a project, as the file of its default branch says: one file for all of its branches, which
 * would otherwise not agree on who comes last. Null: it cannot be read now.
 */
export async function readLine(
  { ports }: AppContext,
  config: ConfigReader,
  project: Project,
): Promise<((branch: string) => LinePlace | null) | null> {
  const branch = project.defaultBranch;
  try {
    const { tip } = await ports.landing.read(project, branch);
    const file = await branchConfig(config, ports.landing, { project }, tip);
    if (file === null) return null;
    const patterns = file === 'none' ? [] : (file.version?.releaseBranches ?? []);
    return (name) => placeInLine(patterns, name);
  } catch (err) {
    ports.log.warn({ repository: project.id, err }, 'the line of release branches could not be read');
    return null;
  }
}
