import type { LocalClone } from './adapters/git/local-clone.ts';
import { readPush } from './adapters/git/read-push.ts';
import type { PlanDecision } from './cli/deps.ts';
import { resolveVersion } from './config/resolve/resolve-version.ts';
import { readVersion } from './core/version/read-version.ts';
import { configAt } from './local-tree.ts';
import { type ConfigState, configFile, type ProjectConfig } from './model/config.ts';
import type { Project } from './model/project.ts';
import type { Sha } from './model/sha.ts';
import type { VersionSettings } from './model/version-settings.ts';

/** What a commit's own file says; `because`: why nothing can be planned with it. */
export type ConfigHere =
  | { readonly kind: 'usable'; readonly config: ProjectConfig }
  | { readonly kind: 'refused'; readonly because: string };

function readable(state: ConfigState): ConfigHere {
  if (state.kind === 'valid') return { kind: 'usable', config: state.config };
  if (state.kind === 'unreadable') return { kind: 'refused', because: state.because };
  const [first] = state.problems;
  const where = first === undefined ? '' : ` (line ${first.line}: ${first.message})`;
  return { kind: 'refused', because: `${configFile} is not valid${where}: "sluice check" says more` };
}

export async function configHere(clone: LocalClone, project: Project, at: Sha): Promise<ConfigHere> {
  return readable(await configAt(clone.source, project, at));
}

/** What is said where a file is refused: no job of it is known. */
export function refusal(because: string): PlanDecision {
  return { pipeline: 'postsubmit', job: 'sluice', decision: 'refuse', reason: because, images: [] };
}

/** `version:` as the file has it; without one the usual where a VERSION with a version stands at the commit, else null. */
export async function versionsAt(clone: LocalClone, config: ProjectConfig, at: Sha): Promise<VersionSettings | null> {
  if (config.version !== null) return config.version;
  const usual = resolveVersion({});
  const path = usual.components[0]?.file ?? 'VERSION';
  const { file } = await readPush(clone.objects, at, at, path);
  return readVersion(file, usual.scheme).kind === 'version' ? usual : null;
}
