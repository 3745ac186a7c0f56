import type { ProjectConfig } from '../../model/config.ts';
import type { GateSettings } from '../../model/gate-settings.ts';
import type { QueueBranch } from '../../model/queue.ts';
import type { Sha } from '../../model/sha.ts';
import type { Landing } from '../../ports/landing.ts';
import type { ConfigReader } from '../read-config.ts';

/** Far enough for a branch whose file was broken lately; what is older is no longer what people expect. */
const mostLooks = 50;

/**
 * The branch's own file; where that is invalid, the last valid one on its first-parent line. `none`: there never was a valid
 * one. Null: it could not be read, or none of the last 50 is valid.
 */
export async function branchConfig(
  reader: ConfigReader,
  landing: Pick<Landing, 'firstParents'>,
  { project }: Pick<QueueBranch, 'project'>,
  tip: Sha | null,
): Promise<ProjectConfig | 'none' | null> {
  if (tip === null) return null;
  const newest = await reader.configAt(project, tip);
  if (newest.kind === 'valid') return newest.config;
  if (newest.kind !== 'invalid') return null;
  const before = await landing.firstParents(project, tip, mostLooks);
  for (const at of before) {
    const config = await reader.configAt(project, at);
    if (config.kind === 'valid') return config.config;
    if (config.kind !== 'invalid') return null;
  }
  return before.length < mostLooks ? 'none' : null;
}

/**
 * The gate's settings of a branch by its own file, so that a change can repair it (gate.md §2). Where there never was a valid
 * one, what a project without a file has. Null: it could not be read.
 */
export async function branchSettings(
  reader: ConfigReader,
  landing: Pick<Landing, 'firstParents'>,
  branch: QueueBranch,
  tip: Sha | null,
): Promise<GateSettings | null> {
  const config = await branchConfig(reader, landing, branch, tip);
  return config === 'none' ? reader.defaults(branch.project) : (config?.gate ?? null);
}
